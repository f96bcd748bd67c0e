/*
 * The trail of a request in the database: the session's name, the comment in
 * front of its transaction.
 */

#include "db/trail.h"
#include "db/trail_private.h"
#include "unit.h"

static const uint8_t request_id[16] = {0x47, 0x3d, 0x5e, 0xf7};
static const uint8_t span_id[8] = {0xb7, 0xad};
static const uint8_t trace_id[16] = {0x0a, [8] = 0x84, [15] = 0x9c};

#define ID "473d5ef7-0000-0000-0000-000000000000"
#define TRACE "0a00000000000000840000000000009c"

static dp_context_t
context_of(unsigned flags)
{
    return (dp_context_t) {
        .request_id = request_id,
        .trace_id = trace_id,
        .span_id = span_id,
        .trace_flags = flags,
        .action = "createProject",
    };
}

static void
assert_name(const char *own, dp_context_t context, const char *wanted)
{
    dp_db_t db = {.name = ""};
    char    name[DP_TRAIL_NAME_SIZE];

    memcpy(db.name, own, strlen(own) + 1);
    dp_trail_name(name, &db, &context);
    ck_assert_str_eq(name, wanted);
}

START_TEST(a_session_is_named_after_its_request)
{
    dp_context_t untraced = context_of(0);

    untraced.trace_id = NULL;

    assert_name("devpilot", context_of(0), "devpilot " ID " 840000000000009c");
    assert_name("devpilot", untraced, "devpilot " ID);
    assert_name("devpilot", (dp_context_t) {.action = NULL}, "devpilot");
    assert_name("", context_of(0), " " ID " 840000000000009c");
}
END_TEST

START_TEST(a_long_name_leaves_room_for_the_ids)
{
    static const char longest[64] =
        "a23456789b123456789c123456789d123456789e123456789f123456789g123";

    assert_name(longest, context_of(0), "a23456789 " ID " 840000000000009c");
    assert_name(longest, (dp_context_t) {.action = NULL}, longest);
}
END_TEST

static bool
commented(dp_comments_t comments, dp_context_t context)
{
    char text[DP_TRAIL_TEXT_SIZE];
    bool there;

    dp_trail_follow(0, comments);
    there = dp_trail_comment(text, "begin", &context);

    if (there) {
        ck_assert_str_eq(text,
                         context.trace_flags == 0
                             ? "begin /*action='createProject',requestid='" ID
                               "',traceparent='00-" TRACE
                               "-b7ad000000000000-00'*/"
                             : "begin /*action='createProject',requestid='" ID
                               "',traceparent='00-" TRACE
                               "-b7ad000000000000-01'*/");
    }

    return there;
}

START_TEST(comments_are_of_sampled_traces_or_all_or_none)
{
    dp_context_t untraced = context_of(1);

    untraced.trace_id = NULL;

    ck_assert(commented(DP_COMMENTS_SAMPLED, context_of(1)));
    ck_assert(!commented(DP_COMMENTS_SAMPLED, context_of(0)));
    ck_assert(commented(DP_COMMENTS_ALL, context_of(0)));
    ck_assert(commented(DP_COMMENTS_ALL, context_of(1)));
    ck_assert(!commented(DP_COMMENTS_ALL, untraced));
    ck_assert(!commented(DP_COMMENTS_NONE, context_of(1)));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker trail", a_session_is_named_after_its_request,
                    a_long_name_leaves_room_for_the_ids,
                    comments_are_of_sampled_traces_or_all_or_none);
}
