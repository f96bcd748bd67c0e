/*
 * The worker's log: one JSON object per line on stderr or a file.
 *
 * Fields are those of the edge's request line (timestamp, level, service,
 * requestId, traceId, spanId, code, severity, message ...), so both can be
 * correlated.  Any thread may log; a line is written by one write().  Never
 * pass a credential, a body or step data.
 */

#ifndef DP_LOG_H
#define DP_LOG_H

#include "dp_error.h"

#include <stdatomic.h>

typedef enum {
    DP_LOG_DEBUG,
    DP_LOG_INFO,
    DP_LOG_WARN,
    DP_LOG_ERROR,
    DP_LOG_CRITICAL,
} dp_log_level_t;

/* Whose doing a line is about; NULL members and a NULL context are left out. */
typedef struct {
    const uint8_t *request_id; /* 16 bytes */
    const uint8_t *trace_id;   /* 16 bytes */
    const uint8_t *span_id;    /* 8 bytes */
    const uint8_t *parent_span_id;
    const uint8_t *org_id;
    const uint8_t *user_id;
    const char    *operation;
    const char    *provider;   /* that was called */
    uint64_t       duration_us; /* 0: left out */
} dp_log_context_t;

/*
 * Logs one line.  `code` adds code and severity; DP_OK leaves them out below
 * DP_LOG_ERROR, from where on a line without them is one of INTERNAL.  The
 * text is formatted, cut at 1,023 bytes, redacted (dp_redact.h) and escaped: a
 * line never has 10,000 bytes.
 */
void dp_log(dp_log_level_t level, const dp_log_context_t *context,
            dp_error_t code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * For what may happen thousands of times a second: true once a second for each
 * pace, which begins zeroed and is shared by all threads.
 */
typedef atomic_uint_fast64_t dp_log_pace_t;

bool dp_log_is_due(dp_log_pace_t *pace);

/* The level of an error's own severity. */
dp_log_level_t dp_log_level_of(dp_error_t code);

/* Users are *** from now on. */
void dp_log_mask_users(bool masked);

/* Lines below `level` are dropped. */
void dp_log_set_level(dp_log_level_t level);

/* Opens `path` ("stderr" for standard error); false with errno on failure. */
bool dp_log_open(const char *path) __attribute__((warn_unused_result));

/* Opens the same path again, after a rotation; the old file stays on failure. */
bool dp_log_reopen(void) __attribute__((warn_unused_result));

#endif /* DP_LOG_H */
