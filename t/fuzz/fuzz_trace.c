/*
 * Any text as a traceparent, as an id and as base64url: what is accepted has
 * one text, which is written again.
 */

#include "dp_base64url.h"
#include "dp_headers.h"
#include "dp_id.h"
#include "dp_trace.h"
#include "fuzz.h"

#include <stdlib.h>

static void
trace_survives(dp_slice_t text)
{
    dp_trace_t trace, again;
    char       written[DP_TRACE_TEXT_SIZE];

    if (!dp_trace_parse(&trace, text)) {
        return;
    }

    dp_trace_format(written, &trace);
    FUZZ_ASSERT(dp_trace_parse(&again, dp_slice(written, sizeof(written))));
    FUZZ_ASSERT(memcmp(&trace, &again, sizeof(trace)) == 0);
    text = dp_header_value_trim(text);
    FUZZ_ASSERT(memcmp(written + 3, text.data + 3, 49) == 0);
}

static void
id_survives(dp_slice_t text)
{
    uint8_t id[DP_ID_SIZE], again[DP_ID_SIZE];
    char    written[DP_ID_TEXT_SIZE];

    if (!dp_id_parse(id, text)) {
        return;
    }

    dp_id_format(written, id);
    FUZZ_ASSERT(dp_id_parse(again, dp_slice(written, sizeof(written))));
    FUZZ_ASSERT(memcmp(id, again, DP_ID_SIZE) == 0);
}

static void
base64url_survives(dp_slice_t text)
{
    size_t   capacity = DP_BASE64URL_BYTES_SIZE(text.len);
    uint8_t *bytes = malloc(capacity + 1);
    char    *written = malloc(text.len + 1);
    size_t   len;

    if (dp_base64url_decode(bytes, capacity, &len, text)) {
        FUZZ_ASSERT(DP_BASE64URL_TEXT_SIZE(len) == text.len);
        dp_base64url_encode(written, dp_slice(bytes, len));
        FUZZ_ASSERT(dp_slice_equal(dp_slice(written, text.len), text));
    }

    free(bytes);
    free(written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_slice_t text = dp_slice(data, size);

    trace_survives(text);
    id_survives(text);
    base64url_survives(text);

    return 0;
}
