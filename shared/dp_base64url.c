/*
 * base64url, three bytes to four characters.  See dp_base64url.h.
 */

#include "dp_base64url.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* A character's value + 1; 0: it is none of the alphabet. */
static const uint8_t sextets[UINT8_MAX + 1] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,
    ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12,
    ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
    ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
    ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
    ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

/* Below 0: a character of another alphabet. */
static inline int
sextet(uint8_t character)
{
    return sextets[character] - 1;
}

void
dp_base64url_encode(char *text, dp_slice_t bytes)
{
    uint32_t pending = 0; /* bits not yet written, the oldest highest */
    unsigned bits = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        pending = pending << 8 | bytes.data[i];
        bits += 8;

        while (bits >= 6) {
            bits -= 6;
            *text++ = alphabet[pending >> bits & 0x3f];
        }
    }

    if (bits != 0) {
        *text = alphabet[pending << (6 - bits) & 0x3f];
    }
}

/* Four characters to three bytes, as long as there are; false: a wrong one. */
static bool
quads_decode(uint8_t *bytes, dp_slice_t text, size_t *taken)
{
    int wrong = 0; /* negative once a character is none of ours */

    for (*taken = 0; text.len - *taken >= 4; *taken += 4) {
        const uint8_t *quad = text.data + *taken;
        int a = sextet(quad[0]), b = sextet(quad[1]);
        int c = sextet(quad[2]), d = sextet(quad[3]);

        wrong |= a | b | c | d;
        *bytes++ = (uint8_t) ((unsigned) a << 2 | (unsigned) b >> 4);
        *bytes++ = (uint8_t) ((unsigned) b << 4 | (unsigned) c >> 2);
        *bytes++ = (uint8_t) ((unsigned) c << 6 | (unsigned) d);
    }

    return wrong >= 0;
}

/* The two or three characters behind the last four, or none. */
static bool
rest_decode(uint8_t *bytes, size_t *len, dp_slice_t rest)
{
    uint32_t pending = 0;
    unsigned bits = 0;

    for (size_t i = 0; i < rest.len; i++) {
        int value = sextet(rest.data[i]);

        if (value < 0) {
            return false;
        }

        pending = pending << 6 | (uint32_t) value;
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            bytes[(*len)++] = (uint8_t) (pending >> bits);
        }
    }

    return (pending & ((1u << bits) - 1)) == 0;
}

bool
dp_base64url_decode(uint8_t *bytes, size_t capacity, size_t *len,
                    dp_slice_t text)
{
    size_t taken;

    *len = 0;

    if (text.len % 4 == 1 || DP_BASE64URL_BYTES_SIZE(text.len) > capacity
        || !quads_decode(bytes, text, &taken)) {
        return false;
    }

    *len = taken / 4 * 3;

    return taken == text.len
           || rest_decode(bytes, len,
                          dp_slice(text.data + taken, text.len - taken));
}
