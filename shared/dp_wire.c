/*
 * The wire codec: tables of fields, and the encoder and decoder that walk
 * them.  See dp_wire.h for the format.  Tags are for ever: a field that goes
 * leaves its number behind.
 */

#include "dp_command.h"

#define MAGIC_0 'D'
#define MAGIC_1 'P'

typedef enum {
    FIELD_U16,
    FIELD_U32,
    FIELD_U64,
    FIELD_FIXED, /* `size` bytes in place; all zero means absent */
    FIELD_SLICE,
} field_type_t;

typedef struct {
    uint16_t tag;
    uint8_t  type; /* field_type_t */
    bool     required;
    uint16_t offset;
    uint16_t size; /* in the struct, for FIELD_FIXED also on the wire */
} field_t;

struct dp_wire_spec_s {
    uint8_t        kind;
    uint8_t        count; /* at most 64: decode() keeps a bit for each */
    uint16_t       size;
    const field_t *fields;
};

#define FIELD(tag, type, message, member)                       \
    {                                                           \
        tag, type, false, offsetof(message, member),            \
            sizeof(((message *) NULL)->member)                  \
    }

#define REQUIRED(tag, type, message, member)                    \
    {                                                           \
        tag, type, true, offsetof(message, member),             \
            sizeof(((message *) NULL)->member)                  \
    }

#define SPEC(kind, message, fields) \
    {                               \
        kind, sizeof(fields) / sizeof((fields)[0]), sizeof(message), fields \
    }

static const field_t request_fields[] = {
    REQUIRED(1, FIELD_SLICE, dp_wire_request_t, operation),
    REQUIRED(2, FIELD_FIXED, dp_wire_request_t, request_id),
    FIELD(3, FIELD_FIXED, dp_wire_request_t, trace_id),
    FIELD(4, FIELD_FIXED, dp_wire_request_t, span_id),
    FIELD(5, FIELD_U16, dp_wire_request_t, trace_flags),
    REQUIRED(6, FIELD_U64, dp_wire_request_t, deadline_us),
    FIELD(7, FIELD_U32, dp_wire_request_t, switches),
    FIELD(8, FIELD_U16, dp_wire_request_t, principal.kind),
    FIELD(9, FIELD_U16, dp_wire_request_t, principal.auth_level),
    FIELD(10, FIELD_FIXED, dp_wire_request_t, principal.credential_id),
    FIELD(11, FIELD_FIXED, dp_wire_request_t, principal.user_id),
    FIELD(12, FIELD_FIXED, dp_wire_request_t, principal.org_id),
    FIELD(13, FIELD_SLICE, dp_wire_request_t, params[0]),
    FIELD(14, FIELD_SLICE, dp_wire_request_t, params[1]),
    FIELD(15, FIELD_SLICE, dp_wire_request_t, params[2]),
    FIELD(16, FIELD_SLICE, dp_wire_request_t, params[3]),
    FIELD(17, FIELD_SLICE, dp_wire_request_t, query),
    FIELD(18, FIELD_SLICE, dp_wire_request_t, idempotency_key),
    FIELD(19, FIELD_SLICE, dp_wire_request_t, if_match),
    FIELD(20, FIELD_SLICE, dp_wire_request_t, client_address),
    FIELD(21, FIELD_SLICE, dp_wire_request_t, body),
    FIELD(22, FIELD_U16, dp_wire_request_t, flags),
    FIELD(23, FIELD_SLICE, dp_wire_request_t, device),
    FIELD(24, FIELD_SLICE, dp_wire_request_t, user_agent),
    FIELD(25, FIELD_SLICE, dp_wire_request_t, authorization),
};

