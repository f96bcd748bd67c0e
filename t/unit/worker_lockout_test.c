/*
 * The soft lock in numbers: when it locks, for how long, when it forgets.
 */

#include "identity/lockout.h"
#include "unit.h"

#define MINUTE_US UINT64_C(60000000)
#define NOW_US UINT64_C(1700000000000000)

static dp_lockout_t
fail_times(dp_lockout_t lockout, int times, uint64_t now_us)
{
    while (times-- > 0) {
        lockout = dp_lockout_fail(lockout, now_us);
    }

    return lockout;
}

START_TEST(IDN_12_the_fifth_failure_in_a_quarter_of_an_hour_locks)
{
    dp_lockout_t lockout = {.failures = 0};

    lockout = fail_times(lockout, 4, NOW_US);
    ck_assert_uint_eq(lockout.locked_until_us, 0);
    lockout = dp_lockout_fail(lockout, NOW_US + 15 * MINUTE_US);
    ck_assert_uint_eq(lockout.locked_until_us, NOW_US + 16 * MINUTE_US);
}
END_TEST

START_TEST(IDN_12_failures_beyond_it_count_anew)
{
    dp_lockout_t lockout = {.failures = 0};

    lockout = fail_times(lockout, 4, NOW_US);
    lockout = dp_lockout_fail(lockout, NOW_US + 15 * MINUTE_US + 1);
    ck_assert_int_eq(lockout.failures, 1);
    ck_assert_uint_eq(lockout.locked_until_us, 0);
}
END_TEST

START_TEST(IDN_12_each_lock_lasts_twice_as_long_up_to_an_hour)
{
    static const unsigned minutes[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    uint64_t     now_us = NOW_US;
    dp_lockout_t lockout = fail_times((dp_lockout_t) {.failures = 0}, 4, now_us);

    for (size_t i = 0; i < sizeof(minutes) / sizeof(*minutes); i++) {
        lockout = dp_lockout_fail(lockout, now_us);
        ck_assert_uint_eq(lockout.locked_until_us, now_us + minutes[i] * MINUTE_US);
        now_us = lockout.locked_until_us + 15 * MINUTE_US;
    }

    lockout = dp_lockout_fail(lockout, now_us + 1);
    ck_assert_int_eq(lockout.failures, 1);
    ck_assert_int_eq(lockout.locks, 0);
}
END_TEST

START_TEST(IDN_12_what_is_left_of_a_lock_is_told_in_whole_seconds)
{
    ck_assert_uint_eq(dp_lockout_left_s(NOW_US + 1, NOW_US), 1);
    ck_assert_uint_eq(dp_lockout_left_s(NOW_US + MINUTE_US, NOW_US), 60);
    ck_assert_uint_eq(dp_lockout_left_s(NOW_US, NOW_US), 0);
    ck_assert_uint_eq(dp_lockout_left_s(0, NOW_US), 0);
}
END_TEST

START_TEST(IDN_12_an_origin_is_an_address_or_an_IPv6_network)
{
    dp_arena_t *arena = dp_arena_create();

    unit_assert_text(dp_lockout_network(arena, DP_SLICE("192.0.2.1")),
                     "network 192.0.2.1");
    unit_assert_text(dp_lockout_network(arena, DP_SLICE("2001:db8:1:2:3:4:5:6")),
                     "network 2001:db8:1:2::");
    unit_assert_text(dp_lockout_network(arena, DP_SLICE("unix:")),
                     "network unix:");
    dp_arena_destroy(arena);
}
END_TEST

int
main(void)
{
    return UNIT_RUN(
        "lockout", IDN_12_the_fifth_failure_in_a_quarter_of_an_hour_locks,
        IDN_12_failures_beyond_it_count_anew,
        IDN_12_each_lock_lasts_twice_as_long_up_to_an_hour,
        IDN_12_what_is_left_of_a_lock_is_told_in_whole_seconds,
        IDN_12_an_origin_is_an_address_or_an_IPv6_network);
}
