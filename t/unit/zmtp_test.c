/*
 * The ZMTP codec without a peer: every event, every split, every refusal.
 */

#include "dp_zmtp.h"
#include "unit.h"

#include <stdlib.h>

#define MESSAGE_MAX 1000

#define SIGNATURE "\xff\0\0\0\0\0\0\0\1\x7f"
#define MECHANISM "NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define FILLER                                                                \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define GREETING SIGNATURE "\3\1" MECHANISM FILLER
#define READY "\4\x1c\5READY\x0bSocket-Type\0\0\0\6ROUTER"

/* What libzmq's ROUTER says: its version, its type, an empty Identity. */
#define READY_LIBZMQ                                                          \
    "\4\x29\5READY\x0bSocket-Type\0\0\0\6ROUTER\x08Identity\0\0\0\0"

static dp_slice_t
rest_of(dp_slice_t input, size_t taken)
{
    return dp_slice(input.data + taken, input.len - taken);
}

/* Takes all events and writes their kinds as letters, bodies in brackets. */
typedef struct {
    char        text[256];
    dp_writer_t writer;
} trail_t;

static void
trail_add(trail_t *trail, const dp_zmtp_event_t *event)
{
    static const char letters[] = {
        [DP_ZMTP_MORE] = '-',    [DP_ZMTP_GREETING] = 'G',
        [DP_ZMTP_READY] = 'R',   [DP_ZMTP_MESSAGE] = 'M',
        [DP_ZMTP_PING] = 'P',    [DP_ZMTP_PONG] = 'O',
        [DP_ZMTP_IGNORED] = 'I', [DP_ZMTP_ERROR] = 'E',
        [DP_ZMTP_MALFORMED] = 'X',
    };

    dp_write_u8(&trail->writer, (uint8_t) letters[event->kind]);

    if (event->body.len != 0) {
        dp_write_text(&trail->writer, "[");
        dp_write_bytes(&trail->writer, event->body);
        dp_write_text(&trail->writer, "]");
    }
}

/*
 * Feeds the bytes `step` at a time, as a connection would: what is not taken is
 * kept, in memory of exactly that size.
 */
static void
feed(trail_t *trail, dp_slice_t bytes, size_t step)
{
    dp_zmtp_t       zmtp;
    dp_zmtp_event_t event = {.kind = DP_ZMTP_MORE};
    size_t          taken = 0;

    trail->writer = dp_writer(trail->text, sizeof(trail->text));
    dp_zmtp_init(&zmtp, MESSAGE_MAX);

    for (size_t end = step; event.kind == DP_ZMTP_MORE; end += step) {
        size_t     len = (end < bytes.len ? end : bytes.len) - taken;
        dp_slice_t copy = unit_copy(dp_slice(bytes.data + taken, len));
        dp_slice_t input = copy;

        while (dp_zmtp_next(&zmtp, &input, &event)) {
            trail_add(trail, &event);
        }

        taken += len - input.len;
        free((void *) copy.data);

        if (end >= bytes.len) {
            break;
        }
    }

    if (event.kind != DP_ZMTP_MORE) {
        dp_write_u8(&trail->writer, event.kind == DP_ZMTP_ERROR ? 'E' : 'X');
    }

    ck_assert(!trail->writer.failed);
}

static void
assert_trail(dp_slice_t bytes, const char *expected)
{
    for (size_t step = 1; step <= bytes.len + 1; step++) {
        trail_t trail;

        feed(&trail, bytes, step);
        unit_assert_text(dp_written(&trail.writer), expected);
    }
}

START_TEST(a_conversation_split_anywhere)
{
    assert_trail(DP_SLICE(GREETING READY "\0\2hi" "\0\0" "\4\7\4PING\0\x0a"
                          "\4\x0a\4PINGctxab" "\4\7\4PONGxy"
                          "\4\4\3FOO" "\2\0\0\0\0\0\0\0\3abc" "\0\1z"),
                 "GRM[hi]MPP[xab]O[xy]IM[abc]M[z]");
    assert_trail(DP_SLICE(GREETING READY_LIBZMQ "\0\1a"), "GRM[a]");
}
END_TEST

