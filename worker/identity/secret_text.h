/*
 * Secrets that are given out as text: a prefix of four characters that says what
 * it is, and 32 random bytes in base64url.
 *
 * The database keeps SHA-256 of the whole text.  None is ever logged.
 */

#ifndef DP_SECRET_TEXT_H
#define DP_SECRET_TEXT_H

#include "crypto/digest.h"
#include "runtime/arena.h"

#define DP_SECRET_TEXT_SIZE 47

#define DP_SECRET_SESSION "dps_"  /* a session's cookie */
#define DP_SECRET_REFRESH "dpr_"  /* a refresh token */
#define DP_SECRET_DEVICE "dpd_"   /* a device's cookie */
#define DP_SECRET_ONE_TIME "dpo_" /* in a mail's link, and the like */

/* A new one, in the arena. */
dp_slice_t dp_secret_text_make(dp_arena_t *arena, const char *prefix);

/*
 * The one that follows from another: the same each time, and nobody can tell
 * what it is without the key.
 */
dp_slice_t dp_secret_text_follow(dp_arena_t *arena, const char *prefix,
                                 dp_slice_t key, dp_slice_t text);

/* True when it looks like one with that prefix. */
bool dp_secret_text_valid(dp_slice_t text, const char *prefix)
    __attribute__((warn_unused_result));

/* What is kept of it. */
void dp_secret_text_digest(uint8_t digest[DP_SHA256_SIZE], dp_slice_t text);

#endif /* DP_SECRET_TEXT_H */
