/*
 * Decimal numbers, exactly: what a JSON number says before a double rounds it.
 *
 * 0.0075 is a multiple of 0.0001 here, and 1e308 is a whole number.
 */

#ifndef DP_DECIMAL_H
#define DP_DECIMAL_H

#include "dp_bytes.h"

/* digits * 10^exponent, negated if so */
typedef struct {
    uint64_t digits;   /* at most 17 decimal ones, the last not 0; or 0 */
    int32_t  exponent; /* 0 when digits is 0 */
    bool     negative; /* false when digits is 0 */
} dp_decimal_t;

/* Less than 0, 0 or greater than 0. */
int dp_decimal_compare(const dp_decimal_t *a, const dp_decimal_t *b);

/* True when a whole number of times `unit`, which is not 0, makes `value`. */
bool dp_decimal_multiple(const dp_decimal_t *value, const dp_decimal_t *unit)
    __attribute__((warn_unused_result));

static inline bool
dp_decimal_whole(const dp_decimal_t *value)
{
    return value->exponent >= 0;
}

/* Writes the number as JSON has it: -1.5, 2400, 1e308. */
void dp_decimal_write(dp_writer_t *writer, const dp_decimal_t *value);

#endif /* DP_DECIMAL_H */