static const field_t reply_fields[] = {
    REQUIRED(1, FIELD_U16, dp_wire_reply_t, status),
    FIELD(2, FIELD_U16, dp_wire_reply_t, replayed),
    FIELD(3, FIELD_U32, dp_wire_reply_t, retry_after_s),
    FIELD(4, FIELD_SLICE, dp_wire_reply_t, code),
    FIELD(5, FIELD_SLICE, dp_wire_reply_t, message),
    FIELD(6, FIELD_SLICE, dp_wire_reply_t, hint),
    FIELD(7, FIELD_SLICE, dp_wire_reply_t, details),
    FIELD(8, FIELD_SLICE, dp_wire_reply_t, context),
    FIELD(9, FIELD_SLICE, dp_wire_reply_t, content_type),
    FIELD(10, FIELD_SLICE, dp_wire_reply_t, location),
    FIELD(11, FIELD_SLICE, dp_wire_reply_t, etag),
    FIELD(12, FIELD_SLICE, dp_wire_reply_t, link),
    FIELD(13, FIELD_SLICE, dp_wire_reply_t, body),
    FIELD(14, FIELD_SLICE, dp_wire_reply_t, causes),
    FIELD(15, FIELD_SLICE, dp_wire_reply_t, cookies),
};

static const field_t authenticate_fields[] = {
    FIELD(1, FIELD_FIXED, dp_wire_authenticate_t, request_id),
    REQUIRED(2, FIELD_U64, dp_wire_authenticate_t, deadline_us),
    FIELD(3, FIELD_SLICE, dp_wire_authenticate_t, prefix),
    FIELD(4, FIELD_SLICE, dp_wire_authenticate_t, digest),
    FIELD(5, FIELD_U16, dp_wire_authenticate_t, kind),
    FIELD(6, FIELD_U16, dp_wire_authenticate_t, principal.kind),
    FIELD(7, FIELD_U16, dp_wire_authenticate_t, principal.auth_level),
    FIELD(8, FIELD_FIXED, dp_wire_authenticate_t, principal.credential_id),
    FIELD(9, FIELD_FIXED, dp_wire_authenticate_t, principal.user_id),
    FIELD(10, FIELD_FIXED, dp_wire_authenticate_t, principal.org_id),
    FIELD(11, FIELD_SLICE, dp_wire_authenticate_t, issuer),
    FIELD(12, FIELD_SLICE, dp_wire_authenticate_t, subject),
};

static const field_t principal_fields[] = {
    FIELD(1, FIELD_SLICE, dp_wire_principal_t, code),
    FIELD(2, FIELD_U16, dp_wire_principal_t, principal.kind),
    FIELD(3, FIELD_U16, dp_wire_principal_t, principal.auth_level),
    FIELD(4, FIELD_FIXED, dp_wire_principal_t, principal.credential_id),
    FIELD(5, FIELD_FIXED, dp_wire_principal_t, principal.user_id),
    FIELD(6, FIELD_FIXED, dp_wire_principal_t, principal.org_id),
    FIELD(7, FIELD_U64, dp_wire_principal_t, expires_us),
    FIELD(8, FIELD_U64, dp_wire_principal_t, generation),
    FIELD(9, FIELD_U16, dp_wire_principal_t, plan),
    FIELD(10, FIELD_U64, dp_wire_principal_t, scopes),
    FIELD(11, FIELD_SLICE, dp_wire_principal_t, causes),
};

static const field_t measure_fields[] = {
    FIELD(1, FIELD_U16, dp_wire_measure_t, format),
};

static const field_t measures_fields[] = {
    FIELD(1, FIELD_SLICE, dp_wire_measures_t, text),
    FIELD(2, FIELD_U16, dp_wire_measures_t, database),
    FIELD(3, FIELD_U64, dp_wire_measures_t, database_us),
};

static const field_t control_fields[] = {
    REQUIRED(1, FIELD_U64, dp_wire_control_t, generation),
    REQUIRED(2, FIELD_U64, dp_wire_control_t, read_us),
    FIELD(3, FIELD_U64, dp_wire_control_t, floor),
    FIELD(4, FIELD_U32, dp_wire_control_t, switches),
    FIELD(5, FIELD_U32, dp_wire_control_t, environment),
    FIELD(6, FIELD_SLICE, dp_wire_control_t, revocations),
    FIELD(7, FIELD_SLICE, dp_wire_control_t, plans),
    FIELD(8, FIELD_SLICE, dp_wire_control_t, blocks),
    FIELD(9, FIELD_SLICE, dp_wire_control_t, keys),
    FIELD(10, FIELD_SLICE, dp_wire_control_t, issuers),
};

