/*
 * UTF-8 by the table of RFC 3629, section 4: what a lead byte allows its second
 * byte to be rules out overlong forms, surrogates and the rest beyond U+10FFFF.
 */

#include "dp_utf8.h"

typedef struct {
    uint8_t first; /* lead bytes from here ... */
    uint8_t last;  /* ... to here */
    uint8_t length;
    uint8_t second_min;
    uint8_t second_max;
} lead_t;

static const lead_t leads[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf},
    {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f},
    {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf},
    {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static const lead_t *
lead_find(uint8_t byte)
{
    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
        if (byte >= leads[i].first && byte <= leads[i].last) {
            return &leads[i];
        }
    }

    return NULL;
}

size_t
dp_utf8_length(const uint8_t *pos, const uint8_t *end)
{
    const lead_t *lead;

    if (pos == end) {
        return 0;
    }

    if (*pos < 0x80) {
        return 1;
    }

    lead = lead_find(*pos);

    if (lead == NULL || (size_t) (end - pos) < lead->length
        || pos[1] < lead->second_min || pos[1] > lead->second_max) {
        return 0;
    }

    for (size_t i = 2; i < lead->length; i++) {
        if ((pos[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    return lead->length;
}

bool
dp_utf8_count(dp_slice_t text, size_t *characters)
{
    size_t offset = 0;

    *characters = 0;

    while (offset < text.len) {
        size_t len = dp_utf8_length(text.data + offset, text.data + text.len);

        if (len == 0) {
            return false;
        }

        offset += len;
        *characters += 1;
    }

    return true;
}

static uint8_t
continuation(uint32_t code_point, unsigned shift)
{
    return (uint8_t) (0x80 | (code_point >> shift & 0x3f));
}

size_t
dp_utf8_encode(uint8_t bytes[4], uint32_t code_point)
{
    if (code_point < 0x80) {
        bytes[0] = (uint8_t) code_point;
        return 1;
    }

    if (code_point < 0x800) {
        bytes[0] = (uint8_t) (0xc0 | code_point >> 6);
        bytes[1] = continuation(code_point, 0);
        return 2;
    }

    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
        return 0;
    }

    if (code_point < 0x10000) {
        bytes[0] = (uint8_t) (0xe0 | code_point >> 12);
        bytes[1] = continuation(code_point, 6);
        bytes[2] = continuation(code_point, 0);
        return 3;
    }

    bytes[0] = (uint8_t) (0xf0 | code_point >> 18);
    bytes[1] = continuation(code_point, 12);
    bytes[2] = continuation(code_point, 6);
    bytes[3] = continuation(code_point, 0);

    return 4;
}
