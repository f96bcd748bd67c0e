/*
 * Is nginx there, does it run the module that is installed, and do its
 * processes keep up?
 */

#include "checks.h"

#include "dp_build_id.h"
#include "dp_id.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULE_SIZE_MAX (256 * 1024 * 1024)
#define ID_TEXT_SIZE (2 * DP_BUILD_ID_MAX + 1)
#define DRAIN_LONG_S 600

void
dp_check_nginx(const dp_patient_t *patient, dp_finding_t *finding)
{
    if (patient->status != NULL) {
        dp_finding_set(finding, DP_CHECK_OK, NULL, "nginx answers at %s",
                       patient->options->status);
    } else {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "Start nginx, with devpilot_status in a location; of "
                       "another address say --status.",
                       "no status from %s: %s", patient->options->status,
                       patient->status_fault);
    }
}

static bool
bytes_read(int fd, uint8_t *bytes, size_t size)
{
    size_t len = 0;

    while (len < size) {
        ssize_t count = read(fd, bytes + len, size - len);

        if (count <= 0 && !(count < 0 && errno == EINTR)) {
            return false;
        }

        len += count < 0 ? 0 : (size_t) count;
    }

    return true;
}

/*
 * Reads a regular file whole, for the caller to free; NULL when it cannot.  It
 * is read and not mapped, as it may be replaced meanwhile.
 */
static uint8_t *
file_read(const char *path, size_t *size)
{
    int         fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat found;
    uint8_t    *bytes = NULL;

    if (fd < 0) {
        return NULL;
    }

    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && found.st_size > 0
        && found.st_size <= MODULE_SIZE_MAX) {
        *size = (size_t) found.st_size;
        bytes = malloc(*size);
    }

    if (bytes != NULL && !bytes_read(fd, bytes, *size)) {
        free(bytes);
        bytes = NULL;
    }

    close(fd);

    return bytes;
}

/* The file's build id in hexadecimal digits; empty when it has none. */
static bool
file_id(const char *path, char text[ID_TEXT_SIZE])
{
    size_t     size = 0;
    uint8_t   *bytes = file_read(path, &size);
    dp_slice_t id;

    if (bytes == NULL) {
        return false;
    }

    id = dp_build_id_of_file(dp_slice(bytes, size));
    dp_hex_format(text, id.data, id.len);
    text[2 * id.len] = '\0';
    free(bytes);

    return true;
}

void
dp_check_module(const dp_patient_t *patient, dp_finding_t *finding)
{
    const char *path = patient->options->module;
    char        running[ID_TEXT_SIZE];
    char        installed[ID_TEXT_SIZE];

    dp_document_text(patient->status, 0, "build.id", running, sizeof(running));

    if (!file_id(path, installed)) {
        dp_finding_set(finding, DP_CHECK_UNKNOWN,
                       "Say where nginx loads it from: --module PATH.",
                       "the module's file %s cannot be read", path);

    } else if (installed[0] == '\0' || running[0] == '\0') {
        dp_finding_set(finding, DP_CHECK_WARNING,
                       "Is it the module?  Build it with the linker's "
                       "--build-id.",
                       "%s has no build id that could be compared",
                       installed[0] == '\0' ? path : "the module that runs");

    } else if (strcmp(installed, running) != 0) {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "A reload does not exchange a module: restart nginx, or "
                       "upgrade it in place with USR2.",
                       "nginx runs build %s, but %s is build %s", running, path,
                       installed);
    } else {
        dp_finding_set(finding, DP_CHECK_OK, NULL, "nginx runs %s, build %s",
                       path, installed);
    }
}

typedef struct {
    unsigned total;
    unsigned draining;
    unsigned behind;
    int64_t  example; /* the pid of one that is not as it should be */
} processes_t;

static processes_t
processes_count(const dp_json_t *status)
{
    uint32_t    list = dp_document_at(status, 0, "processes");
    int64_t     current = dp_document_number(status, 0, "control.generation", 0);
    processes_t count = {0};

    for (uint32_t i = list == 0 ? 0 : dp_document_first(status, list); i != 0;
         i = dp_document_next(status, list, i)) {
        bool behind = dp_document_number(status, i, "generation", current)
                      < current;
        bool draining = dp_document_is(status, i, "draining", DP_JSON_TRUE);

        count.total++;
        count.behind += behind;
        count.draining += draining;

        if (behind || (draining && count.behind == 0)) {
            count.example = dp_document_number(status, i, "pid", 0);
        }
    }

    return count;
}

/* Those that drain began with the last reload, or before it. */
static bool
drains_for_long(const dp_patient_t *patient)
{
    time_t loaded;

    return dp_document_time(patient->status, 0, "configuration.loadedAt",
                            &loaded)
           && patient->now - loaded > DRAIN_LONG_S;
}

void
dp_check_processes(const dp_patient_t *patient, dp_finding_t *finding)
{
    processes_t count = processes_count(patient->status);

    if (count.behind != 0) {
        dp_finding_set(finding, DP_CHECK_WARNING,
                       "If it still is in a moment, end that process by TERM: "
                       "nginx's master starts another one.",
                       "%u of %u processes have not applied the newest control "
                       "generation, one is %lld", count.behind, count.total,
                       (long long) count.example);

    } else if (count.draining != 0 && drains_for_long(patient)) {
        dp_finding_set(finding, DP_CHECK_WARNING,
                       "Its clients do not go away: end it by TERM, or bound "
                       "it with worker_shutdown_timeout.",
                       "%u processes have been draining for more than %d "
                       "minutes, one is %lld", count.draining,
                       DRAIN_LONG_S / 60, (long long) count.example);
    } else {
        dp_finding_set(finding, DP_CHECK_OK, NULL,
                       "%u processes, %u of them draining", count.total,
                       count.draining);
    }
}