static const field_t report_fields[] = {
    REQUIRED(1, FIELD_SLICE, dp_wire_report_t, instance),
    REQUIRED(2, FIELD_U32, dp_wire_report_t, pid),
    FIELD(3, FIELD_U64, dp_wire_report_t, generation),
    FIELD(4, FIELD_U32, dp_wire_report_t, directive),
    FIELD(5, FIELD_U32, dp_wire_report_t, environment),
    FIELD(6, FIELD_U32, dp_wire_report_t, file),
    FIELD(7, FIELD_SLICE, dp_wire_report_t, pending),
    FIELD(8, FIELD_U16, dp_wire_report_t, draining),
    FIELD(9, FIELD_U32, dp_wire_report_t, file_owner),
    FIELD(10, FIELD_SLICE, dp_wire_report_t, file_text),
};

static const field_t events_fields[] = {
    REQUIRED(1, FIELD_SLICE, dp_wire_events_t, instance),
    REQUIRED(2, FIELD_U64, dp_wire_events_t, deadline_us),
    REQUIRED(3, FIELD_SLICE, dp_wire_events_t, events),
};

static const field_t events_stored_fields[] = {
    FIELD(1, FIELD_SLICE, dp_wire_events_stored_t, code),
};

_Static_assert(DP_ABUSE_SIGNALS == 4, "a signal has no field");

static const field_t event_fields[] = {
    REQUIRED(1, FIELD_FIXED, dp_abuse_event_t, id),
    REQUIRED(2, FIELD_U64, dp_abuse_event_t, at_us),
    REQUIRED(3, FIELD_U16, dp_abuse_event_t, kind),
    FIELD(4, FIELD_U16, dp_abuse_event_t, subject_kind),
    REQUIRED(5, FIELD_FIXED, dp_abuse_event_t, subject),
    FIELD(6, FIELD_FIXED, dp_abuse_event_t, org_id),
    FIELD(7, FIELD_U16, dp_abuse_event_t, from),
    FIELD(8, FIELD_U16, dp_abuse_event_t, to),
    FIELD(9, FIELD_U16, dp_abuse_event_t, signal),
    FIELD(10, FIELD_U16, dp_abuse_event_t, level),
    FIELD(11, FIELD_U16, dp_abuse_event_t, shadow),
    FIELD(12, FIELD_U32, dp_abuse_event_t, score),
    FIELD(13, FIELD_U64, dp_abuse_event_t, until_us),
    FIELD(14, FIELD_FIXED, dp_abuse_event_t, request_id),
    FIELD(32, FIELD_U32, dp_abuse_event_t, signals[DP_ABUSE_AUTH]),
    FIELD(33, FIELD_U32, dp_abuse_event_t, signals[DP_ABUSE_BURST]),
    FIELD(34, FIELD_U32, dp_abuse_event_t, signals[DP_ABUSE_PROBE]),
    FIELD(35, FIELD_U32, dp_abuse_event_t, signals[DP_ABUSE_HONEYPOT]),
};

static const field_t command_fields[] = {
    REQUIRED(1, FIELD_U16, dp_command_t, verb),
    FIELD(2, FIELD_SLICE, dp_command_t, name),
    FIELD(3, FIELD_U16, dp_command_t, on),
    FIELD(4, FIELD_SLICE, dp_command_t, reason),
    FIELD(5, FIELD_SLICE, dp_command_t, confirmed),
    FIELD(6, FIELD_U64, dp_command_t, expires_s),
    FIELD(7, FIELD_U16, dp_command_t, json),
    FIELD(8, FIELD_U16, dp_command_t, color),
    FIELD(9, FIELD_U16, dp_command_t, last),
    FIELD(10, FIELD_U64, dp_command_t, generation),
    FIELD(11, FIELD_U64, dp_command_t, since_us),
    FIELD(12, FIELD_U16, dp_command_t, state),
    FIELD(13, FIELD_U16, dp_command_t, dry_run),
};

