/*
 * Breakers in the database, shared by all workers.
 *
 * A call asks before it is made and reports what became of it; each is a read
 * and, when something changes, a write under the version that was read, again
 * until nobody else was faster.
 */

#ifndef DP_BREAKER_STORE_H
#define DP_BREAKER_STORE_H

#include "breaker.h"
#include "db/db.h"
#include "providers.h"

#define DP_BREAKER_NAME_SIZE 80

/* Whose breakers a call passes, and its lease should it be a probe. */
typedef struct {
    dp_db_t             *db;
    const dp_provider_t *provider;
    char                 name[DP_BREAKER_NAME_SIZE];
    const uint8_t       *integration_id; /* NULL: none */
    const uint8_t       *org_id;         /* of the integration */
    const uint8_t       *request_id;     /* NULL: none */
    uint64_t             until_us;       /* CLOCK_MONOTONIC */
    uint32_t             switches; /* DP_KILL_* that forbid it */
    uint8_t              owner[DP_BREAKER_OWNER_SIZE]; /* random, of one call */
    bool                 probing[2]; /* by scope */
} dp_breaker_ticket_t;

typedef enum {
    DP_BREAKER_OF_PROVIDER,
    DP_BREAKER_OF_INTEGRATION,
} dp_breaker_scope_t;

/*
 * May the call be made?  DP_OK; a kill switch's error; the provider's with
 * `wait_us`; or what else went wrong, when breakers cannot be asked.
 */
dp_error_t dp_breakers_ask(dp_breaker_ticket_t *ticket, uint64_t *wait_us);

/*
 * What became of the call, by scope: true for a failure.  A report that cannot
 * be stored is lost; a probe's lease then ends by itself.
 */
void dp_breakers_report(dp_breaker_ticket_t *ticket, const bool failed[2]);

#endif /* DP_BREAKER_STORE_H */
