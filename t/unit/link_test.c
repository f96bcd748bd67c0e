/*
 * The Link header: the path that was asked for, whatever its parameters hold.
 */

#include "policy/link.h"
#include "unit.h"

static void
assert_link(const char *path, dp_slice_t first, dp_slice_t second,
            const char *expected)
{
    dp_route_t route = {
        .path = path,
        .param_count = (uint8_t) ((first.data != NULL) + (second.data != NULL)),
    };
    dp_wire_request_t request = {.params = {first, second}};
    dp_arena_t       *arena = dp_arena_create();
    dp_op_t           op = {.arena = arena, .route = &route, .request = &request};

    dp_link_next(&op, 25, DP_SLICE("Cursor_-"));
    unit_assert_text(op.reply.link, expected);

    dp_arena_destroy(arena);
}

START_TEST(ERR_07_the_next_page_is_under_the_same_path)
{
    dp_slice_t none = {NULL, 0};

    assert_link("/projects", none, none,
                "</projects?limit=25&cursor=Cursor_->; rel=\"next\"");
    assert_link("/projects/{projectId}/members", DP_SLICE("0f-1"), none,
                "</projects/0f-1/members?limit=25&cursor=Cursor_->; rel=\"next\"");
    assert_link("/a/{b}/c/{d}", DP_SLICE("x"), DP_SLICE("y"),
                "</a/x/c/y?limit=25&cursor=Cursor_->; rel=\"next\"");
}
END_TEST

START_TEST(parameters_are_escaped)
{
    dp_slice_t none = {NULL, 0};

    assert_link("/a/{b}", dp_slice(">\"\0/%\xc3\xa9", 7), none,
                "</a/%3E%22%00%2F%25%C3%A9?limit=25&cursor=Cursor_->; rel=\"next\"");
}
END_TEST

int
main(void)
{
    return UNIT_RUN("link", ERR_07_the_next_page_is_under_the_same_path,
                    parameters_are_escaped);
}
