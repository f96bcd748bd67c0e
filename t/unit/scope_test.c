/*
 * Scopes: which names have which bits, and that what nobody knows has none.
 */

#include "dp_routes.h"
#include "dp_scope.h"
#include "unit.h"

#include <stdlib.h>

static uint64_t
scopes_of(const char *names)
{
    dp_slice_t copy = unit_copy(dp_slice_text(names));
    uint64_t   scopes = dp_scopes_read(copy, ',');

    free((void *) copy.data);

    return scopes;
}

START_TEST(a_scope_is_the_bit_of_its_place)
{
    for (size_t i = 0; i < dp_scopes_count; i++) {
        ck_assert_uint_eq(scopes_of(dp_scopes[i]), 1ull << i);
        ck_assert_str_eq(dp_scope_name(1ull << i), dp_scopes[i]);
    }
}
END_TEST

START_TEST(several_are_told_by_commas)
{
    uint64_t projects = scopes_of("projects:read");
    uint64_t identity = scopes_of("identity:read");

    ck_assert_uint_eq(scopes_of("projects:read,identity:read"),
                      projects | identity);
    ck_assert_uint_eq(scopes_of("identity:read,projects:read,identity:read"),
                      projects | identity);
}
END_TEST

START_TEST(what_nobody_knows_is_nothing)
{
    static const char *const names[] = {
        "", ",", ",,", "projects", "projects:", "projects:reader", "Projects:read",
        " projects:read", "projects:read ", "projects:read;projects:write", "*",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ck_assert_uint_eq(scopes_of(names[i]), 0);
    }

    ck_assert_uint_eq(scopes_of("nobody:knows,projects:read,"),
                      scopes_of("projects:read"));
}
END_TEST

START_TEST(an_operation_has_one_unless_it_is_public)
{
    for (size_t i = 0; i < dp_routes_count; i++) {
        const dp_route_t *route = &dp_routes[i];

        ck_assert_int_eq(__builtin_popcountll(route->scope),
                         route->role_scope != DP_ROLE_PUBLIC);
        ck_assert(route->scope == 0
                  || strstr(dp_scope_name(route->scope),
                            route->mutates ? ":write" : ":read") != NULL);
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("scope", a_scope_is_the_bit_of_its_place,
                    several_are_told_by_commas, what_nobody_knows_is_nothing,
                    an_operation_has_one_unless_it_is_public);
}
