/*
 * The error table, look-ups in it, and the envelope.
 *
 * Rows come from dp_errors.def; a code that a sentence of a specification
 * ties to an HTTP status or to a kill switch is a row of a table here.
 */

#include "dp_error.h"
#include "dp_id.h"
#include "dp_json_out.h"
#include "dp_kill_switch.h"

#define DP_ERROR(code, status, severity, retry, after, message, hint) \
    [DP_ERR_##code] = {#code, status, #severity, #retry, after, message, hint},

/* Index 0 is DP_OK, which is no row. */
static const dp_error_row_t rows[DP_ERROR_COUNT] = {
#include "dp_errors.def"
};

#undef DP_ERROR

/*
 * What the envelope says of each row, as JSON: texts of rows need no escapes.
 * The request's id follows behind `class`.
 */
static const struct {
    dp_slice_t code;
    dp_slice_t message;
    dp_slice_t class;
    dp_slice_t hint;
} rendered[DP_ERROR_COUNT] = {
#define DP_ERROR(code, status, severity, retry, after, message, hint) \
    [DP_ERR_##code] = {                                               \
        DP_SLICE("\"error\":{\"code\":\"" #code "\",\"message\":"),    \
        DP_SLICE("\"" message "\""),                                  \
        DP_SLICE(",\"severity\":\"" #severity "\",\"retryPolicy\":\""   \
                 #retry "\",\"requestId\":"),                         \
        DP_SLICE("\"" hint "\""),                                     \
    },
#include "dp_errors.def"
#undef DP_ERROR
};

#define DP_CAUSE(name, meaning) [DP_CAUSE_##name] = #name,

static const char *const cause_names[DP_CAUSE_COUNT] = {
    [DP_CAUSE_NONE] = "",
#include "dp_causes.def"
};

#undef DP_CAUSE

/* What nginx means by a status that it chose itself. */
static const struct {
    uint16_t   status;
    dp_error_t code;
} status_rows[] = {
    {400, DP_ERR_REQUEST_MALFORMED},
    {401, DP_ERR_AUTH_REQUIRED},
    {403, DP_ERR_AUTH_FORBIDDEN},
    {404, DP_ERR_ROUTE_NOT_FOUND},
    {405, DP_ERR_METHOD_NOT_ALLOWED},
    {406, DP_ERR_NOT_ACCEPTABLE},
    {408, DP_ERR_REQUEST_TIMEOUT},
    {409, DP_ERR_STATE_CONFLICT},
    {412, DP_ERR_PRECONDITION_FAILED},
    {413, DP_ERR_REQUEST_TOO_LARGE},
    {414, DP_ERR_REQUEST_URI_TOO_LONG},
    {415, DP_ERR_MEDIA_TYPE_UNSUPPORTED},
    {422, DP_ERR_VALIDATION_FAILED},
    {428, DP_ERR_PRECONDITION_REQUIRED},
    {429, DP_ERR_RATE_LIMIT_CONFIGURED},
    {431, DP_ERR_REQUEST_HEADERS_TOO_LARGE},
    {494, DP_ERR_REQUEST_HEADERS_TOO_LARGE}, /* nginx's own number for 431 */
    {501, DP_ERR_REQUEST_MALFORMED}, /* a transfer encoding nobody knows */
    {502, DP_ERR_UPSTREAM_FAILED},
    {503, DP_ERR_SERVICE_UNAVAILABLE},
    {504, DP_ERR_UPSTREAM_TIMEOUT},
    {505, DP_ERR_REQUEST_MALFORMED}, /* a version of HTTP nobody knows */
};

#define SWITCH_ROW(name, bit) {1u << (bit), DP_ERR_OPS_KILL_SWITCH_##name},

static const struct {
    uint32_t   bit;
    dp_error_t code;
} switch_rows[] = {DP_KILL_SWITCHES(SWITCH_ROW)};

#undef SWITCH_ROW

/* INTERNAL for a value that is no code. */
static dp_error_t
code_known(dp_error_t code)
{
    return (unsigned) code == DP_OK || (unsigned) code >= DP_ERROR_COUNT
               ? DP_ERR_INTERNAL
               : code;
}

const dp_error_row_t *
dp_error_row(dp_error_t code)
{
    return &rows[code_known(code)];
}

dp_error_t
dp_error_find(dp_slice_t name)
{
    for (unsigned code = DP_OK + 1; code < DP_ERROR_COUNT; code++) {
        if (dp_slice_equal(name, dp_slice_text(rows[code].code))) {
            return (dp_error_t) code;
        }
    }

    return DP_ERR_INTERNAL;
}

dp_slice_t
dp_cause_name(dp_cause_t cause)
{
    return dp_slice_text(cause_names[cause]);
}

dp_error_t
dp_error_for_status(unsigned status)
{
    for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++) {
        if (status_rows[i].status == status) {
            return status_rows[i].code;
        }
    }

    return status >= 400 && status < 500 ? DP_ERR_REQUEST_MALFORMED
                                         : DP_ERR_INTERNAL;
}

dp_error_t
dp_error_for_switch(uint32_t kill_switch)
{
    for (size_t i = 0; i < sizeof(switch_rows) / sizeof(switch_rows[0]); i++) {
        if (switch_rows[i].bit == kill_switch) {
            return switch_rows[i].code;
        }
    }

    return DP_ERR_INTERNAL;
}

/* ,"name": and the text as a JSON string */
static void
member_string(dp_writer_t *writer, const char *name, dp_slice_t text)
{
    dp_write_text(writer, ",\"");
    dp_write_text(writer, name);
    dp_write_text(writer, "\":");
    dp_json_string(writer, text);
}

/* The occurrence's text as a JSON string, or the row's, which is one already. */
static void
write_text_or(dp_writer_t *writer, dp_slice_t text, dp_slice_t of_row)
{
    if (text.len != 0) {
        dp_json_string(writer, text);
    } else {
        dp_write_bytes(writer, of_row);
    }
}

static void
member_trace(dp_writer_t *writer, const uint8_t *trace_id)
{
    char text[32];

    dp_hex_format(text, trace_id, 16);
    dp_write_text(writer, ",\"traceId\":\"");
    dp_write_bytes(writer, dp_slice(text, sizeof(text)));
    dp_write_text(writer, "\"");
}

/* Takes the first of the names off the list. */
static dp_slice_t
name_take(dp_slice_t *names)
{
    size_t     len = 0;
    dp_slice_t name;

    while (len < names->len && names->data[len] != ',') {
        len++;
    }

    name = dp_slice(names->data, len);
    len += len < names->len;
    *names = dp_slice(names->data + len, names->len - len);

    return name;
}

/* A code or a cause: what a peer made up is not passed on. */
static bool
is_cause(dp_slice_t name)
{
    for (unsigned i = DP_CAUSE_NONE + 1; i < DP_CAUSE_COUNT; i++) {
        if (dp_slice_equal(name, dp_slice_text(cause_names[i]))) {
            return true;
        }
    }

    return dp_slice_equal(
        name, dp_slice_text(dp_error_row(dp_error_find(name))->code));
}

static bool
is_among(dp_slice_t name, const dp_slice_t *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (dp_slice_equal(name, names[i])) {
            return true;
        }
    }

    return false;
}

static void
member_causes(dp_writer_t *writer, dp_slice_t names)
{
    dp_slice_t written[DP_ERROR_CAUSES];
    size_t     count = 0;

    dp_write_text(writer, ",\"causeChain\":[");

    while (names.len != 0 && count < DP_ERROR_CAUSES) {
        dp_slice_t name = name_take(&names);

        if (!is_cause(name) || is_among(name, written, count)) {
            continue;
        }

        dp_write_text(writer, count == 0 ? "" : ",");
        dp_json_string(writer, name);
        written[count++] = name;
    }

    dp_write_text(writer, "]");
}

static void
member_context(dp_writer_t *writer, const dp_error_envelope_t *envelope)
{
    dp_slice_t context = envelope->context;

    dp_write_text(writer, ",\"context\":{");

    if (envelope->client_request_id.len != 0) {
        dp_write_text(writer, "\"clientRequestId\":");
        dp_json_string(writer, envelope->client_request_id);
        dp_write_text(writer, context.len == 0 ? "" : ",");
    }

    if (context.len == 0) {
        dp_write_text(writer, "}");
    } else {
        dp_write_bytes(writer, dp_slice(context.data + 1, context.len - 1));
    }
}

/* "error":{...} */
static void
member_error(dp_writer_t *writer, const dp_error_envelope_t *envelope)
{
    dp_error_t code = code_known(envelope->code);

    dp_write_bytes(writer, rendered[code].code);
    write_text_or(writer, envelope->message, rendered[code].message);
    dp_write_bytes(writer, rendered[code].class);
    dp_json_id(writer, envelope->request_id);
    member_trace(writer, envelope->trace_id);
    dp_write_text(writer, ",\"timestamp\":");
    dp_json_time(writer, envelope->timestamp_us);
    member_context(writer, envelope);

    if (envelope->hint.len != 0 || rows[code].hint[0] != '\0') {
        dp_write_text(writer, ",\"hint\":");
        write_text_or(writer, envelope->hint, rendered[code].hint);
    }

    member_causes(writer, envelope->causes);

    if (envelope->details.len != 0) {
        dp_write_text(writer, ",\"details\":");
        dp_write_bytes(writer, envelope->details);
    }

    dp_write_text(writer, "}");
}

void
dp_error_render(dp_writer_t *writer, const dp_error_envelope_t *envelope)
{
    dp_write_text(writer, "{");
    member_error(writer, envelope);
    dp_write_text(writer, "}");
}

/* What is known of this occurrence, else what to do about it. */
static dp_slice_t
detail_of(const dp_error_envelope_t *envelope, const dp_error_row_t *row)
{
    if (envelope->message.len != 0) {
        return envelope->message;
    }

    if (envelope->hint.len != 0) {
        return envelope->hint;
    }

    return dp_slice_text(row->hint[0] != '\0' ? row->hint : row->message);
}

void
dp_error_render_problem(dp_writer_t *writer,
                        const dp_error_envelope_t *envelope)
{
    const dp_error_row_t *row = dp_error_row(envelope->code);
    char                  id[DP_ID_TEXT_SIZE];

    dp_id_format(id, envelope->request_id);

    dp_write_text(writer, "{\"type\":\"/errors#");
    dp_write_text(writer, row->code);
    dp_write_text(writer, "\"");
    member_string(writer, "title", dp_slice_text(row->message));
    dp_write_text(writer, ",\"status\":");
    dp_json_uint(writer, envelope->status != 0 ? envelope->status : row->status);
    member_string(writer, "detail", detail_of(envelope, row));
    dp_write_text(writer, ",\"instance\":\"urn:uuid:");
    dp_write_bytes(writer, dp_slice(id, sizeof(id)));
    dp_write_text(writer, "\",");
    member_error(writer, envelope);
    dp_write_text(writer, "}");
}
