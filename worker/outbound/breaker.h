/*
 * A circuit breaker as arithmetic: ten failures within a minute open it, half a
 * minute later one call is let through to see, and closes or opens it again.
 *
 * No clock, no lock, no database: whoever keeps a breaker (breaker_store.h)
 * reads it, calls these and writes it when they say that it changed.  Times are
 * microseconds since 1970 of one clock.
 */

#ifndef DP_BREAKER_H
#define DP_BREAKER_H

#include "dp_bytes.h"

#define DP_BREAKER_FAILURES 10
#define DP_BREAKER_WINDOW_US UINT64_C(60000000)
#define DP_BREAKER_COOLDOWN_US UINT64_C(30000000)
#define DP_BREAKER_PROBE_US UINT64_C(10000000) /* a probe's lease */
#define DP_BREAKER_OWNER_SIZE 16

typedef enum {
    DP_BREAKER_CLOSED,
    DP_BREAKER_OPEN,
    DP_BREAKER_HALF_OPEN,
} dp_breaker_state_t;

typedef struct {
    dp_breaker_state_t state;
    uint64_t           failures[DP_BREAKER_FAILURES]; /* oldest first */
    unsigned           count;
    uint64_t           opened_us;
    uint64_t           since_us; /* of the outage, before probes that failed */
    uint64_t           probe_until_us;
    uint8_t            probe_owner[DP_BREAKER_OWNER_SIZE];
} dp_breaker_t;

typedef enum {
    DP_BREAKER_PASS,
    DP_BREAKER_PROBE,  /* this caller is the probe; write it, then call */
    DP_BREAKER_REFUSE,
    DP_BREAKER_AGAIN,  /* a probe was lost; write it, then ask again */
} dp_breaker_verdict_t;

/*
 * May a call be made now, by `owner`?  For REFUSE `wait_us` says how long it
 * will be refused, as far as is known.
 */
dp_breaker_verdict_t dp_breaker_ask(dp_breaker_t *breaker, uint64_t now_us,
                                    const uint8_t *owner, uint64_t *wait_us);

/*
 * What became of a call by `owner`; `probing` when it was the probe.  True: the
 * breaker changed and must be written.
 */
bool dp_breaker_succeeded(dp_breaker_t *breaker, const uint8_t *owner,
                          bool probing);
bool dp_breaker_failed(dp_breaker_t *breaker, uint64_t now_us,
                       const uint8_t *owner, bool probing);

/* The name of a state, as the database has it; and the state of that name. */
const char        *dp_breaker_state_name(dp_breaker_state_t state);
dp_breaker_state_t dp_breaker_state_find(dp_slice_t name);

#endif /* DP_BREAKER_H */