static const field_t outcome_fields[] = {
    FIELD(1, FIELD_U16, dp_outcome_t, again),
    FIELD(2, FIELD_U16, dp_outcome_t, exit),
    FIELD(3, FIELD_U64, dp_outcome_t, generation),
    FIELD(4, FIELD_U64, dp_outcome_t, since_us),
    FIELD(5, FIELD_U16, dp_outcome_t, state),
    FIELD(6, FIELD_SLICE, dp_outcome_t, text),
};

const dp_wire_spec_t dp_wire_request =
    SPEC(DP_WIRE_REQUEST, dp_wire_request_t, request_fields);
const dp_wire_spec_t dp_wire_reply =
    SPEC(DP_WIRE_REPLY, dp_wire_reply_t, reply_fields);
const dp_wire_spec_t dp_wire_authenticate =
    SPEC(DP_WIRE_AUTHENTICATE, dp_wire_authenticate_t, authenticate_fields);
const dp_wire_spec_t dp_wire_principal =
    SPEC(DP_WIRE_PRINCIPAL, dp_wire_principal_t, principal_fields);
const dp_wire_spec_t dp_wire_measure =
    SPEC(DP_WIRE_MEASURE, dp_wire_measure_t, measure_fields);
const dp_wire_spec_t dp_wire_measures =
    SPEC(DP_WIRE_MEASURES, dp_wire_measures_t, measures_fields);
const dp_wire_spec_t dp_wire_control =
    SPEC(DP_WIRE_CONTROL, dp_wire_control_t, control_fields);
const dp_wire_spec_t dp_wire_events =
    SPEC(DP_WIRE_EVENTS, dp_wire_events_t, events_fields);
const dp_wire_spec_t dp_wire_events_stored =
    SPEC(DP_WIRE_EVENTS_STORED, dp_wire_events_stored_t, events_stored_fields);
const dp_wire_spec_t dp_wire_event =
    SPEC(DP_WIRE_EVENT, dp_abuse_event_t, event_fields);
const dp_wire_spec_t dp_wire_report =
    SPEC(DP_WIRE_REPORT, dp_wire_report_t, report_fields);
const dp_wire_spec_t dp_wire_command =
    SPEC(DP_WIRE_COMMAND, dp_command_t, command_fields);
const dp_wire_spec_t dp_wire_outcome =
    SPEC(DP_WIRE_OUTCOME, dp_outcome_t, outcome_fields);

static uint64_t
integer_get(const field_t *field, const void *at)
{
    switch (field->type) {
    case FIELD_U16:
        return *(const uint16_t *) at;
    case FIELD_U32:
        return *(const uint32_t *) at;
    default:
        return *(const uint64_t *) at;
    }
}

static void
integer_set(const field_t *field, void *at, uint64_t value)
{
    switch (field->type) {
    case FIELD_U16:
        *(uint16_t *) at = (uint16_t) value;
        return;
    case FIELD_U32:
        *(uint32_t *) at = (uint32_t) value;
        return;
    default:
        *(uint64_t *) at = value;
    }
}

/* The value's length on the wire; 0 means that the field is left out. */
static size_t
field_length(const field_t *field, const void *at)
{
    switch (field->type) {
    case FIELD_SLICE:
        return ((const dp_slice_t *) at)->len;
    case FIELD_FIXED:
        return dp_slice_zero(dp_slice(at, field->size)) ? 0 : field->size;
    default:
        return integer_get(field, at) == 0 ? 0 : field->size;
    }
}

uint8_t
dp_wire_kind(const dp_wire_spec_t *spec)
{
    return spec->kind;
}

size_t
dp_wire_size(const dp_wire_spec_t *spec, const void *message)
{
    size_t size = DP_WIRE_HEADER_SIZE;

    for (size_t i = 0; i < spec->count; i++) {
        const field_t *field = &spec->fields[i];
        size_t len = field_length(field, (const uint8_t *) message + field->offset);

        if (len != 0) {
            size += DP_WIRE_FIELD_OVERHEAD + len;
        }
    }

    return size;
}

