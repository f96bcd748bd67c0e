/*
 * What a name becomes in paths.
 */

#ifndef DP_SLUG_H
#define DP_SLUG_H

#include "dp_bytes.h"

#define DP_SLUG_MAX 60

/*
 * The base of a name's slug: ASCII letters in lower case and digits, one '-'
 * for each run of anything else between them, at most DP_SLUG_MAX characters;
 * `fallback`, which is not longer, when nothing is left.  Writes to `slug`,
 * returns the length.
 */
size_t dp_slug_derive(char slug[DP_SLUG_MAX], dp_slice_t name,
                      dp_slice_t fallback);

#endif /* DP_SLUG_H */
