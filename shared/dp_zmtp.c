/*
 * The ZMTP codec: greeting, frames, commands.  See dp_zmtp.h; section names
 * are those of rfc.zeromq.org/spec/37.
 */

#include "dp_zmtp.h"

#include <strings.h>

#define VERSION_MAJOR 3
#define VERSION_MINOR 1

/* offsets in the greeting */
#define AT_SIGNATURE_END 9
#define AT_MAJOR 10
#define AT_MINOR 11
#define AT_MECHANISM 12
#define MECHANISM_SIZE 20

/* flags of a frame ("Framing") */
#define FLAG_MORE 0x01
#define FLAG_LONG 0x02
#define FLAG_COMMAND 0x04
#define FLAGS_KNOWN (FLAG_MORE | FLAG_LONG | FLAG_COMMAND)

#define SHORT_MAX 255

static const uint8_t mechanism_null[MECHANISM_SIZE] = "NULL";

/* Always false, so that callers write return malformed(). */
static bool
malformed(dp_zmtp_t *zmtp, dp_zmtp_event_t *event, const char *fault)
{
    zmtp->state = DP_ZMTP_FAILED;
    event->kind = DP_ZMTP_MALFORMED;
    event->fault = fault;

    return false;
}

static bool
more(dp_zmtp_event_t *event, size_t need)
{
    event->kind = DP_ZMTP_MORE;
    event->need = need;

    return false;
}

static bool
happened(dp_zmtp_event_t *event, dp_zmtp_event_kind_t kind, dp_slice_t body)
{
    event->kind = (uint8_t) kind;
    event->body = body;

    return true;
}

static void
input_skip(dp_slice_t *input, size_t len)
{
    *input = dp_slice(input->data + len, input->len - len);
}

/*
 * What is wrong with as much of a greeting as has come, or NULL.  Checked
 * early, so that a peer who speaks something else is not waited for.
 */
static const char *
greeting_fault(dp_slice_t input)
{
    const uint8_t *bytes = input.data;

    if (input.len > 0 && bytes[0] != 0xff) {
        return "no ZMTP signature";
    }

    if (input.len > AT_SIGNATURE_END && (bytes[AT_SIGNATURE_END] & 0x01) == 0) {
        return "ZMTP 1.0 is not supported";
    }

    if (input.len > AT_MAJOR && bytes[AT_MAJOR] < VERSION_MAJOR) {
        return "ZMTP 2.0 is not supported";
    }

    if (input.len >= AT_MECHANISM + MECHANISM_SIZE
        && memcmp(bytes + AT_MECHANISM, mechanism_null, MECHANISM_SIZE) != 0) {
        return "the peer's mechanism is not NULL";
    }

    return NULL;
}

static bool
next_greeting(dp_zmtp_t *zmtp, dp_slice_t *input, dp_zmtp_event_t *event)
{
    const char *fault = greeting_fault(*input);

    if (fault != NULL) {
        return malformed(zmtp, event, fault);
    }

    if (input->len < DP_ZMTP_GREETING_SIZE) {
        return more(event, DP_ZMTP_GREETING_SIZE);
    }

    zmtp->peer_minor = input->data[AT_MAJOR] == VERSION_MAJOR
                           ? input->data[AT_MINOR]
                           : UINT8_MAX;
    zmtp->state = DP_ZMTP_AWAIT_READY;
    input_skip(input, DP_ZMTP_GREETING_SIZE);

    return happened(event, DP_ZMTP_GREETING, dp_slice(NULL, 0));
}

typedef struct {
    uint8_t  flags;
    uint64_t len; /* of the body */
    size_t   header;
} frame_t;

/* What is wrong with a frame's flags in this state, or NULL. */
static const char *
flags_fault(const dp_zmtp_t *zmtp, uint8_t flags)
{
    if (flags & ~FLAGS_KNOWN) {
        return "reserved flags are set";
    }

    if (flags & FLAG_MORE) {
        return "a message of several frames";
    }

    if (!(flags & FLAG_COMMAND) && zmtp->state != DP_ZMTP_TRAFFIC) {
        return "a message before READY";
    }

    return NULL;
}

