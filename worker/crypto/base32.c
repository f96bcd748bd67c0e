/*
 * Five bits a character.
 */

#include "base32.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void
dp_base32_encode(char *text, dp_slice_t bytes)
{
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | bytes.data[i];
        count += 8;

        while (count >= 5) {
            count -= 5;
            *text++ = alphabet[bits >> count & 31];
        }
    }

    if (count != 0) {
        *text = alphabet[bits << (5 - count) & 31];
    }
}

int
dp_base32_value(uint8_t character)
{
    bool        lower = character >= 'a' && character <= 'z';
    const char *found = memchr(alphabet, lower ? character - 32 : character,
                               sizeof(alphabet) - 1);

    return found == NULL ? -1 : (int) (found - alphabet);
}
