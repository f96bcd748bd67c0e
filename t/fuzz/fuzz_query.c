/*
 * Any query string: a buffer of its length suffices, and what is decoded lies in
 * it and is UTF-8 without zeros.
 */

#include "dp_query.h"
#include "dp_utf8.h"
#include "fuzz.h"

#include <stdlib.h>

static void
value_sound(const dp_query_t *query, const dp_query_param_t *param)
{
    size_t characters;

    if (param->value.len == 0) {
        return;
    }

    FUZZ_ASSERT(param->present);
    FUZZ_ASSERT(param->value.data >= query->buffer);
    FUZZ_ASSERT(param->value.data + param->value.len
                <= query->buffer + query->capacity);
    FUZZ_ASSERT(dp_utf8_count(param->value, &characters));
    FUZZ_ASSERT(memchr(param->value.data, 0, param->value.len) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_query_param_t params[] = {{.name = "cursor"}, {.name = "limit"},
                                 {.name = "a"}};
    dp_query_t       query = {
        .params = params,
        .count = sizeof(params) / sizeof(params[0]),
        .buffer = malloc(size + (size == 0)),
        .capacity = size,
    };
    dp_query_fault_t fault = dp_query_parse(&query, dp_slice(data, size));

    FUZZ_ASSERT(fault != DP_QUERY_TOO_LONG);

    for (size_t i = 0; fault == DP_QUERY_OK && i < query.count; i++) {
        value_sound(&query, &params[i]);
    }

    free(query.buffer);

    return 0;
}
