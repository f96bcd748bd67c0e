/*
 * The rows of the contract: in the order the search needs, and as declared.
 */

#include "dp_kill_switch.h"
#include "dp_routes.h"
#include "dp_routes_index.h"
#include "unit.h"

/* '/' before any other character. */
static int
path_compare(const char *a, const char *b)
{
    while (*a == *b && *a != '\0') {
        a++;
        b++;
    }

    return (*a == '/' ? 1 : (unsigned char) *a)
           - (*b == '/' ? 1 : (unsigned char) *b);
}

START_TEST(rows_are_sorted_by_path_and_method)
{
    ck_assert_uint_eq(dp_routes_count, DP_ROUTE_COUNT);

    for (size_t i = 1; i < dp_routes_count; i++) {
        int order = path_compare(dp_routes[i - 1].path, dp_routes[i].path);

        ck_assert_msg(order < 0
                      || (order == 0
                          && dp_routes[i - 1].method < dp_routes[i].method),
                      "%s", dp_routes[i].path);
    }
}
END_TEST

START_TEST(every_row_is_found_by_name_and_by_path)
{
    for (size_t i = 0; i < dp_routes_count; i++) {
        const dp_route_t *route = &dp_routes[i];
        dp_match_t        match;

        ck_assert_ptr_eq(dp_route_find(dp_slice_text(route->operation)), route);
        ck_assert_int_eq(dp_route_match(&match, route->method,
                                        dp_slice_text(route->path)),
                         DP_MATCH_FOUND);
        ck_assert_ptr_eq(match.route, route);
        ck_assert_uint_eq(match.params[0].len != 0, route->param_count != 0);
    }
}
END_TEST

/* What an incident must not keep anybody from doing. */
static bool
is_exempt(size_t route)
{
    static const size_t exempt[] = {
        DP_ROUTE_revokeApiKey,     DP_ROUTE_login,
        DP_ROUTE_verifyEmail,      DP_ROUTE_refreshSession,
        DP_ROUTE_logout,           DP_ROUTE_setSessionOrg,
        DP_ROUTE_revokeSession,    DP_ROUTE_revokeAllSessions,
        DP_ROUTE_forgotPassword,   DP_ROUTE_resetPassword,
        DP_ROUTE_changePassword,   DP_ROUTE_verifyMfa,
        DP_ROUTE_enrolTotp,        DP_ROUTE_confirmTotp,
        DP_ROUTE_removeTotp,       DP_ROUTE_regenerateRecoveryCodes,
        DP_ROUTE_issueToken,       DP_ROUTE_startOAuthLogin,
        DP_ROUTE_finishOAuthLogin, DP_ROUTE_verifyAudit,
    };

    for (size_t i = 0; i < sizeof(exempt) / sizeof(*exempt); i++) {
        if (route == exempt[i]) {
            return true;
        }
    }

    return false;
}

START_TEST(KS_02_every_change_is_refused_under_GLOBAL_WRITE_and_audited)
{
    for (size_t i = 0; i < dp_routes_count; i++) {
        const dp_route_t *route = &dp_routes[i];

        ck_assert_msg(route->mutates == (route->audit_action != NULL), "%s",
                      route->operation);
        ck_assert_msg((route->mutates && !is_exempt(i))
                      == ((route->kill_classes & DP_KILL_GLOBAL_WRITE) != 0),
                      "%s", route->operation);
    }
}
END_TEST

START_TEST(createProject_is_declared_so)
{
    const dp_route_t *route = &dp_routes[DP_ROUTE_createProject];

    ck_assert_str_eq(route->operation, "createProject");
    ck_assert_uint_eq(route->role_scope, DP_ROLE_ORG);
    ck_assert_uint_eq(route->min_rank, 20);
    ck_assert_uint_eq(route->idempotency, DP_KEY_REQUIRED);
    ck_assert_uint_eq(route->body_limit, 1048576);
    ck_assert_uint_eq(route->cost, 5);
    ck_assert_str_eq(route->audit_action, "project.created");
}
END_TEST

START_TEST(getProject_is_declared_so)
{
    const dp_route_t *route = &dp_routes[DP_ROUTE_getProject];
    dp_match_t        match;

    ck_assert_uint_eq(route->role_scope, DP_ROLE_PROJECT);
    ck_assert_uint_eq(route->min_rank, 10);
    ck_assert_str_eq(route->param_names[0], "projectId");
    ck_assert_int_eq(dp_route_match(&match, DP_METHOD_GET,
                                    DP_SLICE("/projects/42")), DP_MATCH_FOUND);
    unit_assert_text(match.params[0], "42");
}
END_TEST

int
main(void)
{
    return UNIT_RUN(
        "contract", rows_are_sorted_by_path_and_method,
        every_row_is_found_by_name_and_by_path,
        KS_02_every_change_is_refused_under_GLOBAL_WRITE_and_audited,
        createProject_is_declared_so, getProject_is_declared_so);
}
