/*
 * How far the audit trail is sealed and what its verification found, for the keeper's
 * gauges.
 */

#ifndef DP_AUDIT_COUNTS_H
#define DP_AUDIT_COUNTS_H

#include "db/ask.h"

typedef struct {
    int64_t unsealed;   /* events */
    int64_t oldest_s;   /* since the oldest of them; 0: there is none */
    int64_t broken;     /* chains */
    int64_t verified_s; /* since the verification that is longest ago */
} dp_audit_counts_t;

dp_error_t dp_audit_count(dp_db_t *db, dp_audit_counts_t *counts);

#endif /* DP_AUDIT_COUNTS_H */
