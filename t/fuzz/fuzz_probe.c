/*
 * Any file of patterns, and any path: what is before the first zero is the file.
 */

#include "dp_probe.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define PATTERNS_MAX 512 /* PCRE2's compiler is not what is looked at */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t   *zero = size == 0 ? NULL : memchr(data, 0, size);
    size_t           len = zero == NULL ? size : (size_t) (zero - data);
    dp_slice_t       file = dp_slice(data, len);
    dp_slice_t       path = dp_slice(data + len, size - len);
    dp_probe_t       probe;
    dp_probe_fault_t fault;
    size_t           text_size = dp_probe_text_size(file);
    uint8_t         *buffer;
    dp_writer_t      text;

    if (len > PATTERNS_MAX) {
        return 0;
    }

    buffer = malloc(text_size);
    text = dp_writer(buffer, text_size);

    if (dp_probe_open(&probe, file, &text, &fault)) {
        bool found = dp_probe_match(&probe, path);

        FUZZ_ASSERT(!found || probe.count != 0);
        dp_probe_close(&probe);

    } else {
        FUZZ_ASSERT(!text.failed && memchr(fault.message, 0, sizeof(fault.message)));
    }

    free(buffer);

    return 0;
}
