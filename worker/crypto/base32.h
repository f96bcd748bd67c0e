/*
 * Base32 (RFC 4648, section 6) without padding: what people type.
 */

#ifndef DP_BASE32_H
#define DP_BASE32_H

#include "dp_bytes.h"

/* Characters that encode `len` bytes. */
#define DP_BASE32_TEXT_SIZE(len) (((len) * 8 + 4) / 5)

/* Writes DP_BASE32_TEXT_SIZE(bytes.len) upper-case characters, no zero. */
void dp_base32_encode(char *text, dp_slice_t bytes);

/* The character's five bits, in either case; -1: it is none. */
int dp_base32_value(uint8_t character);

#endif /* DP_BASE32_H */
