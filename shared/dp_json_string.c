/*
 * Unescaping of checked JSON strings.  See dp_json_string.h.
 */

#include "dp_json_string.h"
#include "dp_hex.h"
#include "dp_utf8.h"

#include <endian.h>

/* The golden ratio's bits: multiplying spreads low bits to the high ones. */
#define HASH_FACTOR UINT64_C(0x9e3779b97f4a7c15)

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

/* The hash of what came before and eight more bytes; fewer end with zeros. */
static inline uint64_t
hash_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * HASH_FACTOR;

    return hash ^ hash >> 32;
}

/* Up to eight bytes, the first one lowest; zeros where there are no more. */
static inline uint64_t
word_read(const uint8_t *data, size_t len)
{
    uint64_t word;
    uint32_t first, last;

    if (len >= 8) {
        memcpy(&word, data, sizeof(word));
        return le64toh(word);
    }

    if (len >= 4) { /* what both have is the same in both */
        memcpy(&first, data, sizeof(first));
        memcpy(&last, data + len - 4, sizeof(last));
        return le32toh(first) | (uint64_t) le32toh(last) << 8 * (len - 4);
    }

    if (len == 0) {
        return 0;
    }

    return data[0] | (uint64_t) data[len / 2] << 8 * (len / 2)
           | (uint64_t) data[len - 1] << 8 * (len - 1);
}

/* The value is the text. */
static uint32_t
hash_plain(dp_slice_t text)
{
    uint64_t hash = 0;
    size_t   offset = 0;

    for (; text.len - offset >= 8; offset += 8) {
        hash = hash_mix(hash, word_read(text.data + offset, 8));
    }

    return (uint32_t) hash_mix(
        hash, word_read(text.data + offset, text.len - offset));
}

static uint32_t
hash_escaped(dp_slice_t text)
{
    dp_json_chars_t chars = dp_json_chars(text);
    uint64_t        hash = 0, word = 0;
    unsigned        bits = 0;
    int             byte;

    while ((byte = dp_json_chars_next(&chars)) >= 0) {
        word |= (uint64_t) byte << bits;
        bits += 8;

        if (bits == 64) {
            hash = hash_mix(hash, word);
            word = bits = 0;
        }
    }

    return (uint32_t) hash_mix(hash, word);
}

uint32_t
dp_json_string_hash(dp_slice_t text, bool escaped)
{
    return escaped ? hash_escaped(text) : hash_plain(text);
}
