/*
 * UUIDs (version 4) as 16 bytes, and their text.
 */

#ifndef DP_ID_H
#define DP_ID_H

#include "dp_bytes.h"
#include "dp_principal.h"

#define DP_ID_TEXT_SIZE 36 /* without a terminating zero */

/* Sets version and variant bits in 16 random bytes the caller provides. */
void dp_id_from_random(uint8_t *id);

/*
 * The id number `n` of a series; `seed` (DP_ID_SIZE bytes) names the series.  For
 * tests: whoever knows the seed knows the ids.
 */
void dp_id_derive(uint8_t *id, const uint8_t *seed, uint64_t n);

/* Writes DP_ID_TEXT_SIZE lower-case characters, no terminating zero. */
void dp_id_format(char *text, const uint8_t *id);

/*
 * Reads 8-4-4-4-12 hexadecimal digits of either case; any version.  False when
 * the text is anything else.
 */
bool dp_id_parse(uint8_t *id, dp_slice_t text) __attribute__((warn_unused_result));

/* Lower-case hexadecimal of `len` bytes; writes 2 * len characters. */
void dp_hex_format(char *text, const uint8_t *bytes, size_t len);

#endif /* DP_ID_H */
