/*
 * The log: formats, redacts, escapes and writes one line at a time.
 *
 * There is no lock and no buffer between threads: each line is built on its
 * writer's stack and leaves by one write(), which appends as a whole.  A line
 * that cannot be written is lost; a worker does not stop for its log.
 */

#define _GNU_SOURCE /* dup3 */

#include "log.h"

#include "dp_id.h"
#include "dp_json_out.h"
#include "dp_redact.h"
#include "runtime/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define TEXT_SIZE 1024
#define LINE_SIZE (6 * TEXT_SIZE + 1024) /* escaping takes six bytes at most */

static const char *const level_names[] = {
    "debug", "info", "warn", "error", "critical",
};

static atomic_int  lowest_level = DP_LOG_INFO;
static atomic_bool users_masked;

/*
 * Once it is a file of ours the number stays and other files are put under it
 * by dup3(): a thread in the middle of a line writes to either, never to a
 * closed one.
 */
static atomic_int log_fd = STDERR_FILENO;

static char log_path[PATH_MAX] = "stderr";

static void
write_name(dp_writer_t *line, const char *name)
{
    dp_write_text(line, ",\"");
    dp_write_text(line, name);
    dp_write_text(line, "\":");
}

static void
write_string(dp_writer_t *line, const char *name, const char *value)
{
    if (value != NULL) {
        write_name(line, name);
        dp_json_string(line, dp_slice_text(value));
    }
}

static void
write_uuid(dp_writer_t *line, const char *name, const uint8_t *id)
{
    if (id != NULL) {
        write_name(line, name);
        dp_json_id(line, id);
    }
}

static void
write_hex(dp_writer_t *line, const char *name, const uint8_t *bytes, size_t len)
{
    char text[2 * 16];

    if (bytes != NULL) {
        dp_hex_format(text, bytes, len);
        write_name(line, name);
        dp_json_string(line, dp_slice(text, 2 * len));
    }
}

static void
write_context(dp_writer_t *line, const dp_log_context_t *context)
{
    write_uuid(line, "requestId", context->request_id);
    write_hex(line, "traceId", context->trace_id, 16);
    write_hex(line, "spanId", context->span_id, 8);
    write_hex(line, "parentSpanId", context->parent_span_id, 8);
    write_string(line, "action", context->operation);
    write_string(line, "integrationProvider", context->provider);
    write_uuid(line, "organizationId", context->org_id);

    if (context->user_id != NULL && users_masked) {
        write_string(line, "userId", "***");
    } else {
        write_uuid(line, "userId", context->user_id);
    }

    if (context->duration_us != 0) {
        write_name(line, "durationMs");
        dp_json_uint(line, (context->duration_us + 500) / 1000);
    }
}

/*
 * What fails always has the members that an alert looks for: without a request
 * its id is null, without a code of its own the fault is inside.
 */
static void
write_error(dp_writer_t *line, dp_log_level_t level,
            const dp_log_context_t *context, dp_error_t code)
{
    bool failed = level >= DP_LOG_ERROR;

    if (failed && (context == NULL || context->request_id == NULL)) {
        write_name(line, "requestId");
        dp_write_bytes(line, DP_SLICE("null"));
    }

    if (code != DP_OK) {
        write_string(line, "code", dp_error_row(code)->code);
        write_string(line, "severity", dp_error_row(code)->severity);

    } else if (failed) {
        write_string(line, "code", dp_error_row(DP_ERR_INTERNAL)->code);
        write_string(line, "severity", level_names[level]);
    }
}

static void
write_line(dp_log_level_t level, const dp_log_context_t *context,
           dp_error_t code, dp_slice_t text)
{
    char        buffer[LINE_SIZE];
    dp_writer_t line = dp_writer(buffer, sizeof(buffer));
    ssize_t     written;

    dp_write_text(&line, "{\"timestamp\":");
    dp_json_time(&line, dp_now_us());
    write_string(&line, "level", level_names[level]);
    write_string(&line, "service", "worker");
    write_name(&line, "message");
    dp_json_string(&line, text);

    if (context != NULL) {
        write_context(&line, context);
    }

    write_error(&line, level, context, code);
    dp_write_text(&line, "}\n");

    do {
        written = write(log_fd, buffer, dp_written(&line).len);
    } while (written < 0 && errno == EINTR);
}

void
dp_log(dp_log_level_t level, const dp_log_context_t *context, dp_error_t code,
       const char *format, ...)
{
    char    text[TEXT_SIZE];
    size_t  len;
    int     saved_errno = errno;
    va_list args;

    if ((int) level < lowest_level) {
        return;
    }

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    len = dp_redact((uint8_t *) text, strlen(text));
    write_line(level, context, code, dp_slice(text, len));
    errno = saved_errno;
}

bool
dp_log_is_due(dp_log_pace_t *pace)
{
    /* the second after boot is 1: a zeroed pace is always due */
    uint64_t now_s = dp_monotonic_us() / 1000000 + 1;

    return atomic_exchange_explicit(pace, now_s, memory_order_relaxed) != now_s;
}

dp_log_level_t
dp_log_level_of(dp_error_t code)
{
    const char *severity = dp_error_row(code)->severity;
    int         level = DP_LOG_CRITICAL;

    while (level > DP_LOG_INFO && strcmp(level_names[level], severity) != 0) {
        level--;
    }

    return (dp_log_level_t) level;
}

void
dp_log_mask_users(bool masked)
{
    users_masked = masked;
}

void
dp_log_set_level(dp_log_level_t level)
{
    lowest_level = (int) level;
}

/* A descriptor of its own for `path`, or -1. */
static int
open_path(const char *path)
{
    if (strcmp(path, "stderr") == 0) {
        return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    }

    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

bool
dp_log_open(const char *path)
{
    int fd;

    if (strlen(path) >= sizeof(log_path)) {
        errno = ENAMETOOLONG;
        return false;
    }

    fd = open_path(path);

    if (fd < 0) {
        return false;
    }

    if (log_fd == STDERR_FILENO) {
        log_fd = fd;

    } else {
        dup3(fd, log_fd, O_CLOEXEC);
        close(fd);
    }

    if (path != log_path) {
        memcpy(log_path, path, strlen(path) + 1);
    }

    return true;
}

bool
dp_log_reopen(void)
{
    return dp_log_open(log_path);
}
