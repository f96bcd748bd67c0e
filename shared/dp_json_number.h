/*
 * What a JSON number means, from its text, which must be of JSON's grammar.
 */

#ifndef DP_JSON_NUMBER_H
#define DP_JSON_NUMBER_H

#include "dp_bytes.h"
#include "dp_decimal.h"

/*
 * True when an IEEE double keeps the number: it has at most 17 significant
 * digits, and the double nearest to it, printed with as many digits, is the
 * same number.  0.1 and 9007199254740992 are kept, 9007199254740993, 1e400 and
 * 1e-400 are not.
 */
bool dp_json_number_exact(dp_slice_t text) __attribute__((warn_unused_result));

/* The number itself; of one that dp_json_number_exact() accepts. */
dp_decimal_t dp_json_number_decimal(dp_slice_t text);

/* True when the number is whole and fits; `value` receives it. */
bool dp_json_number_integer(dp_slice_t text, int64_t *value)
    __attribute__((warn_unused_result));

#endif /* DP_JSON_NUMBER_H */