START_TEST(a_peer_of_3_0_or_4_is_accepted)
{
    assert_trail(DP_SLICE(SIGNATURE "\3\0" MECHANISM FILLER READY), "GR");
    assert_trail(DP_SLICE(SIGNATURE "\4\0" MECHANISM FILLER READY), "GR");
}
END_TEST

START_TEST(padding_and_filler_mean_nothing)
{
    assert_trail(DP_SLICE("\xff" "abcdefgh" "\x01" "\3\1" MECHANISM
                          "\0 the filler may be anything...." READY), "GR");
}
END_TEST

START_TEST(heartbeats_are_for_3_1_and_later)
{
    static const struct {
        dp_slice_t greeting;
        bool       heartbeats;
    } rows[] = {
        {DP_SLICE(SIGNATURE "\3\0" MECHANISM FILLER), false},
        {DP_SLICE(SIGNATURE "\3\1" MECHANISM FILLER), true},
        {DP_SLICE(SIGNATURE "\4\0" MECHANISM FILLER), true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t      input = rows[i].greeting;
        dp_zmtp_t       zmtp;
        dp_zmtp_event_t event;

        dp_zmtp_init(&zmtp, MESSAGE_MAX);
        ck_assert(dp_zmtp_next(&zmtp, &input, &event));
        ck_assert(dp_zmtp_heartbeats(&zmtp) == rows[i].heartbeats);
        ck_assert(!dp_zmtp_established(&zmtp));
    }
}
END_TEST

START_TEST(metadata_may_come_in_any_case_and_order)
{
    assert_trail(DP_SLICE(GREETING "\4\x26\5READY\3X-a\0\0\0\2hi"
                          "\x0bsocket-TYPE\0\0\0\6DEALER"), "GR");
    assert_trail(DP_SLICE(GREETING "\4\6\5READY"), "GR");
    assert_trail(DP_SLICE(GREETING "\6\0\0\0\0\0\0\0\6\5READY"), "GR");
}
END_TEST

START_TEST(the_wrong_peer_is_refused)
{
    static const struct {
        const char *what;
        dp_slice_t  bytes;
        const char *trail;
    } rows[] = {
        {"HTTP", DP_SLICE("HTTP/1.1 400 Bad Request\r\n"), "X"},
        {"ZMTP 1.0", DP_SLICE("\xff\0\0\0\0\0\0\0\1\0"), "X"},
        {"ZMTP 2.0", DP_SLICE(SIGNATURE "\1\5"), "X"},
        {"CURVE", DP_SLICE(SIGNATURE "\3\1" "CURVE\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0" FILLER), "X"},
        {"NULLX", DP_SLICE(SIGNATURE "\3\1" "NULLX\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0" FILLER), "X"},
        {"a PUB", DP_SLICE(GREETING
                           "\4\x19\5READY\x0bSocket-Type\0\0\0\3PUB"), "GX"},
        {"a REP", DP_SLICE(GREETING
                           "\4\x19\5READY\x0bSocket-Type\0\0\0\3REP"), "GX"},
        {"an ERROR", DP_SLICE(GREETING "\4\x09\5ERROR\2no"), "GE"},
        {"a late ERROR", DP_SLICE(GREETING READY "\4\x09\5ERROR\2no"), "GRE"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_trail(rows[i].bytes, rows[i].trail);
    }
}
END_TEST

START_TEST(malformed_frames_are_refused)
{
    static const dp_slice_t before_ready[] = {
        DP_SLICE(GREETING "\0\1a"),
        DP_SLICE(GREETING "\4\5\4PING"),
        DP_SLICE(GREETING "\4\0"),
        DP_SLICE(GREETING "\4\1\0"),
        DP_SLICE(GREETING "\4\1\5"),
        DP_SLICE(GREETING "\4\7\5READY\x0b"),
        DP_SLICE(GREETING "\4\x0b\5READY\0\0\0\0\0"),
        DP_SLICE(GREETING "\4\x0c\5READY\1a\0\0\0\1"),
        DP_SLICE(GREETING "\4\x0c\5READY\1a\xff\xff\xff\xff"),
        DP_SLICE(GREETING "\4\x07\5ERROR\2"),
        DP_SLICE(GREETING "\4\x0a\5ERROR\2nox"),
        DP_SLICE(GREETING "\6\0\0\0\0\0\0\4\1"),
    };
    static const dp_slice_t after_ready[] = {
        DP_SLICE(GREETING READY "\1\1a"),
        DP_SLICE(GREETING READY "\3\0\0\0\0\0\0\0\1a"),
        DP_SLICE(GREETING READY "\5\5\4PONG"),
        DP_SLICE(GREETING READY "\x08\1a"),
        DP_SLICE(GREETING READY "\x80\1a"),
        DP_SLICE(GREETING READY "\2\0\0\0\0\0\0\3\xe9"),
        DP_SLICE(GREETING READY "\2\x80\0\0\0\0\0\0\0"),
        DP_SLICE(GREETING READY "\2\xff\xff\xff\xff\xff\xff\xff\xff"),
        DP_SLICE(GREETING READY "\4\6\4PING\0"),
        DP_SLICE(GREETING READY "\4\x18\4PING\0\0" "0123456789abcdef0"),
        DP_SLICE(GREETING READY "\4\x16\4PONG" "0123456789abcdef0"),
    };

    for (size_t i = 0; i < sizeof(before_ready) / sizeof(before_ready[0]); i++) {
        assert_trail(before_ready[i], "GX");
    }

    for (size_t i = 0; i < sizeof(after_ready) / sizeof(after_ready[0]); i++) {
        assert_trail(after_ready[i], "GRX");
    }
}
END_TEST

/* After a fault there is no way on, whatever comes. */
START_TEST(a_fault_is_for_good)
{
    dp_slice_t      input = DP_SLICE("X");
    dp_zmtp_t       zmtp;
    dp_zmtp_event_t event;

    dp_zmtp_init(&zmtp, MESSAGE_MAX);
    ck_assert(!dp_zmtp_next(&zmtp, &input, &event));
    ck_assert_ptr_nonnull(event.fault);
    input = DP_SLICE(GREETING);
    ck_assert(!dp_zmtp_next(&zmtp, &input, &event));
    ck_assert_int_eq(event.kind, DP_ZMTP_MALFORMED);
    ck_assert(!dp_zmtp_established(&zmtp));
}
END_TEST

/* A connection in traffic. */
static dp_zmtp_t
established(void)
{
    dp_slice_t      input = DP_SLICE(GREETING READY);
    dp_zmtp_t       zmtp;
    dp_zmtp_event_t event;

    dp_zmtp_init(&zmtp, MESSAGE_MAX);
    ck_assert(dp_zmtp_next(&zmtp, &input, &event));
    ck_assert(dp_zmtp_next(&zmtp, &input, &event));
    ck_assert_int_eq(event.kind, DP_ZMTP_READY);
    ck_assert(dp_zmtp_established(&zmtp));

    return zmtp;
}

START_TEST(more_says_how_much_is_needed)
{
    static const struct {
        dp_slice_t input;
        size_t     need;
    } rows[] = {
        {{NULL, 0}, 2},
        {DP_SLICE("\0"), 2},
        {DP_SLICE("\0\5abc"), 7},
        {DP_SLICE("\2"), 9},
        {DP_SLICE("\2\0\0\0\0\0\0\3"), 9},
        {DP_SLICE("\2\0\0\0\0\0\0\3\xe8"), 1009},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_zmtp_t       zmtp = established();
        dp_slice_t      input = rows[i].input;
        dp_zmtp_event_t event;

        ck_assert(!dp_zmtp_next(&zmtp, &input, &event));
        ck_assert_int_eq(event.kind, DP_ZMTP_MORE);
        ck_assert_uint_eq(event.need, rows[i].need);
        ck_assert_uint_eq(input.len, rows[i].input.len);
    }
}
END_TEST

START_TEST(a_body_is_borrowed_not_copied)
{
    dp_zmtp_t       zmtp = established();
    dp_slice_t      whole = DP_SLICE("\0\5hello\0\1x");
    dp_slice_t      input = whole;
    dp_zmtp_event_t event;

    ck_assert(dp_zmtp_next(&zmtp, &input, &event));
    ck_assert_ptr_eq(event.body.data, whole.data + 2);
    ck_assert(dp_slice_equal(input, rest_of(whole, 7)));
}
END_TEST

/* What we write is what we read, for each length around the limits. */
START_TEST(a_frame_survives_at_every_size)
{
    static const size_t sizes[] = {0, 1, 254, 255, 256, 999, 1000};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t         frame[DP_ZMTP_INPUT_SIZE(MESSAGE_MAX)] = {0};
        dp_zmtp_t       zmtp = established();
        dp_zmtp_event_t event;
        dp_slice_t      input;
        size_t          header = dp_zmtp_frame_header(frame, sizes[i]);

        ck_assert_uint_eq(header, sizes[i] > 255 ? 9 : 2);
        input = dp_slice(frame, header + sizes[i]);
        ck_assert(dp_zmtp_next(&zmtp, &input, &event));
        ck_assert_int_eq(event.kind, DP_ZMTP_MESSAGE);
        ck_assert_uint_eq(event.body.len, sizes[i]);
        ck_assert_uint_eq(input.len, 0);
    }
}
END_TEST

START_TEST(our_greeting_and_READY_to_the_letter)
{
    uint8_t     bytes[DP_ZMTP_GREETING_SIZE + DP_ZMTP_READY_SIZE];
    dp_writer_t writer = dp_writer(bytes, sizeof(bytes));

    dp_zmtp_write_greeting(&writer);
    ck_assert_uint_eq(dp_written(&writer).len, DP_ZMTP_GREETING_SIZE);
    dp_zmtp_write_ready(&writer);
    ck_assert(!writer.failed);
    ck_assert(dp_slice_equal(
        dp_written(&writer),
        DP_SLICE("\xff\0\0\0\0\0\0\0\0\x7f\3\1" MECHANISM FILLER
                 "\4\x1c\5READY\x0bSocket-Type\0\0\0\6DEALER")));
}
END_TEST

START_TEST(our_PING_and_PONG_survive)
{
    uint8_t         bytes[DP_ZMTP_PING_SIZE + DP_ZMTP_PONG_SIZE];
    dp_writer_t     writer = dp_writer(bytes, sizeof(bytes));
    dp_slice_t      context = DP_SLICE("0123456789abcdef");
    dp_zmtp_t       zmtp = established();
    dp_zmtp_event_t event;
    dp_slice_t      input;

    dp_zmtp_write_ping(&writer, 50, context);
    dp_zmtp_write_pong(&writer, context);
    ck_assert(!writer.failed);
    input = dp_written(&writer);
    ck_assert_uint_eq(input.len, sizeof(bytes));

    ck_assert(dp_zmtp_next(&zmtp, &input, &event));
    ck_assert_int_eq(event.kind, DP_ZMTP_PING);
    ck_assert_uint_eq(event.ttl_ds, 50);
    ck_assert(dp_slice_equal(event.body, context));
    ck_assert(dp_zmtp_next(&zmtp, &input, &event));
    ck_assert_int_eq(event.kind, DP_ZMTP_PONG);
    ck_assert(dp_slice_equal(event.body, context));
}
END_TEST

START_TEST(a_long_context_fails_the_writer)
{
    uint8_t     bytes[64];
    dp_writer_t ping = dp_writer(bytes, sizeof(bytes));
    dp_writer_t pong = dp_writer(bytes, sizeof(bytes));

    dp_zmtp_write_ping(&ping, 0, DP_SLICE("0123456789abcdef0"));
    dp_zmtp_write_pong(&pong, DP_SLICE("0123456789abcdef0"));
    ck_assert(ping.failed && pong.failed);
}
END_TEST

int
main(void)
{
    return UNIT_RUN(
        "zmtp", a_conversation_split_anywhere, a_peer_of_3_0_or_4_is_accepted,
        padding_and_filler_mean_nothing, heartbeats_are_for_3_1_and_later,
        metadata_may_come_in_any_case_and_order, the_wrong_peer_is_refused,
        malformed_frames_are_refused, a_fault_is_for_good,
        more_says_how_much_is_needed, a_body_is_borrowed_not_copied,
        a_frame_survives_at_every_size, our_greeting_and_READY_to_the_letter,
        our_PING_and_PONG_survive, a_long_context_fails_the_writer);
}
