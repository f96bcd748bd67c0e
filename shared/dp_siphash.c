/*
 * SipHash-2-4 as its paper has it: two rounds per word of input, four at the
 * end.  The variant of 128 bits marks its state at the beginning and reads it
 * twice at the end.
 */

#include "dp_siphash.h"

#include <endian.h>
#include <string.h>

typedef struct {
    uint64_t v0, v1, v2, v3;
} state_t;

static inline uint64_t
rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void
rounds(state_t *s, unsigned count)
{
    while (count-- != 0) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 = rotate(s->v0, 32) + s->v3;
        s->v2 += s->v1;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 = rotate(s->v2, 32);
    }
}

static inline void
absorb(state_t *s, uint64_t word)
{
    s->v3 ^= word;
    rounds(s, 2);
    s->v0 ^= word;
}

/* The word of up to 8 bytes. */
static inline uint64_t
word_at(const uint8_t *at, size_t len)
{
    uint64_t word = 0;

    memcpy(&word, at, len);

    return le64toh(word);
}

static void
input_absorb(state_t *s, const dp_siphash_key_t *key, dp_slice_t bytes)
{
    size_t whole = bytes.len - bytes.len % 8;

    s->v0 = key->k0 ^ 0x736f6d6570736575;
    s->v1 ^= key->k1 ^ 0x646f72616e646f6d;
    s->v2 = key->k0 ^ 0x6c7967656e657261;
    s->v3 = key->k1 ^ 0x7465646279746573;

    for (size_t i = 0; i < whole; i += 8) {
        absorb(s, word_at(bytes.data + i, 8));
    }

    absorb(s, (uint64_t) bytes.len << 56
                  | (whole == bytes.len
                         ? 0 : word_at(bytes.data + whole, bytes.len - whole)));
}

static inline uint64_t
squeeze(state_t *s)
{
    rounds(s, 4);

    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t
dp_siphash(const dp_siphash_key_t *key, dp_slice_t bytes)
{
    state_t s = {.v1 = 0};

    input_absorb(&s, key, bytes);
    s.v2 ^= 0xff;

    return squeeze(&s);
}

void
dp_siphash_128(uint64_t digest[2], const dp_siphash_key_t *key,
               dp_slice_t bytes)
{
    state_t s = {.v1 = 0xee};

    input_absorb(&s, key, bytes);
    s.v2 ^= 0xee;
    digest[0] = squeeze(&s);
    s.v1 ^= 0xdd;
    digest[1] = squeeze(&s);
}
