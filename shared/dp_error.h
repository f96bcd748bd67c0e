/*
 * Error codes as rows, and the one envelope every error wears.
 *
 * Both programs link the table; only the edge renders the envelope, so that
 * nginx's own errors, the edge's and the worker's look alike.
 */

#ifndef DP_ERROR_H
#define DP_ERROR_H

#include "dp_bytes.h"
#include "dp_principal.h"

typedef enum {
    DP_OK = 0,
#define DP_ERROR(code, status, severity, retry, after, message, hint) \
    DP_ERR_##code,
#include "dp_errors.def"
#undef DP_ERROR
    DP_ERROR_COUNT
} dp_error_t;

typedef enum {
    DP_CAUSE_NONE = 0,
#define DP_CAUSE(name, meaning) DP_CAUSE_##name,
#include "dp_causes.def"
#undef DP_CAUSE
    DP_CAUSE_COUNT
} dp_cause_t;

typedef struct {
    const char *code;
    uint16_t    status;
    const char *severity;
    const char *retry_policy;
    uint32_t    retry_after_s; /* 0: no Retry-After */
    const char *message;
    const char *hint;
} dp_error_row_t;

/* What an envelope says beyond its row; empty slices are left out. */
typedef struct {
    dp_error_t code;
    unsigned   status; /* HTTP, where it is not the row's; 0: it is */
    uint8_t    request_id[DP_ID_SIZE];
    uint8_t    trace_id[16];
    uint64_t   timestamp_us; /* since 1970 */
    dp_slice_t message;      /* instead of the row's */
    dp_slice_t hint;         /* likewise */
    dp_slice_t client_request_id; /* for the context; well-formed, or empty */
    dp_slice_t context;      /* a JSON object without secrets, not "{}" */
    dp_slice_t details;      /* a JSON object of the code's family */
    dp_slice_t causes;       /* names, separated by commas, outermost first */
} dp_error_envelope_t;

/* How many causes an envelope names at most. */
#define DP_ERROR_CAUSES 8

/* Room for any error without message, hint, context and details. */
#define DP_ERROR_ENVELOPE_SIZE 2048

/* The row of a code; INTERNAL's for a value that is no code. */
const dp_error_row_t *dp_error_row(dp_error_t code);

/* The code of that name, or DP_ERR_INTERNAL when there is none. */
dp_error_t dp_error_find(dp_slice_t name);

/* The name of a cause; empty for DP_CAUSE_NONE. */
dp_slice_t dp_cause_name(dp_cause_t cause);

/* The code for a status that nginx chose by itself. */
dp_error_t dp_error_for_status(unsigned status);

/* The code that says that this switch (a bit of DP_KILL_*) is on. */
dp_error_t dp_error_for_switch(uint32_t kill_switch);

/*
 * Writes {"error":{...}} to `writer`, which fails when it lacks room:
 * DP_ERROR_ENVELOPE_SIZE plus twelve times the lengths of message and hint plus
 * the lengths of context and details always suffice.  Of the causes it writes
 * each one that is a code's name or a cause's, once.
 */
void dp_error_render(dp_writer_t *writer, const dp_error_envelope_t *envelope);

/*
 * Writes the same as problem details (RFC 9457), application/problem+json, with
 * the envelope's object as the extension member "error".  Needs no more room
 * than said above.
 */
void dp_error_render_problem(dp_writer_t *writer,
                             const dp_error_envelope_t *envelope);

#endif /* DP_ERROR_H */
