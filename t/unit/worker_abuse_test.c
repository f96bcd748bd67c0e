/*
 * Events of edges on their way into the database: the rows that SQL reads,
 * of peers that are not trusted.
 */

#include "abuse/abuse.h"
#include "runtime/message.h"
#include "unit.h"

#include <stdlib.h>

static dp_abuse_event_t
event_make(void)
{
    dp_abuse_event_t event = {
        .id = "0123456789abcdef",
        .at_us = 1763633700000001,
        .kind = DP_EVENT_ESCALATED,
        .subject_kind = DP_ABUSE_ADDRESS,
        .subject = {[10] = 0xff, 0xff, 203, 0, 113, 7},
        .from = DP_ABUSE_THROTTLE,
        .to = DP_ABUSE_BLOCK,
        .signal = DP_ABUSE_PROBE,
        .level = 2,
        .score = 44,
        .signals = {1, 2, 44},
        .until_us = 1763634600000000,
    };

    return event;
}

/* Puts the message behind its length. */
static void
list_add(dp_writer_t *list, dp_slice_t message)
{
    dp_write_u16(list, (uint16_t) message.len);
    dp_write_bytes(list, message);
}

static void
event_add(dp_writer_t *list, const dp_abuse_event_t *event)
{
    uint8_t message[512];
    size_t  size = dp_wire_encode(&dp_wire_event, 0, event, message,
                                  sizeof(message));

    list_add(list, dp_slice(message, size));
}

START_TEST(an_event_becomes_a_row)
{
    uint8_t          buffer[1024];
    unsigned         refused;
    dp_writer_t      list = dp_writer(buffer, sizeof(buffer));
    dp_arena_t      *arena = dp_arena_create();
    dp_abuse_event_t event = event_make();

    event_add(&list, &event);
    unit_assert_text(
        dp_abuse_events_json(arena, dp_written(&list), DP_SLICE("edge \"1\""),
                             &refused),
        "[{\"id\":\"30313233-3435-3637-3839-616263646566\","
        "\"at\":1763633700000001,\"action\":\"abuse.tier_escalated\","
        "\"subject_kind\":\"address\","
        "\"subject\":\"00000000000000000000ffffcb007107\","
        "\"name\":\"203.0.113.7\",\"org_id\":null,"
        "\"tier_from\":\"THROTTLE\",\"tier_to\":\"BLOCK\","
        "\"signal\":\"probe\",\"score\":44,"
        "\"signals\":{\"auth\":1,\"burst\":2,\"probe\":44,\"honeypot\":0},"
        "\"level\":2,\"until\":1763634600000000,\"shadow\":false,"
        "\"request_id\":null,\"instance\":\"edge \\\"1\\\"\"}]");
    ck_assert_uint_eq(refused, 0);
    dp_arena_destroy(arena);
}
END_TEST

/* Whether the list's rows are `rows` and `refused` were left out. */
static void
list_gives(dp_slice_t bytes, size_t rows, unsigned refused)
{
    unsigned    left_out;
    size_t      found = 0;
    dp_arena_t *arena = dp_arena_create();
    dp_slice_t  list = unit_copy(bytes);
    dp_slice_t  text = dp_abuse_events_json(arena, list, DP_SLICE("e"),
                                            &left_out);

    for (size_t i = 0; i + 5 < text.len; i++) {
        found += memcmp(text.data + i, "{\"id\":", 6) == 0;
    }

    ck_assert_uint_eq(found, rows);
    ck_assert_uint_eq(left_out, refused);
    ck_assert(text.data[0] == '[' && text.data[text.len - 1] == ']');
    free((void *) list.data);
    dp_arena_destroy(arena);
}

START_TEST(what_is_no_event_is_left_out)
{
    uint8_t     buffer[8192];
    dp_writer_t list = dp_writer(buffer, sizeof(buffer));
    const struct {
        size_t   offset;
        uint16_t value;
    } wrong[] = {
        {offsetof(dp_abuse_event_t, kind), DP_EVENT_EXPIRED + 1},
        {offsetof(dp_abuse_event_t, kind), 99},
        {offsetof(dp_abuse_event_t, subject_kind), 3},
        {offsetof(dp_abuse_event_t, from), DP_ABUSE_TIERS},
        {offsetof(dp_abuse_event_t, to), DP_ABUSE_TIERS},
        {offsetof(dp_abuse_event_t, signal), DP_ABUSE_SIGNALS},
        {offsetof(dp_abuse_event_t, level), UINT16_MAX},
    };
    dp_abuse_event_t event = event_make();
    dp_wire_report_t report = {.instance = DP_SLICE("e"), .pid = 1};
    uint8_t          other[64];

    event_add(&list, &event);

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        event = event_make();
        memcpy((uint8_t *) &event + wrong[i].offset, &wrong[i].value,
               sizeof(uint16_t));
        event_add(&list, &event);
    }

    event = event_make();
    event.until_us = UINT64_MAX;
    event_add(&list, &event);
    list_add(&list, dp_slice(other, dp_wire_encode(&dp_wire_report, 0, &report,
                                                   other, sizeof(other))));
    list_add(&list, DP_SLICE("nothing at all"));
    event = event_make();
    event_add(&list, &event);
    list_gives(dp_written(&list), 2, 10);
}
END_TEST

START_TEST(a_list_may_end_anywhere)
{
    uint8_t          buffer[1024];
    dp_writer_t      list = dp_writer(buffer, sizeof(buffer));
    dp_abuse_event_t event = event_make();
    size_t           one;

    event_add(&list, &event);
    one = dp_written(&list).len;
    event_add(&list, &event);
    list_gives(dp_slice(NULL, 0), 0, 0);
    list_gives(dp_written(&list), 2, 0);

    for (size_t len = 1; len < one; len++) {
        list_gives(dp_slice(buffer, len), 0, 1);
        list_gives(dp_slice(buffer, one + len), 1, 1);
    }
}
END_TEST

START_TEST(a_line_about_events_is_about_no_request)
{
    dp_message_t     message = {.header.kind = DP_WIRE_EVENTS};
    dp_log_context_t context;

    message.asked.events.events = DP_SLICE("what would be ids of a request");
    context = dp_message_log_context(&message);
    ck_assert_str_eq(context.operation, "events");
    ck_assert_ptr_null(context.request_id);
    ck_assert_ptr_null(context.trace_id);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker_abuse", an_event_becomes_a_row, what_is_no_event_is_left_out,
                    a_list_may_end_anywhere,
                    a_line_about_events_is_about_no_request);
}
