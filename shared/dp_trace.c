/*
 * traceparent = version "-" trace-id "-" parent-id "-" trace-flags, in
 * lower-case hexadecimal: W3C Trace Context, "Versioning of traceparent".
 */

#include "dp_trace.h"
#include "dp_headers.h"
#include "dp_hex.h"
#include "dp_id.h"

#define VERSION_INVALID 0xff

/* Reads 2 * len digits, none of them upper-case; sticky. */
static void
read_hex(dp_reader_t *reader, uint8_t *bytes, size_t len)
{
    dp_slice_t text = dp_read_bytes(reader, 2 * len);

    for (size_t i = 0; i < text.len; i++) {
        int digit = dp_hex_digit(text.data[i]);

        if (digit < 0 || (text.data[i] >= 'A' && text.data[i] <= 'F')) {
            reader->failed = true;
            return;
        }

        bytes[i / 2] = (uint8_t) (bytes[i / 2] << 4 | digit);
    }
}

static void
read_dash(dp_reader_t *reader)
{
    if (dp_read_u8(reader) != '-') {
        reader->failed = true;
    }
}

/* Version 00 ends here; a later one may go on behind another dash. */
static bool
end_allowed(dp_reader_t *reader, uint8_t version)
{
    if (dp_reader_done(reader)) {
        return true;
    }

    read_dash(reader);

    return version != 0 && !reader->failed;
}

bool
dp_trace_parse(dp_trace_t *trace, dp_slice_t text)
{
    dp_reader_t reader = dp_reader(dp_header_value_trim(text));
    dp_trace_t  read = {0};
    uint8_t     version = 0;

    read_hex(&reader, &version, 1);
    read_dash(&reader);
    read_hex(&reader, read.trace_id, DP_TRACE_ID_SIZE);
    read_dash(&reader);
    read_hex(&reader, read.span_id, DP_TRACE_SPAN_SIZE);
    read_dash(&reader);
    read_hex(&reader, &read.flags, 1);

    if (reader.failed || version == VERSION_INVALID
        || !end_allowed(&reader, version)
        || dp_slice_zero(dp_slice(read.trace_id, DP_TRACE_ID_SIZE))
        || dp_slice_zero(dp_slice(read.span_id, DP_TRACE_SPAN_SIZE))) {
        return false;
    }

    read.flags &= DP_TRACE_SAMPLED | DP_TRACE_RANDOM;
    *trace = read;

    return true;
}

void
dp_trace_format(char *text, const dp_trace_t *trace)
{
    static const uint8_t version = 0;

    dp_hex_format(text, &version, 1);
    text[2] = '-';
    dp_hex_format(text + 3, trace->trace_id, DP_TRACE_ID_SIZE);
    text[35] = '-';
    dp_hex_format(text + 36, trace->span_id, DP_TRACE_SPAN_SIZE);
    text[52] = '-';
    dp_hex_format(text + 53, &trace->flags, 1);
}
