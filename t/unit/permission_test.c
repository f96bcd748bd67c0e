/*
 * Ranks: which one counts, and what a route answers it.  RBAC-01.
 */

#include "policy/permission.h"
#include "unit.h"

static dp_error_t
judge(dp_role_scope_t scope, int min_rank, int rank)
{
    dp_route_t route = {.role_scope = scope, .min_rank = (uint8_t) min_rank};

    return dp_permission_judge(&route, rank);
}

START_TEST(RBAC_04_the_better_role_counts_up_to_the_credential)
{
    dp_caller_t admin = {.org_rank = 40, .max_rank = 40};
    dp_caller_t viewer_key = {.org_rank = 40, .max_rank = 10};
    dp_caller_t viewer = {.org_rank = 10, .max_rank = 40};

    ck_assert_int_eq(dp_permission_rank(admin, 0), 40);
    ck_assert_int_eq(dp_permission_rank(admin, 10), 40);
    ck_assert_int_eq(dp_permission_rank(viewer_key, 40), 10);
    ck_assert_int_eq(dp_permission_rank(viewer, 0), 10);
    ck_assert_int_eq(dp_permission_rank(viewer, 30), 30);
}
END_TEST

START_TEST(RBAC_15_a_stranger_does_not_learn_that_a_project_exists)
{
    ck_assert_int_eq(judge(DP_ROLE_PROJECT, 10, 0), DP_ERR_RESOURCE_NOT_FOUND);
    ck_assert_int_eq(judge(DP_ROLE_PROJECT, 10, 10), DP_OK);
}
END_TEST

START_TEST(RBAC_01_a_member_without_the_rank_is_forbidden)
{
    ck_assert_int_eq(judge(DP_ROLE_PROJECT, 30, 20), DP_ERR_AUTH_FORBIDDEN);
    ck_assert_int_eq(judge(DP_ROLE_PROJECT, 30, 30), DP_OK);
    ck_assert_int_eq(judge(DP_ROLE_ORG, 20, 10), DP_ERR_AUTH_FORBIDDEN);
    ck_assert_int_eq(judge(DP_ROLE_ORG, 20, 0), DP_ERR_AUTH_FORBIDDEN);
    ck_assert_int_eq(judge(DP_ROLE_ORG, 20, 20), DP_OK);
}
END_TEST

START_TEST(RBAC_13_what_is_not_known_is_forbidden)
{
    ck_assert_int_eq(judge(DP_ROLE_PLATFORM, 0, 40), DP_ERR_AUTH_FORBIDDEN);
    ck_assert_int_eq(judge((dp_role_scope_t) 99, 0, 40), DP_ERR_AUTH_FORBIDDEN);
    ck_assert_int_eq(judge(DP_ROLE_USER, 0, 0), DP_OK);
}
END_TEST

START_TEST(RBAC_04_ranks_have_names)
{
    ck_assert_str_eq(dp_permission_role(40), "Owner");
    ck_assert_str_eq(dp_permission_role(30), "Maintainer");
    ck_assert_str_eq(dp_permission_role(20), "Contributor");
    ck_assert_str_eq(dp_permission_role(10), "Viewer");
    ck_assert_str_eq(dp_permission_role(0), "none");
}
END_TEST

int
main(void)
{
    return UNIT_RUN("permission",
                    RBAC_04_the_better_role_counts_up_to_the_credential,
                    RBAC_15_a_stranger_does_not_learn_that_a_project_exists,
                    RBAC_01_a_member_without_the_rank_is_forbidden,
                    RBAC_13_what_is_not_known_is_forbidden,
                    RBAC_04_ranks_have_names);
}
