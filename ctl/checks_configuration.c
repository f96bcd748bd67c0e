/*
 * Does nginx run the configuration that lies on the disk?  When a reload is
 * refused nginx goes on with the old one, and only its error log says so.
 */

#define _GNU_SOURCE /* environ */

#include "checks.h"

#include <errno.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define TIME_SIZE 64

typedef enum {
    TEST_NOT_RUN,
    TEST_PASSED,
    TEST_REFUSED,
    TEST_FAILED, /* it could not be run */
} test_t;

/* Runs "nginx -t" of the file; what nginx has against it goes to stderr. */
static test_t
test_run(const char *nginx, const char *file)
{
    char *const arguments[] = {
        (char *) nginx, "-t", "-q", "-c", (char *) file, NULL,
    };
    pid_t pid;
    int   status;

    if (nginx == NULL) {
        return TEST_NOT_RUN;
    }

    if (posix_spawn(&pid, nginx, NULL, NULL, arguments, environ) != 0) {
        return TEST_FAILED;
    }

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return TEST_FAILED;
        }
    }

    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        return TEST_FAILED;
    }

    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? TEST_PASSED
                                                         : TEST_REFUSED;
}

static void
newer_say(dp_finding_t *finding, const char *file, test_t test)
{
    static const char *const mends[] = {
        [TEST_NOT_RUN] = "Run nginx -t, mend what it names, then nginx -s "
                         "reload.",
        [TEST_PASSED] = "nginx -t accepts it: nginx -s reload.",
        [TEST_REFUSED] = "Mend what nginx -t says above, then nginx -s reload.",
        [TEST_FAILED] = "Run nginx -t: what --nginx names cannot be run.",
    };

    dp_finding_set(finding, test == TEST_PASSED ? DP_CHECK_WARNING
                                                : DP_CHECK_PROBLEM,
                   mends[test],
                   "%s is newer than what nginx runs: it was not reloaded, or "
                   "the reload was refused", file);
}

void
dp_check_configuration(const dp_patient_t *patient, dp_finding_t *finding)
{
    char        file[PATH_SIZE];
    char        loaded_at[TIME_SIZE];
    struct stat found;
    time_t      loaded;
    test_t      test;

    dp_document_text(patient->status, 0, "configuration.file", file,
                     sizeof(file));
    dp_document_text(patient->status, 0, "configuration.loadedAt", loaded_at,
                     sizeof(loaded_at));

    if (!dp_document_time(patient->status, 0, "configuration.loadedAt", &loaded)
        || stat(file, &found) != 0) {
        dp_finding_set(finding, DP_CHECK_UNKNOWN,
                       "Run this on nginx's machine, as a user who may read "
                       "its configuration.",
                       "the configuration file %s cannot be compared with what "
                       "nginx runs", file);
        return;
    }

    test = test_run(patient->options->nginx, file);

    if (found.st_mtime > loaded) {
        newer_say(finding, file, test);

    } else if (test == TEST_REFUSED) {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "Mend what nginx -t says above, before somebody "
                       "restarts nginx.",
                       "nginx runs %s, but would not load it again", file);

    } else {
        dp_finding_set(finding, DP_CHECK_OK, NULL,
                       "nginx runs %s, loaded at %s", file, loaded_at);
    }
}
