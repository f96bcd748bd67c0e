/*
 * HOTP (RFC 4226) of the clock.
 */

#include "totp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#define SHA1_SIZE 20
#define MODULUS 1000000 /* 10^DP_TOTP_DIGITS */

uint32_t
dp_totp_code(const uint8_t secret[DP_TOTP_SECRET_SIZE], uint64_t step)
{
    uint8_t        counter[8];
    uint8_t        mac[SHA1_SIZE];
    unsigned       offset;
    dp_writer_t    out = dp_writer(counter, sizeof(counter));
    const uint8_t *at;

    dp_write_u64(&out, step);

    if (HMAC(EVP_sha1(), secret, DP_TOTP_SECRET_SIZE, counter, sizeof(counter),
             mac, NULL) == NULL) {
        abort();
    }

    /* dynamic truncation, RFC 4226, 5.3 */
    offset = mac[SHA1_SIZE - 1] & 15;
    at = mac + offset;

    return (((uint32_t) (at[0] & 0x7f) << 24) | (uint32_t) at[1] << 16
            | (uint32_t) at[2] << 8 | at[3])
           % MODULUS;
}

static bool
is_code_of(const uint8_t *secret, uint64_t step, dp_slice_t code)
{
    char text[DP_TOTP_DIGITS + 1];

    snprintf(text, sizeof(text), "%0*u", DP_TOTP_DIGITS,
             dp_totp_code(secret, step) % MODULUS);

    return CRYPTO_memcmp(text, code.data, DP_TOTP_DIGITS) == 0;
}

uint64_t
dp_totp_verify(const uint8_t secret[DP_TOTP_SECRET_SIZE], dp_slice_t code,
               uint64_t now_s, uint64_t last_step)
{
    uint64_t now = now_s / DP_TOTP_PERIOD_S;
    uint64_t found = 0;

    if (code.len != DP_TOTP_DIGITS) {
        return 0;
    }

    for (uint64_t step = now - DP_TOTP_WINDOW; step <= now + DP_TOTP_WINDOW;
         step++) {
        bool equal = is_code_of(secret, step, code);

        found = equal && step > last_step ? step : found;
    }

    return found;
}
