/*
 * UUIDs and hexadecimal text.  See dp_id.h.
 */

#include "dp_id.h"
#include "dp_hex.h"

#define VERSION_BYTE 6
#define VARIANT_BYTE 8

static const char hex_digits[] = "0123456789abcdef";

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
    for (size_t i = 0; i < DP_ID_SIZE; i++) {
        if (dash_before(i)) {
            *text++ = '-';
        }

        dp_hex_format(text, &id[i], 1);
        text += 2;
    }
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

void
dp_hex_format(char *text, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        *text++ = hex_digits[bytes[i] >> 4];
        *text++ = hex_digits[bytes[i] & 0x0f];
    }
}
