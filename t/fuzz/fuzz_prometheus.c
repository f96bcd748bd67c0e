/*
 * Any two texts, apart by a zero: what they are merged into has the size that
 * was foretold, and every sample in it has its part's label.
 */

#include "dp_prometheus.h"
#include "fuzz.h"

#include <stdlib.h>

static const dp_slice_t labels[] = {DP_SLICE("i=\"1\""), DP_SLICE("i=\"2\"")};

static bool
label_follows(dp_slice_t rest)
{
    for (size_t i = 0; i < 2; i++) {
        if (rest.len > labels[i].len
            && memcmp(rest.data + 1, labels[i].data, labels[i].len) == 0) {
            return true;
        }
    }

    return false;
}

static void
line_sound(dp_slice_t line)
{
    const uint8_t *brace = memchr(line.data, '{', line.len);

    FUZZ_ASSERT(line.len != 0);

    if (line.data[0] != '#') {
        FUZZ_ASSERT(brace != NULL);
        FUZZ_ASSERT(label_follows(
            dp_slice(brace, (size_t) (line.data + line.len - brace))));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *zero = size == 0 ? NULL : memchr(data, 0, size);
    size_t         first = zero == NULL ? size : (size_t) (zero - data);
    size_t         second = zero == NULL ? 0 : size - first - 1;
    dp_prometheus_part_t parts[] = {
        {.text = dp_slice(data, first), .label = labels[0]},
        {.text = dp_slice(second == 0 ? NULL : zero + 1, second),
         .label = labels[1]},
    };
    size_t      room = dp_prometheus_merge_size(parts, 2);
    uint8_t    *buffer = malloc(room + 1);
    dp_writer_t out = dp_writer(buffer, room);

    dp_prometheus_merge(&out, parts, 2);
    FUZZ_ASSERT(!out.failed);

    for (const uint8_t *at = buffer; at < out.pos; ) {
        const uint8_t *end = memchr(at, '\n', (size_t) (out.pos - at));

        FUZZ_ASSERT(end != NULL);
        line_sound(dp_slice(at, (size_t) (end - at)));
        at = end + 1;
    }

    free(buffer);

    return 0;
}
