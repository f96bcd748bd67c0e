/*
 * The tiers against table D's numbers, without a clock.
 */

#include "dp_abuse.h"
#include "dp_abuse_subject.h"
#include "dp_id.h"
#include "unit.h"

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define START (UINT64_C(1000) * HOUR)

static const dp_abuse_policy_t policy = {
    .signals = {
        [DP_ABUSE_AUTH] = {{0, 10, 20, 40}, 5 * 60 * 1000},
        [DP_ABUSE_BURST] = {{0, 1, 3, 6}, 5 * 60 * 1000},
        [DP_ABUSE_PROBE] = {{0, 10, 20, 40}, 60 * 1000},
        [DP_ABUSE_HONEYPOT] = {{0, 10, 20, 40}, 60 * 1000},
    },
    .hold_ms = 5 * MINUTE,
    .block_ms = 15 * MINUTE,
    .block_max_ms = 24 * HOUR,
    .forget_ms = 24 * HOUR,
    .burst_ms = 10 * SECOND,
    .burst_ratio = 3,
};

/* One subject and one signal, as the keeper of the words does it. */
typedef struct {
    uint64_t            word;
    dp_abuse_standing_t standing;
} subject_t;

static unsigned
note(subject_t *subject, dp_abuse_signal_t signal, uint32_t n, uint64_t now_ms)
{
    uint32_t window_ms = policy.signals[signal].window_ms;

    subject->word = dp_abuse_window_add(subject->word, window_ms, now_ms, n);
    subject->standing = dp_abuse_standing_raise(
        &policy, dp_abuse_standing_at(&policy, subject->standing, now_ms),
        signal, dp_abuse_window_count(subject->word, window_ms, now_ms), now_ms);

    return subject->standing.tier;
}

static unsigned
tier_at(const subject_t *subject, uint64_t now_ms)
{
    return dp_abuse_standing_at(&policy, subject->standing, now_ms).tier;
}

/* The tier after `count` notes, `gap_ms` apart. */
static unsigned
tier_after(dp_abuse_signal_t signal, unsigned count, uint64_t gap_ms)
{
    subject_t subject = {0};
    unsigned  tier = DP_ABUSE_NORMAL;

    for (unsigned i = 0; i < count; i++) {
        tier = note(&subject, signal, 1, START + i * gap_ms);
    }

    return tier;
}