/* Reads a frame's header; false after setting the event. */
static bool
frame_open(dp_zmtp_t *zmtp, dp_slice_t input, dp_zmtp_event_t *event,
           frame_t *frame)
{
    dp_reader_t reader = dp_reader(input);
    const char *fault;
    size_t      max;

    if (input.len == 0) {
        return more(event, 2);
    }

    frame->flags = dp_read_u8(&reader);
    fault = flags_fault(zmtp, frame->flags);

    if (fault != NULL) {
        return malformed(zmtp, event, fault);
    }

    frame->header = frame->flags & FLAG_LONG ? DP_ZMTP_FRAME_HEADER_SIZE : 2;
    frame->len = dp_read_uint(&reader, frame->header - 1);
    max = frame->flags & FLAG_COMMAND ? DP_ZMTP_COMMAND_SIZE
                                      : zmtp->message_max;

    if (reader.failed) {
        return more(event, frame->header);
    }

    if (frame->len > max) {
        return malformed(zmtp, event, "a frame is too long");
    }

    if (frame->len > input.len - frame->header) {
        return more(event, frame->header + (size_t) frame->len);
    }

    return true;
}

static bool
name_equal(dp_slice_t name, const char *expected)
{
    return dp_slice_equal(name, dp_slice_text(expected));
}

/* Names of properties are not case-sensitive ("Connection Metadata"). */
static bool
property_is(dp_slice_t name, const char *expected)
{
    return name.len == strlen(expected)
           && strncasecmp((const char *) name.data, expected, name.len) == 0;
}

/* A ROUTER is what we are made for; a DEALER does as well for one frame. */
static bool
socket_type_suits(dp_slice_t type)
{
    return name_equal(type, "ROUTER") || name_equal(type, "DEALER");
}

/* What is wrong with the metadata of a READY, or NULL. */
static const char *
ready_fault(dp_reader_t *metadata)
{
    bool suits = true; /* Socket-Type may be left out */

    while (dp_reader_left(metadata) != 0) {
        dp_slice_t name = dp_read_bytes(metadata, dp_read_u8(metadata));
        dp_slice_t value = dp_read_bytes(metadata, dp_read_u32(metadata));

        if (name.len == 0) {
            return "a property without a name";
        }

        if (property_is(name, "Socket-Type")) {
            suits = socket_type_suits(value);
        }
    }

    if (metadata->failed) {
        return "malformed metadata";
    }

    return suits ? NULL : "the peer's socket is no ROUTER";
}

static bool
command_ready(dp_zmtp_t *zmtp, dp_reader_t *data, dp_zmtp_event_t *event)
{
    const char *fault = ready_fault(data);

    if (fault != NULL) {
        return malformed(zmtp, event, fault);
    }

    zmtp->state = DP_ZMTP_TRAFFIC;

    return happened(event, DP_ZMTP_READY, dp_slice(NULL, 0));
}

static bool
command_error(dp_zmtp_t *zmtp, dp_reader_t *data, dp_zmtp_event_t *event)
{
    dp_slice_t reason = dp_read_bytes(data, dp_read_u8(data));

    if (!dp_reader_done(data)) {
        return malformed(zmtp, event, "malformed ERROR");
    }

    zmtp->state = DP_ZMTP_FAILED;
    happened(event, DP_ZMTP_ERROR, reason);

    return false;
}

static bool
command_context(dp_zmtp_t *zmtp, dp_reader_t *data, dp_zmtp_event_t *event,
                dp_zmtp_event_kind_t kind)
{
    dp_slice_t context = dp_read_bytes(data, dp_reader_left(data));

    if (data->failed || context.len > DP_ZMTP_CONTEXT_SIZE) {
        return malformed(zmtp, event, "malformed PING or PONG");
    }

    return happened(event, kind, context);
}

/* A command in traffic ("Connection Heartbeating"). */
static bool
command_traffic(dp_zmtp_t *zmtp, dp_slice_t name, dp_reader_t *data,
                dp_zmtp_event_t *event)
{
    if (name_equal(name, "PING")) {
        event->ttl_ds = dp_read_u16(data);
        return command_context(zmtp, data, event, DP_ZMTP_PING);
    }

    if (name_equal(name, "PONG")) {
        return command_context(zmtp, data, event, DP_ZMTP_PONG);
    }

    return happened(event, DP_ZMTP_IGNORED, dp_slice(NULL, 0));
}

static bool
next_command(dp_zmtp_t *zmtp, dp_slice_t body, dp_zmtp_event_t *event)
{
    dp_reader_t data = dp_reader(body);
    dp_slice_t  name = dp_read_bytes(&data, dp_read_u8(&data));

    if (name.len == 0) {
        return malformed(zmtp, event, "a command without a name");
    }

    if (name_equal(name, "ERROR")) {
        return command_error(zmtp, &data, event);
    }

    if (zmtp->state == DP_ZMTP_TRAFFIC) {
        return command_traffic(zmtp, name, &data, event);
    }

    if (!name_equal(name, "READY")) {
        return malformed(zmtp, event, "a command before READY");
    }

    return command_ready(zmtp, &data, event);
}

