/*
 * The claims of our own access tokens: whom a worker issued one to, as a principal.
 *
 *     sub, org, sid   UUIDs: user, organisation, and the session or API key
 *     ctp             what that is: "session" or "api_key"
 *     lvl             1 or 2: one factor, or several
 *     scope           names with spaces between; absent: not confined
 *     pln             rank of the organisation's plan; absent: 0
 *     gen             generation of the control state that it was read at
 *
 * Members that nobody reads here are passed over (jti, auth_time).
 */

#ifndef DP_ACCESS_CLAIMS_H
#define DP_ACCESS_CLAIMS_H

#include "dp_jwt_claims.h"
#include "dp_principal.h"

typedef struct {
    dp_principal_t principal;
    uint64_t       scopes; /* bits of dp_scopes[] */
    uint64_t       generation;
    uint16_t       plan;
} dp_access_claims_t;

/* False: one is missing, or is not what it must be. */
bool dp_access_claims_read(dp_access_claims_t    *access,
                           const dp_jwt_claims_t *claims)
    __attribute__((warn_unused_result));

#endif /* DP_ACCESS_CLAIMS_H */