START_TEST(ABU_01_failed_authentications_of_five_minutes)
{
    ck_assert_uint_eq(tier_after(DP_ABUSE_AUTH, 9, 0), DP_ABUSE_NORMAL);
    ck_assert_uint_eq(tier_after(DP_ABUSE_AUTH, 10, 33 * SECOND), DP_ABUSE_WARN);
    ck_assert_uint_eq(tier_after(DP_ABUSE_AUTH, 19, 0), DP_ABUSE_WARN);
    ck_assert_uint_eq(tier_after(DP_ABUSE_AUTH, 20, 15 * SECOND),
                      DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(tier_after(DP_ABUSE_AUTH, 39, 0), DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(tier_after(DP_ABUSE_AUTH, 40, 7 * SECOND), DP_ABUSE_BLOCK);
    ck_assert_uint_eq(tier_after(DP_ABUSE_AUTH, 1000, 40 * SECOND),
                      DP_ABUSE_NORMAL);
}
END_TEST

START_TEST(ABU_03_failing_paths_of_a_minute)
{
    ck_assert_uint_eq(tier_after(DP_ABUSE_PROBE, 9, 0), DP_ABUSE_NORMAL);
    ck_assert_uint_eq(tier_after(DP_ABUSE_PROBE, 10, 6 * SECOND),
                      DP_ABUSE_WARN);
    ck_assert_uint_eq(tier_after(DP_ABUSE_PROBE, 20, 3 * SECOND),
                      DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(tier_after(DP_ABUSE_PROBE, 40, SECOND), DP_ABUSE_BLOCK);
    ck_assert_uint_eq(tier_after(DP_ABUSE_PROBE, 1000, 8 * SECOND),
                      DP_ABUSE_NORMAL);
}
END_TEST

START_TEST(ABU_03_a_honeypot_counts_for_ten)
{
    subject_t subject = {0};

    ck_assert_uint_eq(note(&subject, DP_ABUSE_PROBE, 10, START), DP_ABUSE_WARN);
    ck_assert_uint_eq(note(&subject, DP_ABUSE_PROBE, 10, START + 1),
                      DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(note(&subject, DP_ABUSE_PROBE, 10, START + 2),
                      DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(note(&subject, DP_ABUSE_PROBE, 10, START + 3),
                      DP_ABUSE_BLOCK);
}
END_TEST

START_TEST(a_window_slides)
{
    uint64_t word = 0;
    uint32_t window_ms = 60 * 1000;

    ck_assert_uint_eq(dp_abuse_window_count(word, window_ms, START), 0);

    word = dp_abuse_window_add(word, window_ms, START, 12);
    ck_assert_uint_eq(dp_abuse_window_count(word, window_ms, START + 59999), 12);
    ck_assert_uint_eq(dp_abuse_window_count(word, window_ms, START + 90000), 6);
    ck_assert_uint_eq(dp_abuse_window_count(word, window_ms, START + 120000), 0);

    word = dp_abuse_window_add(word, window_ms, START + 90000, 1);
    ck_assert_uint_eq(dp_abuse_window_count(word, window_ms, START + 90000), 7);
    ck_assert_uint_eq(dp_abuse_window_count(word, window_ms, START + 150000), 0);

    word = dp_abuse_window_add(word, window_ms, START - 5, 1);
    ck_assert_uint_eq(dp_abuse_window_count(word, window_ms, START + 90000), 8);
}
END_TEST

/* Words have 36 bits of milliseconds; the clock goes on. */
#define WRAP (UINT64_C(1) << 36)

START_TEST(a_window_outlives_795_days)
{
    uint64_t word = dp_abuse_window_add(0, 60000, WRAP - 10 * SECOND, 5);

    ck_assert_uint_eq(dp_abuse_window_count(word, 60000, WRAP + 49 * SECOND), 5);
    word = dp_abuse_window_add(word, 60000, WRAP + 20 * SECOND, 7);
    ck_assert_uint_eq(dp_abuse_window_count(word, 60000, WRAP + 49 * SECOND), 12);
    ck_assert_uint_eq(dp_abuse_window_count(word, 60000, WRAP + 80 * SECOND), 6);
    ck_assert_uint_eq(dp_abuse_window_count(word, 60000, WRAP + 2 * MINUTE), 0);
    word = dp_abuse_window_add(word, 60000, WRAP + HOUR, 4);
    ck_assert_uint_eq(dp_abuse_window_count(word, 60000, WRAP + HOUR), 4);
    ck_assert_uint_eq(dp_abuse_window_count(word, 60000, WRAP + 2 * HOUR), 0);
}
END_TEST

START_TEST(a_burst_outlives_795_days)
{
    for (unsigned begin = 0; begin < 3; begin++) {
        uint64_t word = 0;
        uint64_t now_ms = WRAP - begin * 4000;
        unsigned count = 0;

        for (unsigned i = 0; i < 6; i++) {
            count += dp_abuse_burst_step(&word, policy.burst_ms, 3, now_ms,
                                         (i + 1) * 10 * SECOND);
            now_ms += 2500;
        }

        ck_assert_uint_eq(count, 1);
    }
}
END_TEST

START_TEST(a_window_counts_up_to_its_limit)
{
    uint64_t word = 0;

    for (unsigned i = 0; i < 5; i++) {
        word = dp_abuse_window_add(word, 1000, START, 10000);
    }

    ck_assert_uint_eq(dp_abuse_window_count(word, 1000, START),
                      DP_ABUSE_COUNT_MAX);
    ck_assert_uint_eq(dp_abuse_window_count(word, 1000, START + 1500),
                      DP_ABUSE_COUNT_MAX / 2);
}
END_TEST

/*
 * How many bursts are seen of a bucket with `per_second` tokens back and room for
 * `burst`, asked `rate` times a second for `seconds`.
 */
static unsigned
bursts(double per_second, double burst, double rate, unsigned seconds)
{
    uint64_t word = 0;
    unsigned count = 0;
    double   debt = 0;

    for (unsigned i = 0; i < seconds * rate; i++) {
        uint64_t now_ms = START + (uint64_t) (i * 1000 / rate);

        debt -= per_second / rate;
        debt = debt < 0 ? 0 : debt;

        if (debt + 1 > burst) {
            continue;
        }

        debt++;

        if (debt / per_second >= 10) {
            count += dp_abuse_burst_step(&word, policy.burst_ms,
                                         policy.burst_ratio, now_ms,
                                         (uint64_t) (debt * 1000 / per_second));
        }
    }

    return count;
}

START_TEST(ABU_02_three_times_the_refill_for_ten_seconds)
{
    ck_assert_uint_eq(bursts(10, 1200, 32, 14), 0);
    ck_assert_uint_eq(bursts(10, 1200, 32, 16), 1);
    ck_assert_uint_eq(bursts(10, 1200, 60, 13), 1);
    ck_assert_uint_eq(bursts(10, 1200, 60, 23), 2);
    ck_assert_uint_eq(bursts(1, 120, 4, 15), 1);
    ck_assert_uint_eq(bursts(10, 1200, 29, 600), 0);
    ck_assert_uint_eq(bursts(10, 1200, 12, 600), 0);
}
END_TEST

START_TEST(ABU_02_all_tokens_at_once_are_no_burst)
{
    ck_assert_uint_eq(bursts(1, 120, 200, 60), 0);
    ck_assert_uint_eq(bursts(10, 1200, 2000, 60), 0);
}
END_TEST

START_TEST(ABU_02_who_pauses_begins_anew)
{
    uint64_t word = 0;
    uint64_t debt_ms = 10 * SECOND;
    uint64_t now_ms = START;

    for (unsigned i = 0; i < 20; i++) {
        ck_assert(!dp_abuse_burst_step(&word, policy.burst_ms, 3, now_ms,
                                       debt_ms));
        now_ms += i % 3 == 2 ? 5 * SECOND : 2500;
        debt_ms += 10 * SECOND;
    }
}
END_TEST

START_TEST(ABU_03_a_path_counts_once_in_its_window)
{
    uint32_t word = dp_abuse_path(0x1234, START);

    ck_assert(dp_abuse_path_recent(word, 0x1234, 60000, START));
    ck_assert(dp_abuse_path_recent(word, 0x1234, 60000, START + 59 * SECOND));
    ck_assert(!dp_abuse_path_recent(word, 0x1234, 60000, START + 60 * SECOND));
    ck_assert(!dp_abuse_path_recent(word, 0x1235, 60000, START));
    ck_assert(!dp_abuse_path_recent(0, 0, 60000, 0));
}
END_TEST

START_TEST(ABU_04_a_block_doubles_up_to_a_day)
{
    static const uint64_t minutes[] = {15, 30, 60, 120, 240, 480, 960, 1440,
                                       1440, 1440};

    subject_t subject = {0};
    uint64_t  now_ms = START;

    for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
        ck_assert_uint_eq(note(&subject, DP_ABUSE_AUTH, 40, now_ms),
                          DP_ABUSE_BLOCK);
        ck_assert_uint_eq(subject.standing.until_ms,
                          now_ms + minutes[i] * MINUTE);
        now_ms = subject.standing.until_ms;
    }
}
END_TEST

START_TEST(ABU_04_a_block_that_runs_out_goes_down_tier_by_tier)
{
    subject_t subject = {0};
    uint64_t  over_ms = START + 15 * MINUTE;

    note(&subject, DP_ABUSE_AUTH, 40, START);
    ck_assert_uint_eq(tier_at(&subject, over_ms - 1), DP_ABUSE_BLOCK);
    ck_assert_uint_eq(tier_at(&subject, over_ms), DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(tier_at(&subject, over_ms + 5 * MINUTE - 1),
                      DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(tier_at(&subject, over_ms + 5 * MINUTE), DP_ABUSE_WARN);
    ck_assert_uint_eq(tier_at(&subject, over_ms + 10 * MINUTE), DP_ABUSE_NORMAL);

    subject.standing = dp_abuse_standing_at(&policy, subject.standing,
                                            over_ms + 11 * MINUTE);
    ck_assert_uint_eq(subject.standing.level, 1);
    subject.standing = dp_abuse_standing_at(
        &policy, subject.standing, over_ms + 10 * MINUTE + 24 * HOUR);
    ck_assert_uint_eq(subject.standing.level, 0);
}
END_TEST

START_TEST(ABU_04_a_blocked_subject_is_not_blocked_longer)
{
    subject_t subject = {0};

    note(&subject, DP_ABUSE_AUTH, 40, START);
    note(&subject, DP_ABUSE_AUTH, 40, START + MINUTE);
    ck_assert_uint_eq(subject.standing.until_ms, START + 15 * MINUTE);
    ck_assert_uint_eq(subject.standing.level, 1);
}
END_TEST

START_TEST(ABU_04_half_of_the_threshold_keeps_a_tier)
{
    subject_t subject = {0};

    note(&subject, DP_ABUSE_PROBE, 20, START);
    ck_assert_uint_eq(note(&subject, DP_ABUSE_PROBE, 9, START + 3 * MINUTE),
                      DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(subject.standing.until_ms, START + 5 * MINUTE);
    note(&subject, DP_ABUSE_PROBE, 1, START + 3 * MINUTE);
    ck_assert_uint_eq(subject.standing.until_ms, START + 8 * MINUTE);
    ck_assert_uint_eq(tier_at(&subject, START + 7 * MINUTE), DP_ABUSE_THROTTLE);
}
END_TEST

START_TEST(ABU_04_the_worst_signal_decides)
{
    dp_abuse_standing_t standing = {0};

    standing = dp_abuse_standing_raise(&policy, standing, DP_ABUSE_AUTH, 25,
                                       START);
    ck_assert_uint_eq(standing.tier, DP_ABUSE_THROTTLE);
    standing = dp_abuse_standing_raise(&policy, standing, DP_ABUSE_PROBE, 12,
                                       START);
    ck_assert_uint_eq(standing.tier, DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(standing.signal, DP_ABUSE_AUTH);
}
END_TEST

START_TEST(a_standing_is_one_word)
{
    dp_abuse_standing_t standing = {
        .tier = DP_ABUSE_BLOCK,
        .level = DP_ABUSE_LEVEL_MAX,
        .signal = DP_ABUSE_PROBE,
        .enforced = 1,
        .shadow = 1,
        .tag = 0xabc,
        .until_ms = START,
    };
    uint64_t word = dp_abuse_standing_pack(&standing);

    standing = dp_abuse_standing_unpack(word);
    ck_assert_uint_eq(standing.tier, DP_ABUSE_BLOCK);
    ck_assert_uint_eq(standing.level, DP_ABUSE_LEVEL_MAX);
    ck_assert_uint_eq(standing.signal, DP_ABUSE_PROBE);
    ck_assert_uint_eq(standing.enforced, 1);
    ck_assert_uint_eq(standing.shadow, 1);
    ck_assert_uint_eq(standing.tag, 0xabc);
    ck_assert_uint_eq(standing.until_ms, START);
    ck_assert_uint_eq(dp_abuse_standing_pack(&standing), word);
}
END_TEST

static void
subject_is(const char *text, const char *same)
{
    uint8_t  id[DP_ID_SIZE], again[DP_ID_SIZE];
    unsigned kind, kind_again;
    char     written[DP_ABUSE_SUBJECT_TEXT];
    size_t   len;

    ck_assert(dp_abuse_subject_parse(dp_slice_text(text), &kind, id));
    len = dp_abuse_subject_format(written, kind, id);
    unit_assert_text(dp_slice(written, len), same);
    ck_assert(dp_abuse_subject_parse(dp_slice(written, len), &kind_again, again));
    ck_assert_uint_eq(kind_again, kind);
    ck_assert_mem_eq(again, id, sizeof(id));
}

START_TEST(subjects_are_read_and_written)
{
    static const char *const none[] = {
        "", "x", "192.0.2", "192.0.2.1/32", "192.0.2.1/64", "2001:db8::/65",
        "2001:db8::1 ", "[::1]", "198.51.100.7-198.51.100.9",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:00000000",
    };
    uint8_t  id[DP_ID_SIZE];
    unsigned kind;

    subject_is("192.0.2.1", "192.0.2.1");
    subject_is("::ffff:192.0.2.1", "192.0.2.1");
    subject_is("2001:db8:0:1:ffff::1", "2001:db8:0:1::/64");
    subject_is("2001:db8:0:1::/64", "2001:db8:0:1::/64");
    subject_is("01234567-89AB-4cde-8f01-23456789abcd",
               "01234567-89ab-4cde-8f01-23456789abcd");

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        ck_assert_msg(!dp_abuse_subject_parse(dp_slice_text(none[i]), &kind, id),
                      "%s", none[i]);
    }
}
END_TEST

START_TEST(names_have_one_for_each)
{
    ck_assert_str_eq(dp_abuse_tier_name(DP_ABUSE_THROTTLE), "THROTTLE");
    ck_assert_str_eq(dp_abuse_tier_name(DP_ABUSE_TIERS), "unknown");
    ck_assert_str_eq(dp_abuse_signal_name(DP_ABUSE_PROBE), "probe");
    ck_assert_str_eq(dp_abuse_signal_name(DP_ABUSE_SIGNALS), "unknown");
    ck_assert_str_eq(dp_abuse_kind_name(DP_ABUSE_ADDRESS), "address");
    ck_assert_str_eq(dp_abuse_kind_name(0), "unknown");
}
END_TEST

int
main(void)
{
    return UNIT_RUN("abuse",
                    ABU_01_failed_authentications_of_five_minutes,
                    ABU_02_three_times_the_refill_for_ten_seconds,
                    ABU_02_all_tokens_at_once_are_no_burst,
                    ABU_02_who_pauses_begins_anew,
                    ABU_03_failing_paths_of_a_minute,
                    ABU_03_a_honeypot_counts_for_ten,
                    ABU_03_a_path_counts_once_in_its_window,
                    ABU_04_a_block_doubles_up_to_a_day,
                    ABU_04_a_block_that_runs_out_goes_down_tier_by_tier,
                    ABU_04_a_blocked_subject_is_not_blocked_longer,
                    ABU_04_half_of_the_threshold_keeps_a_tier,
                    ABU_04_the_worst_signal_decides,
                    a_window_slides,
                    a_window_counts_up_to_its_limit, a_window_outlives_795_days,
                    a_burst_outlives_795_days,
                    a_standing_is_one_word, subjects_are_read_and_written,
                    names_have_one_for_each);
}
