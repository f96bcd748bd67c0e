/*
 * The wire codec: every message survives the way, and every malformed one is
 * refused.
 */

#include "dp_wire.h"
#include "unit.h"

#include <stdlib.h>

#define ID_1 "0123456789abcdef"
#define ID_2 "fedcba9876543210"
#define CORRELATION 0x0102030405060708ull

static dp_wire_request_t
request_full(void)
{
    dp_wire_request_t request = {
        .operation = DP_SLICE("createProject"),
        .trace_flags = 1,
        .deadline_us = 1763633700000000ull,
        .switches = 0x41,
        .principal = {.kind = DP_PRINCIPAL_API_KEY, .auth_level = 2},
        .params = {DP_SLICE("a"), DP_SLICE("b"), DP_SLICE("c"), DP_SLICE("d")},
        .query = DP_SLICE("limit=2"),
        .idempotency_key = DP_SLICE("0123456789abcdef-key"),
        .if_match = DP_SLICE("\"7\""),
        .client_address = DP_SLICE("2001:db8::1"),
        .body = DP_SLICE("{\"name\":\"x\"}"),
    };

    memcpy(request.request_id, ID_1, DP_ID_SIZE);
    memcpy(request.trace_id, ID_2, 16);
    memcpy(request.span_id, ID_2, 8);
    memcpy(request.principal.credential_id, ID_1, DP_ID_SIZE);
    memcpy(request.principal.user_id, ID_2, DP_ID_SIZE);
    memcpy(request.principal.org_id, ID_1, DP_ID_SIZE);

    return request;
}

static dp_wire_reply_t
reply_full(void)
{
    return (dp_wire_reply_t) {
        .status = 201,
        .replayed = 1,
        .retry_after_s = 30,
        .code = DP_SLICE("WORKER_BUSY"),
        .message = DP_SLICE("m"),
        .hint = DP_SLICE("h"),
        .details = DP_SLICE("{\"a\":1}"),
        .context = DP_SLICE("{\"b\":2}"),
        .content_type = DP_SLICE("text/plain"),
        .location = DP_SLICE("/projects/1"),
        .etag = DP_SLICE("\"1\""),
        .link = DP_SLICE("</x>; rel=next"),
        .body = DP_SLICE("{}"),
    };
}

static dp_wire_control_t
control_full(void)
{
    return (dp_wire_control_t) {
        .generation = 1763633700000000ull,
        .read_us = 77,
        .floor = 1763633600000000ull,
        .switches = 0x41,
        .environment = 2,
        .revocations = DP_SLICE(ID_1 "\0\1\2\3\4\5\6\7"),
        .plans = DP_SLICE("\0\12" ID_1),
        .blocks = DP_SLICE("\0\0\0\3" ID_2),
    };
}

static dp_wire_report_t
report_full(void)
{
    return (dp_wire_report_t) {
        .instance = DP_SLICE("edge-1"),
        .pid = 4711,
        .generation = 1763633700000000ull,
        .directive = 1,
        .environment = 2,
        .file = 4,
        .pending = DP_SLICE("\0\0\0\3"),
        .draining = 1,
    };
}

static dp_abuse_event_t
event_full(void)
{
    dp_abuse_event_t event = {
        .at_us = 1763633700000000ull,
        .kind = DP_EVENT_ESCALATED,
        .subject_kind = DP_ABUSE_CREDENTIAL,
        .from = DP_ABUSE_WARN,
        .to = DP_ABUSE_BLOCK,
        .signal = DP_ABUSE_PROBE,
        .level = 3,
        .shadow = 1,
        .score = 41,
        .signals = {1, 2, 41, 9},
        .until_us = 1763633800000000ull,
    };

    memcpy(event.id, ID_1, DP_ID_SIZE);
    memcpy(event.subject, ID_2, DP_ID_SIZE);
    memcpy(event.org_id, ID_1, DP_ID_SIZE);
    memcpy(event.request_id, ID_2, DP_ID_SIZE);

    return event;
}

