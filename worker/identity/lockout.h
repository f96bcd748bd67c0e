/*
 * The soft lock on logging in: failures of one account from one origin make that
 * origin wait, twice as long each time, and nobody else.
 *
 * An origin is a device that the account knows by its cookie, or a network (an
 * IPv4 address, an IPv6 /64).  Attempts of a known device count against the
 * device until it is locked itself; then, like a stranger's, against its network.
 * So nobody locks somebody else out of his own browser, and an account that there
 * is not is treated like any other.
 *
 * The arithmetic is here and in numbers; statements are login.c's.
 */

#ifndef DP_LOCKOUT_H
#define DP_LOCKOUT_H

#include "crypto/digest.h"
#include "runtime/arena.h"

/* D of the requirements: 5 failures in 15 minutes, 60 s doubling to an hour. */
#define DP_LOCKOUT_FAILURES 5
#define DP_LOCKOUT_WINDOW_US UINT64_C(900000000)
#define DP_LOCKOUT_FIRST_US UINT64_C(60000000)
#define DP_LOCKOUT_LONGEST_US UINT64_C(3600000000)

/* A row of dp.login_failure; times in microseconds since 1970. */
typedef struct {
    int64_t  failures; /* since then, or since it was locked */
    uint64_t since_us;
    int64_t  locks; /* in a row */
    uint64_t locked_until_us; /* 0: it never was */
} dp_lockout_t;

/* What another failure makes of it. */
dp_lockout_t dp_lockout_fail(dp_lockout_t lockout, uint64_t now_us);

/* How long nothing is tried, in whole seconds; 0: it is not locked. */
uint32_t dp_lockout_left_s(uint64_t locked_until_us, uint64_t now_us);

/* The name of an account, whether there is one or not: a keyed digest. */
void dp_lockout_account(uint8_t account[DP_SHA256_SIZE], dp_slice_t email);

/* The names of origins, in the arena. */
dp_slice_t dp_lockout_network(dp_arena_t *arena, dp_slice_t address);
dp_slice_t dp_lockout_device(dp_arena_t *arena, dp_slice_t device);

#endif /* DP_LOCKOUT_H */
