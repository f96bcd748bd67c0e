/*
 * Who may: the only place where ranks are compared.
 *
 * Ranks are those of dp.role: 40 Owner or organization_admin, 30 Maintainer, 20
 * Contributor or developer, 10 Viewer or viewer, 0 none.  What a route demands
 * is in its row.
 */

#ifndef DP_PERMISSION_H
#define DP_PERMISSION_H

#include "runtime/operation.h"

/* The caller, as read in the request's own transaction. */
typedef struct {
    int org_rank; /* in the credential's organisation */
    int max_rank; /* what the credential is capped to */
    int auth_level; /* 2: more than one factor */
    uint64_t scopes; /* of dp_scopes[]; all when not confined */
} dp_caller_t;

/* The rank that counts: the better of both roles, capped by the credential. */
int dp_permission_rank(dp_caller_t caller, int project_rank);

/*
 * What a caller of this effective rank is answered by a route: DP_OK,
 * AUTH_FORBIDDEN, or RESOURCE_NOT_FOUND where a stranger must not learn that
 * the project exists.
 */
dp_error_t dp_permission_judge(const dp_route_t *route, int rank);

/*
 * Judges the caller of the running transaction by the route's demand.
 * `project_rank` is the caller's own membership in the project, 0 when there
 * is none or no project.  An organisation that the path names must be the
 * caller's own, else it is RESOURCE_NOT_FOUND.  False after dp_op_fail().
 *
 * For routes without a project the caller's gate has done so already.
 */
bool dp_permission_check(dp_op_t *op, int project_rank)
    __attribute__((warn_unused_result));

/* True when the caller of the running transaction administers the tenant. */
bool dp_permission_administers(const dp_op_t *op);

/* Owner, Maintainer, Contributor, Viewer, or none. */
const char *dp_permission_role(int rank);

/* organization_admin, developer, viewer, or none. */
const char *dp_permission_org_role(int rank);

/* The least rank of that role in an organisation; 0: there is no such role. */
int dp_permission_org_rank(dp_slice_t role);

#endif /* DP_PERMISSION_H */
