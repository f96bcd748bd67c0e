/*
 * The value of a JSON string, from its text between the quotes, which must
 * have passed dp_json_check().  Private to the dp_json_* files.
 */

#ifndef DP_JSON_STRING_H
#define DP_JSON_STRING_H

#include "dp_bytes.h"

/* Reads a string's value byte by byte. */
typedef struct {
    dp_slice_t rest;     /* of the text */
    uint8_t    bytes[4]; /* of the character last unescaped */
    uint8_t    taken;
    uint8_t    len;
    bool       plain; /* a backslash is one */
} dp_json_chars_t;

dp_json_chars_t dp_json_chars(dp_slice_t text);

/* The next byte of the value, or -1 at its end. */
int dp_json_chars_next(dp_json_chars_t *chars);

/* Orders two values by their bytes: less than 0, 0 or greater than 0. */
int dp_json_string_compare(dp_slice_t a, dp_slice_t b);

/*
 * A hash of the value, for ordering; collisions are easily made.  `escaped` may
 * be false only of a text without a backslash.
 */
uint32_t dp_json_string_hash(dp_slice_t text, bool escaped);

#endif /* DP_JSON_STRING_H */
