/*
 * SipHash-2-4 (Aumasson and Bernstein), a keyed hash of short inputs: who does
 * not know the key can neither tell nor steer where an input lands.
 */

#ifndef DP_SIPHASH_H
#define DP_SIPHASH_H

#include "dp_bytes.h"

/* Two random words, or the key's 16 bytes read as little-endian ones. */
typedef struct {
    uint64_t k0;
    uint64_t k1;
} dp_siphash_key_t;

uint64_t dp_siphash(const dp_siphash_key_t *key, dp_slice_t bytes);

/* The variant with 128 bits of output: digest[0] holds its first 8 bytes. */
void dp_siphash_128(uint64_t digest[2], const dp_siphash_key_t *key,
                    dp_slice_t bytes);

#endif /* DP_SIPHASH_H */
