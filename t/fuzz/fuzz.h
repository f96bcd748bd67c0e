/*
 * What the fuzzers share: an entry point each, and an assertion that stays.
 */

#ifndef FUZZ_H
#define FUZZ_H

#include "dp_bytes.h"

/* libFuzzer's entry point. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libFuzzer reports a trap with the input that led to it. */
#define FUZZ_ASSERT(condition)                                                \
    do {                                                                      \
        if (!(condition)) {                                                   \
            __builtin_trap();                                                 \
        }                                                                     \
    } while (0)

#endif /* FUZZ_H */