/* Encodes into exactly as many bytes as dp_wire_size() says. */
static dp_slice_t
encoded(const dp_wire_spec_t *spec, const void *message)
{
    size_t   size = dp_wire_size(spec, message);
    uint8_t *frame = malloc(size);

    ck_assert_ptr_nonnull(frame);
    ck_assert_uint_eq(dp_wire_encode(spec, CORRELATION, message, frame, size),
                      size);

    return dp_slice(frame, size);
}

/* Encodes, opens, decodes, encodes again: the frames are equal. */
static void
assert_survives(const dp_wire_spec_t *spec, uint8_t kind, const void *message,
                void *decoded)
{
    dp_slice_t       frame = encoded(spec, message);
    dp_wire_header_t header;
    dp_slice_t       fields, again;

    ck_assert(dp_wire_open(frame, &header, &fields));
    ck_assert_uint_eq(header.version, DP_WIRE_VERSION);
    ck_assert_uint_eq(header.kind, kind);
    ck_assert_uint_eq(header.correlation, CORRELATION);
    ck_assert(dp_wire_decode(spec, fields, decoded));

    again = encoded(spec, decoded);
    ck_assert(dp_slice_equal(frame, again));
    free((void *) again.data);
    free((void *) frame.data);
}

START_TEST(every_message_survives)
{
    dp_wire_request_t      request = request_full(), request_read;
    dp_wire_reply_t        reply = reply_full(), reply_read;
    dp_wire_authenticate_t authenticate = {
        .deadline_us = 1,
        .prefix = DP_SLICE("AbCd1234"),
        .digest = DP_SLICE("0123456789abcdef0123456789abcdef"),
    };
    dp_wire_authenticate_t authenticate_read;
    dp_wire_principal_t    principal = {
        .principal = {.kind = 1, .auth_level = 1},
        .expires_us = 5,
        .generation = 9,
        .scopes = UINT64_MAX,
        .plan = 20,
        .causes = DP_SLICE("DATABASE_UNREACHABLE"),
    };
    dp_wire_principal_t principal_read;
    dp_wire_measure_t   measure = {.format = 3}, measure_read;
    dp_wire_measures_t  measures = {.text = DP_SLICE("up 1\n"),
                                    .database = DP_WIRE_DATABASE_FOREIGN,
                                    .database_us = 1234567890123},
                        measures_read;
    dp_wire_control_t control = control_full(), control_read;
    dp_wire_report_t  report = report_full(), report_read;
    dp_wire_events_t  events = {.instance = DP_SLICE("edge-1"),
                                .deadline_us = 7,
                                .events = DP_SLICE("\0\1x")},
                     events_read;
    dp_wire_events_stored_t stored = {.code = DP_SLICE("WORKER_BUSY")},
                            stored_read;
    dp_abuse_event_t        event = event_full(), event_read;

    assert_survives(&dp_wire_request, DP_WIRE_REQUEST, &request, &request_read);
    assert_survives(&dp_wire_reply, DP_WIRE_REPLY, &reply, &reply_read);
    assert_survives(&dp_wire_authenticate, DP_WIRE_AUTHENTICATE, &authenticate,
                    &authenticate_read);
    assert_survives(&dp_wire_principal, DP_WIRE_PRINCIPAL, &principal,
                    &principal_read);
    assert_survives(&dp_wire_measure, DP_WIRE_MEASURE, &measure, &measure_read);
    assert_survives(&dp_wire_measures, DP_WIRE_MEASURES, &measures,
                    &measures_read);
    assert_survives(&dp_wire_control, DP_WIRE_CONTROL, &control, &control_read);
    assert_survives(&dp_wire_report, DP_WIRE_REPORT, &report, &report_read);
    assert_survives(&dp_wire_events, DP_WIRE_EVENTS, &events, &events_read);
    assert_survives(&dp_wire_events_stored, DP_WIRE_EVENTS_STORED, &stored,
                    &stored_read);
    assert_survives(&dp_wire_event, DP_WIRE_EVENT, &event, &event_read);
    ck_assert_mem_eq(&event_read, &event, sizeof(event));
}
END_TEST

