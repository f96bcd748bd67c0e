/*
 * Time-based one-time passwords: RFC 6238 with SHA-1, 30 seconds, 6 digits, as
 * every authenticator app has it.
 *
 * A step is the number of the half minute since 1970.  No clock, no state: who
 * stores the step of an accepted code and gives it next time, accepts no code
 * twice.
 */

#ifndef DP_TOTP_H
#define DP_TOTP_H

#include "dp_bytes.h"

#define DP_TOTP_SECRET_SIZE 20 /* RFC 4226, 4: as long as the digest */
#define DP_TOTP_PERIOD_S 30
#define DP_TOTP_DIGITS 6

/* Clocks may differ by one step to either side, RFC 6238, 5.2. */
#define DP_TOTP_WINDOW 1

/* The code of a step, below 10^DP_TOTP_DIGITS. */
uint32_t dp_totp_code(const uint8_t secret[DP_TOTP_SECRET_SIZE], uint64_t step);

/*
 * The step whose code `code` (digits) is, among those around `now_s`, seconds
 * since 1970, that are later than `last_step`; 0: it is none of these.  Takes
 * the same time whether it is or not.
 */
uint64_t dp_totp_verify(const uint8_t secret[DP_TOTP_SECRET_SIZE],
                        dp_slice_t code, uint64_t now_s, uint64_t last_step);

#endif /* DP_TOTP_H */
