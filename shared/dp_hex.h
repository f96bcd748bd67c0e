/*
 * The value of a hexadecimal digit, for the parsers of shared/.
 */

#ifndef DP_HEX_H
#define DP_HEX_H

#include <stdint.h>

/* 0 to 15 for a digit of either case, -1 for any other byte. */
static inline int
dp_hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }

    if (byte >= 'a' && byte <= 'f') {
        return byte - 'a' + 10;
    }

    if (byte >= 'A' && byte <= 'F') {
        return byte - 'A' + 10;
    }

    return -1;
}

#endif /* DP_HEX_H */