START_TEST(a_decoded_request_says_what_was_said)
{
    dp_wire_request_t request = request_full(), read;
    dp_slice_t        frame = encoded(&dp_wire_request, &request);
    dp_wire_header_t  header;
    dp_slice_t        fields;

    ck_assert(dp_wire_open(frame, &header, &fields));
    ck_assert(dp_wire_decode(&dp_wire_request, fields, &read));
    unit_assert_text(read.operation, "createProject");
    unit_assert_text(read.params[3], "d");
    unit_assert_text(read.body, "{\"name\":\"x\"}");
    ck_assert_mem_eq(read.principal.user_id, ID_2, DP_ID_SIZE);
    ck_assert_uint_eq(read.deadline_us, 1763633700000000ull);
    ck_assert_uint_eq(read.switches, 0x41);
    ck_assert_uint_eq(read.principal.auth_level, 2);
    free((void *) frame.data);
}
END_TEST

START_TEST(control_state_says_what_was_said)
{
    dp_wire_control_t control = control_full(), control_read;
    dp_wire_report_t  report = report_full(), report_read;
    dp_slice_t        told = encoded(&dp_wire_control, &control);
    dp_slice_t        reported = encoded(&dp_wire_report, &report);
    dp_wire_header_t  header;
    dp_slice_t        fields;

    ck_assert(dp_wire_open(told, &header, &fields));
    ck_assert(dp_wire_decode(&dp_wire_control, fields, &control_read));
    ck_assert_uint_eq(control_read.generation, control.generation);
    ck_assert_uint_eq(control_read.read_us, 77);
    ck_assert_uint_eq(control_read.floor, control.floor);
    ck_assert_uint_eq(control_read.switches, 0x41);
    ck_assert_uint_eq(control_read.environment, 2);
    ck_assert_uint_eq(control_read.revocations.len, 24);

    ck_assert(dp_wire_open(reported, &header, &fields));
    ck_assert(dp_wire_decode(&dp_wire_report, fields, &report_read));
    unit_assert_text(report_read.instance, "edge-1");
    ck_assert_uint_eq(report_read.pid, 4711);
    ck_assert_uint_eq(report_read.directive, 1);
    ck_assert_uint_eq(report_read.environment, 2);
    ck_assert_uint_eq(report_read.file, 4);
    ck_assert_uint_eq(report_read.draining, 1);

    free((void *) told.data);
    free((void *) reported.data);
}
END_TEST

