/*
 * Calls to providers, in one place: the kill switch, the breakers, the guard,
 * time-outs, retries, headers, metrics and a line in the log for what failed.
 *
 * A call blocks its thread, at most until its deadline: that of a job, or one of
 * the password pool's; never a transaction's.  What is done again is decided
 * here, so a caller makes no loop of its own.
 */

#ifndef DP_OUTBOUND_H
#define DP_OUTBOUND_H

#include "control/peers.h"
#include "jobs/job.h"
#include "providers.h"
#include "settings.h"

/* What became of a call, beyond its error. */
typedef enum {
    DP_CALL_ANSWERED,    /* with a status below 400 */
    DP_CALL_DECLINED,    /* 404, 409, 422 ...: the caller's business */
    DP_CALL_UNAUTHORIZED, /* 401, 403 */
    DP_CALL_THROTTLED,   /* 429; retry_after_s may say for how long */
    DP_CALL_FAILED,      /* not there, 5xx, too slow; retries included */
    DP_CALL_UNKNOWN,     /* it may have been done: look before it is repeated */
    DP_CALL_REFUSED,     /* by the guard, or an answer that is too large */
    DP_CALL_NOT_MADE,    /* a switch, a breaker, the deadline, a worker's end */
} dp_call_class_t;

typedef struct {
    const char *name;
    const char *value;
} dp_call_header_t;

/* Slices and pointers are the caller's. */
typedef struct {
    dp_provider_id_t        provider;
    const char             *instance;  /* which of several servers; NULL */
    const char             *operation; /* a label: a literal */
    const char             *method;
    const char             *url;
    const char *const      *hosts;     /* besides the provider's; or NULL */
    const dp_call_header_t *headers;   /* a NULL name ends them; or NULL */
    dp_slice_t              body;
    const char             *content_type; /* NULL: no body */
    bool                    idempotent; /* may be made more than once */
    const uint8_t          *integration_id; /* NULL: of no tenant */
    const uint8_t          *org_id;
    const uint8_t          *request_id; /* 16 bytes, or NULL */
    const uint8_t          *trace_id;   /* 16 bytes, or NULL */
    uint8_t                 trace_flags;
    const char             *tracestate; /* NULL: none */
    uint64_t                until_us;   /* CLOCK_MONOTONIC */
    dp_db_t                *db;
    dp_arena_t             *arena;      /* of the answer */
} dp_call_t;

typedef struct {
    dp_error_t      error;  /* DP_OK for the first three classes */
    dp_call_class_t class;
    unsigned        status; /* 0: there was no answer */
    dp_slice_t      body;   /* in the arena */
    uint32_t        retry_after_s; /* 0: nobody said */
    unsigned        calls;  /* made */
    const char     *correlation; /* what the provider calls it; "" */
} dp_answer_t;

/*
 * Starts the outbound thread.  Kill switches are obeyed that this worker has on,
 * or that `peers` report, or the database.  False with errno.
 */
bool dp_outbound_start(const dp_settings_t *settings, dp_peers_t *peers)
    __attribute__((warn_unused_result));

/* Ends what is under way; calls that come are not made. */
void dp_outbound_drain(void);

/* Likewise, and ends the thread. */
void dp_outbound_stop(void);

/* Makes the call.  True: answer->error is DP_OK. */
bool dp_outbound_call(const dp_call_t *call, dp_answer_t *answer);

/*
 * What a job ends with whose call was not answered: RELEASED when a kill switch
 * is on, the worker stops or the lease was lost, else FAILED.  A kind that calls
 * an integration has DP_KILL_EXTERNAL_INTEGRATIONS among its switches.
 */
dp_job_outcome_t dp_outbound_job_outcome(dp_job_t *job,
                                         const dp_answer_t *answer);

/* A mail to one recipient. */
typedef struct {
    const char    *url;       /* smtp:// or smtps://, the operator's */
    const char    *user;      /* NULL: no login; else over TLS only */
    const char    *password;
    const char    *from;      /* addresses, without brackets */
    const char    *to;
    dp_slice_t     message;   /* headers and body, lines end with CR LF */
    const uint8_t *request_id; /* or NULL */
    uint64_t       until_us;  /* CLOCK_MONOTONIC */
    dp_db_t       *db;
    dp_arena_t    *arena;
} dp_mail_t;

/*
 * Hands it to the server of the URL, once: a mail may have gone out although
 * nobody said so.  DECLINED: the server does not want it (5xx), FAILED: not now.
 * Both with an error; no kill switch stops it.
 */
bool dp_outbound_mail(const dp_mail_t *mail, dp_answer_t *answer);

#endif /* DP_OUTBOUND_H */
