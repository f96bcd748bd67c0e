/*
 * base64url, three bytes to four characters.  See dp_base64url.h.
 */

#include "dp_base64url.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int
sextet(uint8_t character)
{
    if (character >= 'A' && character <= 'Z') {
        return character - 'A';
    }

    if (character >= 'a' && character <= 'z') {
        return character - 'a' + 26;
    }

    if (character >= '0' && character <= '9') {
        return character - '0' + 52;
    }

    if (character == '-') {
        return 62;
    }

    return character == '_' ? 63 : -1;
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

bool
dp_base64url_decode(uint8_t *bytes, size_t capacity, size_t *len,
                    dp_slice_t text)
{
    uint32_t pending = 0;
    unsigned bits = 0;

    *len = 0;

    if (text.len % 4 == 1 || DP_BASE64URL_BYTES_SIZE(text.len) > capacity) {
        return false;
    }

    for (size_t i = 0; i < text.len; i++) {
        int value = sextet(text.data[i]);

        if (value < 0) {
            return false;
        }

        pending = (pending << 6 | (uint32_t) value) & 0xffff;
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            bytes[(*len)++] = (uint8_t) (pending >> bits);
        }
    }

    return (pending & ((1u << bits) - 1)) == 0;
}
