/*
 * Unescaping of checked JSON strings.  See dp_json_string.h.
 */

#include "dp_json_string.h"
#include "dp_hex.h"
#include "dp_utf8.h"

#define FNV_OFFSET 2166136261u
#define FNV_PRIME 16777619u

dp_json_chars_t
dp_json_chars(dp_slice_t text)
{
    return (dp_json_chars_t) {.rest = text};
}

static uint8_t
take(dp_json_chars_t *chars)
{
    uint8_t byte = *chars->rest.data;

    chars->rest = dp_slice(chars->rest.data + 1, chars->rest.len - 1);

    return byte;
}

/* The four digits behind "\u". */
static uint32_t
take_unit(dp_json_chars_t *chars)
{
    uint32_t unit = 0;

    for (size_t i = 0; i < 4; i++) {
        unit = unit << 4 | (uint32_t) dp_hex_digit(take(chars));
    }

    return unit;
}

static uint32_t
take_code_point(dp_json_chars_t *chars)
{
    uint32_t high = take_unit(chars);
    uint32_t low;

    if (high < 0xd800 || high > 0xdfff) {
        return high;
    }

    take(chars); /* the backslash and the u of the other half */
    take(chars);
    low = take_unit(chars);

    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static uint8_t
escape_value(uint8_t letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter; /* a quote, a backslash or a slash */
    }
}

int
dp_json_chars_next(dp_json_chars_t *chars)
{
    uint8_t byte;

    if (chars->taken < chars->len) {
        return chars->bytes[chars->taken++];
    }

    if (chars->rest.len == 0) {
        return -1;
    }

    byte = take(chars);

    if (byte != '\\' || chars->plain) {
        return byte;
    }

    byte = take(chars);

    if (byte != 'u') {
        return escape_value(byte);
    }

    chars->len = (uint8_t) dp_utf8_encode(chars->bytes, take_code_point(chars));
    chars->taken = 1;

    return chars->bytes[0];
}

int
dp_json_string_compare(dp_slice_t a, dp_slice_t b)
{
    dp_json_chars_t chars_a = dp_json_chars(a);
    dp_json_chars_t chars_b = dp_json_chars(b);
    int             byte_a, byte_b;

    do {
        byte_a = dp_json_chars_next(&chars_a);
        byte_b = dp_json_chars_next(&chars_b);
    } while (byte_a == byte_b && byte_a >= 0);

    return byte_a - byte_b;
}

uint32_t
dp_json_string_hash(dp_slice_t text)
{
    dp_json_chars_t chars = dp_json_chars(text);
    uint32_t        hash = FNV_OFFSET;
    int             byte;

    while ((byte = dp_json_chars_next(&chars)) >= 0) {
        hash = (hash ^ (uint32_t) byte) * FNV_PRIME;
    }

    return hash;
}
