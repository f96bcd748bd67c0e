/*
 * The arithmetic of lockouts, and the names of accounts and origins.
 */

#include "lockout.h"

#include "crypto/keys.h"
#include "dp_id.h"
#include "secret_text.h"

#include <arpa/inet.h>
#include <ctype.h>

#define NETWORK_SIZE 8 /* of an IPv6 address: a /64 */

/* Since the last lock ended, or since the first failure, it has been quiet. */
static bool
forgotten(const dp_lockout_t *lockout, uint64_t now_us)
{
    uint64_t from_us = lockout->locks == 0 ? lockout->since_us
                                           : lockout->locked_until_us;

    return now_us > from_us + DP_LOCKOUT_WINDOW_US;
}

static uint64_t
lock_us(int64_t locks)
{
    uint64_t lasts_us = DP_LOCKOUT_FIRST_US;

    while (locks-- > 1 && lasts_us < DP_LOCKOUT_LONGEST_US) {
        lasts_us *= 2;
    }

    return lasts_us < DP_LOCKOUT_LONGEST_US ? lasts_us : DP_LOCKOUT_LONGEST_US;
}

dp_lockout_t
dp_lockout_fail(dp_lockout_t lockout, uint64_t now_us)
{
    if (lockout.failures == 0 || forgotten(&lockout, now_us)) {
        lockout = (dp_lockout_t) {.since_us = now_us};
    }

    lockout.failures++;

    /* once it was locked, the next failure locks it again */
    if (lockout.locks > 0 || lockout.failures >= DP_LOCKOUT_FAILURES) {
        lockout.locks++;
        lockout.locked_until_us = now_us + lock_us(lockout.locks);
    }

    return lockout;
}

uint32_t
dp_lockout_left_s(uint64_t locked_until_us, uint64_t now_us)
{
    return locked_until_us > now_us
               ? (uint32_t) ((locked_until_us - now_us + 999999) / 1000000)
               : 0;
}

void
dp_lockout_account(uint8_t account[DP_SHA256_SIZE], dp_slice_t email)
{
    char   lower[320];
    size_t len = email.len < sizeof(lower) ? email.len : sizeof(lower);

    for (size_t i = 0; i < len; i++) {
        lower[i] = (char) tolower(email.data[i]);
    }

    dp_hmac_sha256(account, dp_slice(dp_key(DP_KEY_ACCOUNT), DP_KEY_SIZE),
                   dp_slice(lower, len));
}

dp_slice_t
dp_lockout_network(dp_arena_t *arena, dp_slice_t address)
{
    char    text[INET6_ADDRSTRLEN] = "";
    uint8_t bytes[16];

    if (address.len != 0 && address.len < sizeof(text)) {
        memcpy(text, address.data, address.len);
    }

    if (inet_pton(AF_INET6, text, bytes) == 1) {
        memset(bytes + NETWORK_SIZE, 0, sizeof(bytes) - NETWORK_SIZE);
        inet_ntop(AF_INET6, bytes, text, sizeof(text));
    }

    return dp_arena_printf(arena, "network %s", text);
}

dp_slice_t
dp_lockout_device(dp_arena_t *arena, dp_slice_t device)
{
    uint8_t digest[DP_SHA256_SIZE];
    char    text[2 * DP_SHA256_SIZE];

    dp_secret_text_digest(digest, device);
    dp_hex_format(text, digest, sizeof(digest));

    return dp_arena_printf(arena, "device %.*s", (int) sizeof(text), text);
}