static bool
next_frame(dp_zmtp_t *zmtp, dp_slice_t *input, dp_zmtp_event_t *event)
{
    frame_t    frame;
    dp_slice_t body;

    if (!frame_open(zmtp, *input, event, &frame)) {
        return false;
    }

    body = dp_slice(input->data + frame.header, (size_t) frame.len);
    input_skip(input, frame.header + body.len);

    if (frame.flags & FLAG_COMMAND) {
        return next_command(zmtp, body, event);
    }

    return happened(event, DP_ZMTP_MESSAGE, body);
}

void
dp_zmtp_init(dp_zmtp_t *zmtp, size_t message_max)
{
    *zmtp = (dp_zmtp_t) {
        .state = DP_ZMTP_AWAIT_GREETING,
        .message_max = message_max,
    };
}

bool
dp_zmtp_next(dp_zmtp_t *zmtp, dp_slice_t *input, dp_zmtp_event_t *event)
{
    *event = (dp_zmtp_event_t) {0};

    switch (zmtp->state) {
    case DP_ZMTP_AWAIT_GREETING:
        return next_greeting(zmtp, input, event);
    case DP_ZMTP_AWAIT_READY:
    case DP_ZMTP_TRAFFIC:
        return next_frame(zmtp, input, event);
    default:
        return malformed(zmtp, event, "the connection has failed");
    }
}

bool
dp_zmtp_established(const dp_zmtp_t *zmtp)
{
    return zmtp->state == DP_ZMTP_TRAFFIC;
}

bool
dp_zmtp_heartbeats(const dp_zmtp_t *zmtp)
{
    return zmtp->peer_minor >= VERSION_MINOR;
}

static void
write_zeros(dp_writer_t *writer, size_t count)
{
    for (; count > 0; count--) {
        dp_write_u8(writer, 0);
    }
}

void
dp_zmtp_write_greeting(dp_writer_t *writer)
{
    dp_write_u8(writer, 0xff); /* signature */
    write_zeros(writer, 8);
    dp_write_u8(writer, 0x7f);
    dp_write_u8(writer, VERSION_MAJOR);
    dp_write_u8(writer, VERSION_MINOR);
    dp_write_bytes(writer, dp_slice(mechanism_null, MECHANISM_SIZE));
    write_zeros(writer, 1 + 31); /* as-server, filler */
}

/* The header and the name of a short command with `len` bytes behind them. */
static void
write_command(dp_writer_t *writer, const char *name, size_t len)
{
    dp_slice_t text = dp_slice_text(name);

    dp_write_u8(writer, FLAG_COMMAND);
    dp_write_u8(writer, (uint8_t) (1 + text.len + len));
    dp_write_u8(writer, (uint8_t) text.len);
    dp_write_bytes(writer, text);
}

void
dp_zmtp_write_ready(dp_writer_t *writer)
{
    static const char name[] = "Socket-Type";
    static const char value[] = "DEALER";

    write_command(writer, "READY", 1 + strlen(name) + 4 + strlen(value));
    dp_write_u8(writer, (uint8_t) strlen(name));
    dp_write_text(writer, name);
    dp_write_u32(writer, (uint32_t) strlen(value));
    dp_write_text(writer, value);
}

void
dp_zmtp_write_ping(dp_writer_t *writer, uint16_t ttl_ds, dp_slice_t context)
{
    if (context.len > DP_ZMTP_CONTEXT_SIZE) {
        writer->failed = true;
    }

    write_command(writer, "PING", 2 + context.len);
    dp_write_u16(writer, ttl_ds);
    dp_write_bytes(writer, context);
}

void
dp_zmtp_write_pong(dp_writer_t *writer, dp_slice_t context)
{
    if (context.len > DP_ZMTP_CONTEXT_SIZE) {
        writer->failed = true;
    }

    write_command(writer, "PONG", context.len);
    dp_write_bytes(writer, context);
}

size_t
dp_zmtp_frame_header(uint8_t header[DP_ZMTP_FRAME_HEADER_SIZE], size_t len)
{
    dp_writer_t writer = dp_writer(header, DP_ZMTP_FRAME_HEADER_SIZE);

    if (len <= SHORT_MAX) {
        dp_write_u8(&writer, 0);
        dp_write_u8(&writer, (uint8_t) len);
    } else {
        dp_write_u8(&writer, FLAG_LONG);
        dp_write_u64(&writer, len);
    }

    return dp_written(&writer).len;
}
