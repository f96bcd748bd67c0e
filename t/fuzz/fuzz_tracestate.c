/*
 * Any text as headers of tracestate, one per line: what comes of them fits where
 * it should, is a list that stays as it is when it is read again, and has nothing
 * that was not sent.
 */

#include "dp_tracestate.h"
#include "fuzz.h"

#include <stdlib.h>

static dp_slice_t
list_read(dp_slice_t text, void *buffer, size_t capacity)
{
    dp_tracestate_t state;
    dp_reader_t     reader = dp_reader(text);

    dp_tracestate_begin(&state, buffer, capacity);

    while (dp_reader_left(&reader) != 0) {
        size_t         left = dp_reader_left(&reader);
        const uint8_t *newline = memchr(reader.pos, '\n', left);
        size_t len = newline == NULL ? left : (size_t) (newline - reader.pos);

        dp_tracestate_add(&state, dp_read_bytes(&reader, len));

        if (newline != NULL) {
            (void) dp_read_u8(&reader);
        }
    }

    return dp_tracestate_end(&state);
}

static size_t
count_of(dp_slice_t text, uint8_t byte)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += text.data[i] == byte;
    }

    return count;
}

static void
list_sound(dp_slice_t list)
{
    size_t members = count_of(list, '=');

    FUZZ_ASSERT(members != 0 && members <= DP_TRACESTATE_MEMBERS);
    FUZZ_ASSERT(count_of(list, ',') == members - 1);

    for (size_t i = 0; i < list.len; i++) {
        FUZZ_ASSERT(list.data[i] >= 0x20 && list.data[i] <= 0x7e);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t     capacity = size + count_of(dp_slice(data, size), '\n') + 1;
    uint8_t   *buffer = malloc(capacity);
    uint8_t   *again = malloc(capacity);
    dp_slice_t list = list_read(dp_slice(data, size), buffer, capacity);

    if (list.len != 0) {
        list_sound(list);
        FUZZ_ASSERT(dp_slice_equal(list_read(list, again, capacity), list));
    }

    free(buffer);
    free(again);

    return 0;
}