/* Of an unasked message nothing may be left out that makes it one. */
START_TEST(control_state_without_its_generation_is_refused)
{
    static const struct {
        const char *what;
        dp_slice_t  fields;
        bool        accepted;
    } rows[] = {
        {"generation and time",
         DP_SLICE("\0\1\0\0\0\10........\0\2\0\0\0\10........"), true},
        {"no time", DP_SLICE("\0\1\0\0\0\10........"), false},
        {"no generation", DP_SLICE("\0\2\0\0\0\10........"), false},
        {"a generation of four bytes",
         DP_SLICE("\0\1\0\0\0\4....\0\2\0\0\0\10........"), false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t        fields = unit_copy(rows[i].fields);
        dp_wire_control_t control;

        ck_assert_msg(dp_wire_decode(&dp_wire_control, fields, &control)
                      == rows[i].accepted, "%s", rows[i].what);
        free((void *) fields.data);
    }
}
END_TEST

START_TEST(what_is_empty_is_left_out)
{
    dp_wire_measure_t measure = {0};
    dp_wire_reply_t   reply = {.status = 204};

    ck_assert_uint_eq(dp_wire_size(&dp_wire_measure, &measure),
                      DP_WIRE_HEADER_SIZE);
    ck_assert_uint_eq(dp_wire_size(&dp_wire_reply, &reply),
                      DP_WIRE_HEADER_SIZE + DP_WIRE_FIELD_OVERHEAD + 2);
}
END_TEST

START_TEST(a_small_buffer_is_refused_at_every_size)
{
    dp_wire_request_t request = request_full();
    size_t            size = dp_wire_size(&dp_wire_request, &request);
    uint8_t           frame[1024];

    ck_assert_uint_le(size, sizeof(frame));

    for (size_t capacity = 0; capacity < size; capacity++) {
        ck_assert_uint_eq(dp_wire_encode(&dp_wire_request, 1, &request, frame,
                                         capacity), 0);
    }
}
END_TEST

/* A prefix may end between two fields, and then lacks a required one or not. */
START_TEST(a_truncated_frame_is_never_misread)
{
    dp_wire_request_t request = request_full(), read;
    dp_slice_t        whole = encoded(&dp_wire_request, &request);

    for (size_t len = 0; len < whole.len; len++) {
        dp_slice_t       part = unit_copy(dp_slice(whole.data, len));
        dp_wire_header_t header;
        dp_slice_t       fields;

        if (len < DP_WIRE_HEADER_SIZE) {
            ck_assert(!dp_wire_open(part, &header, &fields));
        } else if (dp_wire_open(part, &header, &fields)
                   && dp_wire_decode(&dp_wire_request, fields, &read)) {
            ck_assert(dp_slice_equal(read.operation, request.operation));
            ck_assert_uint_eq(dp_wire_size(&dp_wire_request, &read), len);
        }

        free((void *) part.data);
    }

    free((void *) whole.data);
}
END_TEST

START_TEST(a_foreign_header_is_refused)
{
    static const struct {
        size_t  at;
        uint8_t value;
    } changes[] = {{0, 'X'}, {1, 'X'}, {2, 2}, {4, 1}, {7, 1}};

    dp_wire_measure_t measure = {0};
    uint8_t           frame[DP_WIRE_HEADER_SIZE];
    dp_wire_header_t  header;
    dp_slice_t        fields;

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        ck_assert_uint_eq(dp_wire_encode(&dp_wire_measure, 1, &measure, frame,
                                         sizeof(frame)), sizeof(frame));
        ck_assert(dp_wire_open(dp_slice(frame, sizeof(frame)), &header,
                               &fields));
        frame[changes[i].at] = changes[i].value;
        ck_assert(!dp_wire_open(dp_slice(frame, sizeof(frame)), &header,
                                &fields));
    }
}
END_TEST

START_TEST(fields_that_are_wrong_are_refused)
{
    static const struct {
        const char *what;
        dp_slice_t  fields;
        bool        accepted;
    } rows[] = {
        {"status alone", DP_SLICE("\0\1\0\0\0\2\0\310"), true},
        {"an unknown tag behind it",
         DP_SLICE("\0\1\0\0\0\2\0\310\x7f\xff\0\0\0\1x"), true},
        {"no status", DP_SLICE("\0\2\0\0\0\2\0\1"), false},
        {"nothing", DP_SLICE(""), false},
        {"status twice", DP_SLICE("\0\1\0\0\0\2\0\310\0\1\0\0\0\2\0\310"),
         false},
        {"status of three bytes", DP_SLICE("\0\1\0\0\0\3\0\0\310"), false},
        {"status of one byte", DP_SLICE("\0\1\0\0\0\1\310"), false},
        {"a length beyond the end", DP_SLICE("\0\1\0\0\0\3\0\310"), false},
        {"a huge length", DP_SLICE("\0\1\0\0\0\2\0\310\0\4\xff\xff\xff\xff"),
         false},
        {"one byte left over", DP_SLICE("\0\1\0\0\0\2\0\310\0"), false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t      fields = unit_copy(rows[i].fields);
        dp_wire_reply_t reply;

        ck_assert_msg(dp_wire_decode(&dp_wire_reply, fields, &reply)
                      == rows[i].accepted, "%s", rows[i].what);
        free((void *) fields.data);
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("wire", every_message_survives,
                    a_decoded_request_says_what_was_said,
                    control_state_says_what_was_said,
                    control_state_without_its_generation_is_refused,
                    what_is_empty_is_left_out,
                    a_small_buffer_is_refused_at_every_size,
                    a_truncated_frame_is_never_misread,
                    a_foreign_header_is_refused,
                    fields_that_are_wrong_are_refused);
}
