/*
 * The slug of a name.
 */

#include "slug.h"

#include <ctype.h>
#include <string.h>

size_t
dp_slug_derive(char slug[DP_SLUG_MAX], dp_slice_t name, dp_slice_t fallback)
{
    size_t len = 0;
    bool   gap = false;

    for (size_t i = 0; i < name.len && len < DP_SLUG_MAX; i++) {
        uint8_t byte = name.data[i];

        if (byte > 0x7f || !isalnum(byte)) {
            gap = len != 0;
            continue;
        }

        if (gap) {
            slug[len++] = '-';
            gap = false;
        }

        if (len < DP_SLUG_MAX) {
            slug[len++] = (char) tolower(byte);
        }
    }

    if (len != 0 && slug[len - 1] == '-') {
        len--;
    }

    if (len == 0) {
        memcpy(slug, fallback.data, len = fallback.len);
    }

    return len;
}
