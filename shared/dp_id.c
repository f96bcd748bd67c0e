/*
 * UUIDs and hexadecimal text.  See dp_id.h.
 */

#include "dp_id.h"
#include "dp_hex.h"

#include <endian.h>

#define VERSION_BYTE 6
#define VARIANT_BYTE 8

/* A byte in each byte of a word. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* A dash stands before these bytes. */
static bool
dash_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void
dp_id_from_random(uint8_t *id)
{
    id[VERSION_BYTE] = (uint8_t) ((id[VERSION_BYTE] & 0x0f) | 0x40);
    id[VARIANT_BYTE] = (uint8_t) ((id[VARIANT_BYTE] & 0x3f) | 0x80);
}

/* The output function of splitmix64 (Steele, Lea, Flood 2014): a bijection. */
static uint64_t
mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;

    return x ^ x >> 31;
}

void
dp_id_derive(uint8_t *id, const uint8_t *seed, uint64_t n)
{
    dp_reader_t reader = dp_reader(dp_slice(seed, DP_ID_SIZE));
    dp_writer_t writer = dp_writer(id, DP_ID_SIZE);
    uint64_t    high = mix(dp_read_u64(&reader) ^ mix(n));
    uint64_t    low = mix(dp_read_u64(&reader) ^ high);

    dp_write_u64(&writer, high);
    dp_write_u64(&writer, low);
    dp_id_from_random(id);
}

void
dp_id_format(char *text, const uint8_t *id)
{
    char digits[2 * DP_ID_SIZE];

    dp_hex_format(digits, id, DP_ID_SIZE);

    memcpy(text, digits, 8);
    text[8] = '-';
    memcpy(text + 9, digits + 8, 4);
    text[13] = '-';
    memcpy(text + 14, digits + 12, 4);
    text[18] = '-';
    memcpy(text + 19, digits + 16, 4);
    text[23] = '-';
    memcpy(text + 24, digits + 20, 12);
}

bool
dp_id_parse(uint8_t *id, dp_slice_t text)
{
    const uint8_t *pos = text.data;

    if (text.len != DP_ID_TEXT_SIZE) {
        return false;
    }

    for (size_t i = 0; i < DP_ID_SIZE; i++) {
        int high, low;

        if (dash_before(i) && *pos++ != '-') {
            return false;
        }

        high = dp_hex_digit(pos[0]);
        low = dp_hex_digit(pos[1]);

        if (high < 0 || low < 0) {
            return false;
        }

        id[i] = (uint8_t) (high << 4 | low);
        pos += 2;
    }

    return true;
}

/*
 * The digits of four bytes at once, the first of them lowest: each half of a byte
 * gets a byte of the word.
 */
static uint64_t
hex_digits(uint32_t bytes)
{
    uint64_t halves = bytes;
    uint64_t letters;

    halves = (halves | halves << 16) & UINT64_C(0x0000ffff0000ffff);
    halves = (halves | halves << 8) & UINT64_C(0x00ff00ff00ff00ff);
    halves = (halves >> 4 | halves << 8) & EACH(0x0f);
    letters = (halves + EACH(0x06)) >> 4 & EACH(0x01);

    return htole64(halves + EACH('0') + letters * ('a' - '0' - 10));
}

void
dp_hex_format(char *text, const uint8_t *bytes, size_t len)
{
    uint64_t digits;
    uint32_t word;

    for ( ; len >= sizeof(word); len -= sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        digits = hex_digits(le32toh(word));
        memcpy(text, &digits, sizeof(digits));
        bytes += sizeof(word);
        text += sizeof(digits);
    }

    for ( ; len != 0; len--) {
        digits = hex_digits(*bytes++);
        memcpy(text, &digits, 2);
        text += 2;
    }
}
