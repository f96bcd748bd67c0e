/*
 * Query strings.  See dp_query.h.
 */

#include "dp_query.h"
#include "dp_hex.h"
#include "dp_utf8.h"

/* Up to the next separator or the end; the reader stands behind it then. */
static dp_slice_t
read_until(dp_reader_t *reader, char separator)
{
    size_t         left = dp_reader_left(reader);
    const uint8_t *found = left == 0 ? NULL
                                     : memchr(reader->pos, separator, left);
    dp_slice_t     part;

    if (found == NULL) {
        return dp_read_bytes(reader, left);
    }

    part = dp_read_bytes(reader, (size_t) (found - reader->pos));
    reader->pos++;

    return part;
}

/* One character at the front of `text`, or -1 for a bad escape or U+0000. */
static int
take_decoded(dp_reader_t *text)
{
    uint8_t byte = dp_read_u8(text);
    int     high, low;

    if (byte == '+') {
        return ' ';
    }

    if (byte != '%') {
        return byte == 0 ? -1 : byte;
    }

    high = dp_hex_digit(dp_read_u8(text));
    low = dp_hex_digit(dp_read_u8(text));

    if (text->failed || high < 0 || low < 0 || (high == 0 && low == 0)) {
        return -1;
    }

    return high << 4 | low;
}

static bool
text_is_utf8(dp_slice_t text)
{
    size_t characters;

    return dp_utf8_count(text, &characters);
}

/* Writes the decoded text to `out`; `decoded` is what could be read of it. */
static dp_query_fault_t
decode(dp_writer_t *out, dp_slice_t text, dp_slice_t *decoded)
{
    dp_reader_t reader = dp_reader(text);
    uint8_t    *start = out->pos;

    *decoded = dp_slice(start, 0);

    while (dp_reader_left(&reader) != 0) {
        int byte = take_decoded(&reader);

        if (byte < 0) {
            return DP_QUERY_MALFORMED;
        }

        dp_write_u8(out, (uint8_t) byte);

        if (out->failed) {
            return DP_QUERY_TOO_LONG;
        }

        decoded->len++;
    }

    return text_is_utf8(*decoded) ? DP_QUERY_OK : DP_QUERY_MALFORMED;
}

static dp_query_param_t *
param_find(const dp_query_t *query, dp_slice_t name)
{
    for (size_t i = 0; i < query->count; i++) {
        if (dp_slice_equal(dp_slice_text(query->params[i].name), name)) {
            return &query->params[i];
        }
    }

    return NULL;
}

static dp_query_fault_t
pair_read(dp_query_t *query, dp_slice_t pair, dp_writer_t *out)
{
    dp_reader_t       reader = dp_reader(pair);
    dp_slice_t        name = read_until(&reader, '=');
    dp_query_fault_t  fault = decode(out, name, &query->name);
    dp_query_param_t *param;

    if (fault != DP_QUERY_OK) {
        return fault;
    }

    param = param_find(query, query->name);

    if (param == NULL) {
        return DP_QUERY_UNKNOWN;
    }

    if (param->present) {
        return DP_QUERY_DUPLICATE;
    }

    param->present = true;

    return decode(out, dp_read_bytes(&reader, dp_reader_left(&reader)),
                  &param->value);
}

static void
result_clear(dp_query_t *query)
{
    query->name = dp_slice(NULL, 0);

    for (size_t i = 0; i < query->count; i++) {
        query->params[i].present = false;
        query->params[i].value = dp_slice(NULL, 0);
    }
}

dp_query_fault_t
dp_query_parse(dp_query_t *query, dp_slice_t text)
{
    dp_reader_t reader = dp_reader(text);
    dp_writer_t out = dp_writer(query->buffer, query->capacity);

    result_clear(query);

    while (dp_reader_left(&reader) != 0) {
        dp_slice_t       pair = read_until(&reader, '&');
        dp_query_fault_t fault = DP_QUERY_OK;

        if (pair.len != 0) {
            fault = pair_read(query, pair, &out);
        }

        if (fault != DP_QUERY_OK) {
            return fault;
        }
    }

    return DP_QUERY_OK;
}
