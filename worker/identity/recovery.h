/*
 * Recovery codes: what lets a person in once whose authenticator app is lost.
 *
 * Eighty random bits each, in base32, so that SHA-256 of one says nothing of it.
 */

#ifndef DP_RECOVERY_H
#define DP_RECOVERY_H

#include "crypto/digest.h"
#include "dp_principal.h"

#define DP_RECOVERY_CODES 10

/* XXXX-XXXX-XXXX-XXXX */
#define DP_RECOVERY_TEXT_SIZE 19

/* Writes a new code, no terminating zero. */
void dp_recovery_make(char text[DP_RECOVERY_TEXT_SIZE]);

/*
 * What is kept of a user's code, however it was typed: in either case, with or
 * without hyphens and blanks.  False: it is none.
 */
bool dp_recovery_digest(uint8_t digest[DP_SHA256_SIZE],
                        const uint8_t user_id[DP_ID_SIZE], dp_slice_t text)
    __attribute__((warn_unused_result));

#endif /* DP_RECOVERY_H */
