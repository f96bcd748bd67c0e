/*
 * The comparison of ranks, and the caller's gate: is the credential still
 * valid, which ranks has it, do they suffice.  Where the rank in a project
 * counts, the operation judges it when it has read that project.
 */

#include "permission.h"

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_scope.h"
#include "gates.h"
#include "identity/last_used.h"
#include "runtime/deadline.h"

/* The rank of organization_admin. */
#define ADMINISTRATOR 40

static const dp_statement_t principal_facts = {
    .name = "permission.principal_facts",
    .sql = "select valid, org_rank, max_rank, scopes, auth_level, fresh"
           "  from app.principal_facts()",
    .rows = DP_ROWS_ONE,
};

enum {
    CALLER_VALID,
    CALLER_ORG_RANK,
    CALLER_MAX_RANK,
    CALLER_SCOPES,
    CALLER_AUTH_LEVEL,
    CALLER_FRESH,
};

#define MULTI_FACTOR 2

int
dp_permission_rank(dp_caller_t caller, int project_rank)
{
    int rank = caller.org_rank > project_rank ? caller.org_rank : project_rank;

    return rank < caller.max_rank ? rank : caller.max_rank;
}

dp_error_t
dp_permission_judge(const dp_route_t *route, int rank)
{
    switch (route->role_scope) {
    case DP_ROLE_PUBLIC:
    case DP_ROLE_USER:
        return DP_OK;
    case DP_ROLE_PROJECT:
        if (rank <= 0) {
            return DP_ERR_RESOURCE_NOT_FOUND;
        }
        return rank >= route->min_rank ? DP_OK : DP_ERR_AUTH_FORBIDDEN;
    case DP_ROLE_ORG:
        return rank >= route->min_rank ? DP_OK : DP_ERR_AUTH_FORBIDDEN;
    default:
        return DP_ERR_AUTH_FORBIDDEN;
    }
}

/* No path names an organisation other than by {orgId}. */
static bool
org_is_callers(const dp_op_t *op)
{
    const dp_route_t *route = op->route;
    uint8_t           id[DP_ID_SIZE];

    for (size_t i = 0; i < route->param_count; i++) {
        if (strcmp(route->param_names[i], "orgId") == 0) {
            return dp_id_parse(id, op->request->params[i])
                   && memcmp(id, op->request->principal.org_id, sizeof(id)) == 0;
        }
    }

    return true;
}

bool
dp_permission_check(dp_op_t *op, int project_rank)
{
    int        rank = dp_permission_rank(dp_transaction(op)->caller, project_rank);
    dp_error_t error = dp_permission_judge(op->route, rank);

    if (!org_is_callers(op)) {
        error = DP_ERR_RESOURCE_NOT_FOUND;
    }

    return error == DP_OK ? true : dp_op_fail(op, error);
}

bool
dp_permission_administers(const dp_op_t *op)
{
    return dp_permission_rank(dp_transaction(op)->caller, 0) >= ADMINISTRATOR;
}

typedef struct {
    int         rank;
    const char *project_role;
    const char *org_role;
} role_row_t;

/* The best role whose rank is not above the given one. */
static const role_row_t *
role_find(int rank)
{
    static const role_row_t roles[] = {
        {40, "Owner", "organization_admin"},
        {30, "Maintainer", "developer"},
        {20, "Contributor", "developer"},
        {10, "Viewer", "viewer"},
        {0, "none", "none"},
    };
    size_t i = 0;

    while (rank < roles[i].rank) {
        i++;
    }

    return &roles[i];
}

const char *
dp_permission_role(int rank)
{
    return role_find(rank)->project_role;
}

const char *
dp_permission_org_role(int rank)
{
    return role_find(rank)->org_role;
}

int
dp_permission_org_rank(dp_slice_t role)
{
    int rank = ADMINISTRATOR;

    while (rank > 0
           && !dp_slice_equal(role, dp_slice_text(dp_permission_org_role(rank)))) {
        rank -= 10;
    }

    /* a developer's are 20 and 30 */
    return rank == 30 ? 20 : rank;
}

static bool
caller_applies(const dp_op_t *op)
{
    return op->route->role_scope != DP_ROLE_PUBLIC;
}

static void
caller_queue(dp_op_t *op)
{
    dp_transaction_queue(op, &principal_facts, DP_BIND_NONE);
}

/* The edge has judged so by what it knew; this is what holds. */
static bool
scope_check(dp_op_t *op, dp_row_t row)
{
    uint64_t wanted = op->route->scope;

    if (wanted == 0 || dp_row_null(row, CALLER_SCOPES)
        || (dp_scopes_read(dp_row_bytes(row, CALLER_SCOPES), ',') & wanted) != 0) {
        return true;
    }

    return dp_op_fail_details(
        op, DP_ERR_AUTH_FORBIDDEN,
        dp_arena_printf(op->arena, "{\"scope\":\"%s\"}", dp_scope_name(wanted)));
}

/* A session stands for whoever logged in; a key does when it is a strong one. */
static bool
second_factor_needed(const dp_op_t *op)
{
    return op->route->needs_mfa
           || (op->route->needs_person
               && op->request->principal.kind == DP_PRINCIPAL_API_KEY);
}

/* Before his role: the answer is the same whatever the path names. */
static bool
authentication_check(dp_op_t *op, dp_row_t row)
{
    if (second_factor_needed(op)
        && dp_row_int(row, CALLER_AUTH_LEVEL) < MULTI_FACTOR) {
        return dp_op_fail(op, DP_ERR_AUTH_MFA_REQUIRED);
    }

    if (op->route->needs_fresh && !dp_row_bool(row, CALLER_FRESH)) {
        return dp_op_fail(op, DP_ERR_AUTH_REAUTHENTICATION_REQUIRED);
    }

    return true;
}

static bool
caller_judge(dp_op_t *op, dp_row_t row)
{
    dp_transaction_t *transaction = dp_transaction(op);

    if (!dp_row_bool(row, CALLER_VALID)) {
        return dp_op_fail(op, op->request->principal.kind == DP_PRINCIPAL_API_KEY
                                  ? DP_ERR_AUTH_KEY_INVALID
                                  : DP_ERR_AUTH_SESSION_REVOKED);
    }

    transaction->caller = (dp_caller_t) {
        .org_rank = (int) dp_row_int(row, CALLER_ORG_RANK),
        .max_rank = (int) dp_row_int(row, CALLER_MAX_RANK),
        .auth_level = (int) dp_row_int(row, CALLER_AUTH_LEVEL),
        .scopes = dp_row_null(row, CALLER_SCOPES)
                      ? DP_SCOPES_ALL
                      : dp_scopes_read(dp_row_bytes(row, CALLER_SCOPES), ','),
    };
    transaction->caller_known = true;
    dp_last_used_note(&op->request->principal, dp_now_us());

    if (!scope_check(op, row) || !authentication_check(op, row)) {
        return false;
    }

    return op->route->role_scope == DP_ROLE_PROJECT ? true
                                                    : dp_permission_check(op, 0);
}

const dp_gate_t dp_gate_caller = {caller_applies, caller_queue, caller_judge};
