/*
 * Entity tags: what they are made of, and which of them If-Match means.
 * RFC 9110, sections 8.8.3 and 13.1.1.
 */

#include "policy/etag.h"
#include "unit.h"

static dp_slice_t
tag_of(dp_arena_t *arena, int64_t version, const char *body)
{
    dp_op_t op = {.arena = arena, .reply.body = dp_slice_text(body)};

    dp_etag_fill(&op, version);

    return op.reply.etag;
}

START_TEST(a_tag_is_strong_it_changes_with_version_and_bytes)
{
    dp_arena_t *arena = dp_arena_create();
    dp_slice_t  tag = tag_of(arena, 7, "{}");

    unit_assert_text(tag, "\"7-44136fa355b3678a\"");
    ck_assert(dp_slice_equal(tag, tag_of(arena, 7, "{}")));
    ck_assert(!dp_slice_equal(tag, tag_of(arena, 8, "{}")));
    ck_assert(!dp_slice_equal(tag, tag_of(arena, 7, "{} ")));

    dp_arena_destroy(arena);
}
END_TEST

START_TEST(If_Match_means_the_version)
{
    static const struct {
        const char *if_match;
        bool        matches; /* version 7 */
    } rows[] = {
        {"\"7-44136fa355b3678a\"", true},
        {"\"7-0000000000000000\"", true},
        {"\"8-44136fa355b3678a\"", false},
        {"\"17-44136fa355b3678a\"", false},
        {"*", true},
        {"\"8-00\", \"7-00\"", true},
        {"\"8-00\",\"7-00\"", true},
        {" , \"8-00\" ,, \t\"7-00\" , ", true},
        {"\"7-00\", \"8-00\"", true},
        {"\"8-00\", \"9-00\"", false},
        {"W/\"7-00\"", false},
        {"W/\"7-00\", \"7-00\"", true},
        {"\"7\"", true},
        {"\"-\"", false},
        {"\"\"", false},
        {"\"*\"", false},
        {"\"x,7-00\"", false},
        {"\"x, 7-00\"", false},
        {"\"7-00\" \"7-00\"", false},
        {"\"+7-00\"", false},
        {"\" 7-00\"", false},
        {"\"18446744073709551623-00\"", false},
        {"7-00", false},
        {"\"7-00", false},
        {"w/\"7-00\"", false},
        {"x\"7-00\"", false},
        {"W\"7-00\"", false},
        {"*, \"7-00\"", false},
        {"", false},
        {",", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        ck_assert_msg(dp_etag_matches(dp_slice_text(rows[i].if_match), 7)
                      == rows[i].matches,
                      "%s", rows[i].if_match);
    }
}
END_TEST

START_TEST(a_request_is_judged_by_its_header)
{
    dp_wire_request_t request = {.if_match = DP_SLICE("\"7-00\"")};
    dp_wire_request_t without = {.if_match = {NULL, 0}};
    dp_route_t        route = {.if_match_required = true};
    dp_route_t        free_route = {.if_match_required = false};
    dp_op_t           op = {.request = &request, .route = &route};
    dp_op_t           open = {.request = &without, .route = &free_route};

    ck_assert(dp_etag_check(&op));
    ck_assert(dp_etag_judge(&op, 7));
    ck_assert(!dp_etag_judge(&op, 8));
    ck_assert_int_eq(op.error, DP_ERR_PRECONDITION_FAILED);

    ck_assert(dp_etag_judge(&open, 8));
    ck_assert(dp_etag_check(&open));
    open.route = &route;
    ck_assert(!dp_etag_check(&open));
    ck_assert_int_eq(open.error, DP_ERR_PRECONDITION_REQUIRED);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("etag", a_tag_is_strong_it_changes_with_version_and_bytes,
                    If_Match_means_the_version,
                    a_request_is_judged_by_its_header);
}
