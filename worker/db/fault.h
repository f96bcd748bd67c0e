/*
 * What a failure of the database means: which error the caller sees, and
 * whether the transaction may be run again.
 *
 * Rows, not branches: by SQLSTATE, and for violated constraints by name.
 */

#ifndef DP_FAULT_H
#define DP_FAULT_H

#include "dp_error.h"

struct pg_result;

typedef enum {
    DP_RETRY_NEVER,
    DP_RETRY_PAUSED,    /* others were in the way: after a random pause */
    DP_RETRY_CONNECTED, /* at once, on a new connection */
} dp_retry_t;

typedef struct {
    dp_error_t error; /* DP_OK: no fault */
    dp_cause_t cause; /* what the caller may know of what happened */
    dp_retry_t retry;
    bool       reconnect; /* the connection cannot be used any more */
    bool       expected;  /* no line in the log: part of normal operation */
} dp_fault_t;

/* The fault that a result with an error status stands for. */
dp_fault_t dp_fault_of(const struct pg_result *result);

/* The fault behind a five-character SQLSTATE and a constraint's name or NULL. */
dp_fault_t dp_fault_find(const char *sqlstate, const char *constraint);

/* The connection went away; nothing of the transaction was kept. */
extern const dp_fault_t dp_fault_lost;

/* No connection could be opened. */
extern const dp_fault_t dp_fault_unavailable;

/* The server did not answer before the deadline. */
extern const dp_fault_t dp_fault_late;

/* The deadline passed before anything was sent. */
extern const dp_fault_t dp_fault_expired;

/* A statement touched other rows than it must. */
extern const dp_fault_t dp_fault_rows;

#endif /* DP_FAULT_H */
