/*
 * Any text to be logged: it never grows, what was let pass at the first look has
 * nothing to redact, and what was redacted once stays as it is.
 */

#include "dp_redact.h"
#include "fuzz.h"

#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_slice_t text = dp_slice(data, size);
    uint8_t   *once = malloc(size + 1);
    uint8_t   *twice = malloc(size + 1);
    size_t     len, again;

    if (size != 0) {
        memcpy(once, data, size);
    }

    len = dp_redact(once, size);
    FUZZ_ASSERT(len <= size);
    FUZZ_ASSERT(dp_redact_suspects(text)
                || dp_slice_equal(dp_slice(once, len), text));

    memcpy(twice, once, len);
    again = dp_redact(twice, len);
    FUZZ_ASSERT(dp_slice_equal(dp_slice(twice, again), dp_slice(once, len)));

    free(once);
    free(twice);

    return 0;
}