static void
field_write(dp_writer_t *writer, const field_t *field, const void *at)
{
    size_t len = field_length(field, at);

    if (len == 0) {
        return;
    }

    dp_write_u16(writer, field->tag);
    dp_write_u32(writer, (uint32_t) len);

    switch (field->type) {
    case FIELD_SLICE:
        dp_write_bytes(writer, *(const dp_slice_t *) at);
        return;
    case FIELD_FIXED:
        dp_write_bytes(writer, dp_slice(at, len));
        return;
    default:
        dp_write_uint(writer, integer_get(field, at), len);
    }
}

size_t
dp_wire_encode(const dp_wire_spec_t *spec, uint64_t correlation,
               const void *message, void *buffer, size_t capacity)
{
    dp_writer_t writer = dp_writer(buffer, capacity);

    dp_write_u8(&writer, MAGIC_0);
    dp_write_u8(&writer, MAGIC_1);
    dp_write_u8(&writer, DP_WIRE_VERSION);
    dp_write_u8(&writer, spec->kind);
    dp_write_u32(&writer, 0);
    dp_write_u64(&writer, correlation);

    for (size_t i = 0; i < spec->count; i++) {
        const field_t *field = &spec->fields[i];

        field_write(&writer, field, (const uint8_t *) message + field->offset);
    }

    return writer.failed ? 0 : dp_written(&writer).len;
}

bool
dp_wire_open(dp_slice_t frame, dp_wire_header_t *header, dp_slice_t *fields)
{
    dp_reader_t reader = dp_reader(frame);
    uint8_t     magic_0 = dp_read_u8(&reader);
    uint8_t     magic_1 = dp_read_u8(&reader);
    uint32_t    reserved;

    header->version = dp_read_u8(&reader);
    header->kind = dp_read_u8(&reader);
    reserved = dp_read_u32(&reader);
    header->correlation = dp_read_u64(&reader);
    *fields = dp_read_bytes(&reader, dp_reader_left(&reader));

    return !reader.failed && magic_0 == MAGIC_0 && magic_1 == MAGIC_1
           && header->version == DP_WIRE_VERSION && reserved == 0;
}

/* The index of the field with this tag, or `count` for an unknown tag. */
static size_t
field_find(const dp_wire_spec_t *spec, uint16_t tag)
{
    size_t i = 0;

    while (i < spec->count && spec->fields[i].tag != tag) {
        i++;
    }

    return i;
}

static bool
field_read(const field_t *field, dp_slice_t value, void *at)
{
    dp_reader_t reader = dp_reader(value);

    if (field->type == FIELD_SLICE) {
        *(dp_slice_t *) at = value;
        return true;
    }

    if (value.len != field->size) {
        return false;
    }

    if (field->type == FIELD_FIXED) {
        memcpy(at, value.data, value.len);
        return true;
    }

    integer_set(field, at, dp_read_uint(&reader, value.len));
    return true;
}

static bool
required_present(const dp_wire_spec_t *spec, uint64_t seen)
{
    for (size_t i = 0; i < spec->count; i++) {
        if (spec->fields[i].required && !(seen & 1ull << i)) {
            return false;
        }
    }

    return true;
}

bool
dp_wire_decode(const dp_wire_spec_t *spec, dp_slice_t fields, void *message)
{
    uint64_t    seen = 0;
    dp_reader_t reader = dp_reader(fields);

    memset(message, 0, spec->size);

    while (dp_reader_left(&reader) != 0) {
        uint16_t   tag = dp_read_u16(&reader);
        uint32_t   len = dp_read_u32(&reader);
        dp_slice_t value = dp_read_bytes(&reader, len);
        size_t     i = field_find(spec, tag);

        if (reader.failed) {
            return false;
        }

        if (i == spec->count) {
            continue;
        }

        if (seen & 1ull << i
            || !field_read(&spec->fields[i], value,
                           (uint8_t *) message + spec->fields[i].offset)) {
            return false;
        }

        seen |= 1ull << i;
    }

    return !reader.failed && required_present(spec, seen);
}
