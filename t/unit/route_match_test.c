/*
 * The search for a route, in a table made to be awkward.
 */

#include "dp_routes.h"
#include "unit.h"

#include <stdlib.h>

#define ROW(method_, path_, name) \
    {.operation = name, .path = path_, .method = DP_METHOD_##method_}

/* '/' sorts before any other character. */
const dp_route_t dp_routes[] = {
    ROW(GET, "/a", "listA"),
    ROW(POST, "/a", "createA"),
    ROW(GET, "/a/active", "getActive"),
    ROW(PUT, "/a/active/lock", "lockActive"),
    ROW(GET, "/a/{id}", "getA"),
    ROW(DELETE, "/a/{id}", "deleteA"),
    ROW(GET, "/a/{id}/steps", "listSteps"),
    ROW(GET, "/a/{id}/steps/{n}", "getStep"),
    ROW(GET, "/a/{id}/steps/{n}/x/{v}", "getX"),
    ROW(GET, "/a-b", "listAb"),
    ROW(GET, "/a.b/c", "getC"),
    ROW(GET, "/aa", "listAa"),
    ROW(GET, "/b/{p}/{q}/{r}/{s}", "four"),
    ROW(POST, "/c", "createC"),
    ROW(GET, "/d/1/2/3/4/5/6/7/8/9/10/11", "deep"),
};

const size_t dp_routes_count = sizeof(dp_routes) / sizeof(dp_routes[0]);

/* createA createC deep deleteA four getA getActive getC getStep getX listA
   listAa listAb listSteps lockActive */
const uint16_t dp_routes_by_name[] = {
    1, 13, 14, 5, 12, 4, 2, 10, 7, 8, 0, 11, 9, 6, 3,
};

static dp_match_result_t
match(dp_match_t *found, uint32_t method, const char *path)
{
    return dp_route_match(found, method, dp_slice_text(path));
}

static void
assert_found(uint32_t method, const char *path, const char *operation)
{
    dp_match_t found;

    ck_assert_msg(match(&found, method, path) == DP_MATCH_FOUND, "%s", path);
    ck_assert_str_eq(found.route->operation, operation);
}

START_TEST(each_row_is_found)
{
    assert_found(DP_METHOD_GET, "/a", "listA");
    assert_found(DP_METHOD_POST, "/a", "createA");
    assert_found(DP_METHOD_GET, "/a-b", "listAb");
    assert_found(DP_METHOD_GET, "/a.b/c", "getC");
    assert_found(DP_METHOD_GET, "/aa", "listAa");
    assert_found(DP_METHOD_DELETE, "/a/7", "deleteA");
    assert_found(DP_METHOD_GET, "/a/7/steps", "listSteps");
    assert_found(DP_METHOD_GET, "/d/1/2/3/4/5/6/7/8/9/10/11", "deep");
}
END_TEST

START_TEST(HEAD_matches_the_row_of_GET)
{
    assert_found(DP_METHOD_HEAD, "/a/7", "getA");
}
END_TEST

START_TEST(a_literal_wins_and_is_left_again_when_it_leads_nowhere)
{
    dp_match_t found;

    assert_found(DP_METHOD_GET, "/a/active", "getActive");
    assert_found(DP_METHOD_PUT, "/a/active/lock", "lockActive");
    ck_assert_int_eq(match(&found, DP_METHOD_GET, "/a/active/steps/3"),
                     DP_MATCH_FOUND);
    ck_assert_str_eq(found.route->operation, "getStep");
    unit_assert_text(found.params[0], "active");
    unit_assert_text(found.params[1], "3");
    ck_assert_int_eq(match(&found, DP_METHOD_DELETE, "/a/active"),
                     DP_MATCH_NO_METHOD);
}
END_TEST

START_TEST(parameters_borrow_from_the_path)
{
    dp_match_t found;

    ck_assert_int_eq(match(&found, DP_METHOD_GET, "/a/i%d/steps/2/x/v v"),
                     DP_MATCH_FOUND);
    unit_assert_text(found.params[0], "i%d");
    unit_assert_text(found.params[1], "2");
    unit_assert_text(found.params[2], "v v");
    ck_assert_int_eq(match(&found, DP_METHOD_GET, "/b/1/2/3/4"),
                     DP_MATCH_FOUND);
    unit_assert_text(found.params[3], "4");
    ck_assert_int_eq(match(&found, DP_METHOD_GET, "/a/{id}"), DP_MATCH_FOUND);
    unit_assert_text(found.params[0], "{id}");
}
END_TEST

START_TEST(other_paths_are_not_found)
{
    static const char *const rows[] = {
        "", "/", "a", "//a", "/a/", "/a//", "/a//steps", "/A", "/a/7/step",
        "/a/7/steps/", "/a/7/steps/1/x", "/a/7/steps/1/x/", "/ab", "/a-",
        "/b/1/2/3", "/b/1/2/3/4/5", "/b/1//3/4", "/d/1/2/3/4/5/6/7/8/9/10",
        "/d/1/2/3/4/5/6/7/8/9/10/11/12", "/zzz", "/-",
        "/a/7/steps/1/2/3/4/5/6/7/8/9/10/11/12/13/14",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t path = unit_copy(dp_slice_text(rows[i]));
        dp_match_t found;

        ck_assert_msg(dp_route_match(&found, DP_METHOD_GET, path)
                      == DP_MATCH_NO_PATH, "%s", rows[i]);
        ck_assert_ptr_null(found.route);
        free((void *) path.data);
    }
}
END_TEST

START_TEST(another_method_is_told_which_would_do)
{
    dp_match_t found;

    ck_assert_int_eq(match(&found, DP_METHOD_PATCH, "/a"), DP_MATCH_NO_METHOD);
    ck_assert_uint_eq(found.allowed,
                      DP_METHOD_GET | DP_METHOD_HEAD | DP_METHOD_POST);
    ck_assert_int_eq(match(&found, 0, "/c"), DP_MATCH_NO_METHOD);
    ck_assert_uint_eq(found.allowed, DP_METHOD_POST);
    ck_assert_int_eq(match(&found, DP_METHOD_HEAD, "/c"), DP_MATCH_NO_METHOD);
}
END_TEST

START_TEST(an_operation_is_found_by_its_name)
{
    for (size_t i = 0; i < dp_routes_count; i++) {
        ck_assert_ptr_eq(dp_route_find(dp_slice_text(dp_routes[i].operation)),
                         &dp_routes[i]);
    }

    ck_assert_ptr_null(dp_route_find(DP_SLICE("listB")));
    ck_assert_ptr_null(dp_route_find(DP_SLICE("get")));
    ck_assert_ptr_null(dp_route_find(dp_slice(NULL, 0)));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("route_match", each_row_is_found,
                    HEAD_matches_the_row_of_GET,
                    a_literal_wins_and_is_left_again_when_it_leads_nowhere,
                    parameters_borrow_from_the_path, other_paths_are_not_found,
                    another_method_is_told_which_would_do,
                    an_operation_is_found_by_its_name);
}
