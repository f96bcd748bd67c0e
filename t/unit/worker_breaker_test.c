/*
 * Breakers and pauses as numbers: when one opens, who is the probe, and how many
 * calls of a provider that is down are saved.
 */

#include "outbound/backoff.h"
#include "outbound/breaker.h"
#include "unit.h"

#define SECOND UINT64_C(1000000)
#define START (UINT64_C(1795184119) * SECOND)

static const uint8_t me[DP_BREAKER_OWNER_SIZE] = {1};
static const uint8_t you[DP_BREAKER_OWNER_SIZE] = {2};

/* `count` failures, the last one `span` after the first. */
static dp_breaker_t
failed(unsigned count, uint64_t span)
{
    dp_breaker_t breaker = {0};

    for (unsigned i = 0; i < count; i++) {
        uint64_t at = START + (count == 1 ? 0 : span * i / (count - 1));

        ck_assert(dp_breaker_failed(&breaker, at, me, false));
    }

    return breaker;
}

START_TEST(INT_11_pauses_have_full_jitter)
{
    static const uint64_t longest_ms[] = {100, 200, 400, 800, 1600, 1600, 1600};

    ck_assert_uint_eq(DP_BACKOFF_RETRIES, 5);

    for (unsigned i = 0; i < sizeof(longest_ms) / sizeof(*longest_ms); i++) {
        uint64_t longest = longest_ms[i] * 1000;
        uint64_t sum = 0;

        ck_assert_uint_eq(dp_backoff_us(i, 0), 0);
        ck_assert_uint_eq(dp_backoff_us(i, longest), longest);
        ck_assert_uint_eq(dp_backoff_us(i, longest + 1), 0);

        for (uint64_t n = 0; n < 1000; n++) {
            uint64_t pause = dp_backoff_us(i, n * UINT64_C(0x9e3779b97f4a7c15));

            ck_assert_uint_le(pause, longest);
            sum += pause;
        }

        /* of the whole range, not of its upper half */
        ck_assert_uint_gt(sum / 1000, longest * 45 / 100);
        ck_assert_uint_lt(sum / 1000, longest * 55 / 100);
    }
}
END_TEST

START_TEST(INT_12_the_tenth_failure_within_a_minute_opens)
{
    ck_assert_int_eq(failed(9, SECOND).state, DP_BREAKER_CLOSED);
    ck_assert_int_eq(failed(10, SECOND).state, DP_BREAKER_OPEN);
    ck_assert_int_eq(failed(10, 60 * SECOND).state, DP_BREAKER_OPEN);
    ck_assert_int_eq(failed(10, 60 * SECOND + 1).state, DP_BREAKER_CLOSED);
    ck_assert_int_eq(failed(10, 61 * SECOND).state, DP_BREAKER_CLOSED);
    ck_assert_int_eq(failed(1000, 1000 * 7 * SECOND).state, DP_BREAKER_CLOSED);
}
END_TEST

START_TEST(INT_12_the_window_slides)
{
    dp_breaker_t breaker = failed(9, 0);

    /* the nine are forgotten: ten newer ones are needed */
    for (unsigned i = 0; i < 9; i++) {
        dp_breaker_failed(&breaker, START + 61 * SECOND + i, me, false);
        ck_assert_int_eq(breaker.state, DP_BREAKER_CLOSED);
    }

    dp_breaker_failed(&breaker, START + 62 * SECOND, me, false);
    ck_assert_int_eq(breaker.state, DP_BREAKER_OPEN);
}
END_TEST

START_TEST(INT_13_after_30_s_one_probe)
{
    dp_breaker_t breaker = failed(10, SECOND);
    uint64_t     opened = START + SECOND;
    uint64_t     wait;

    ck_assert_int_eq(dp_breaker_ask(&breaker, opened + 29900000, me, &wait),
                     DP_BREAKER_REFUSE);
    ck_assert_uint_eq(wait, 100000);
    ck_assert_int_eq(dp_breaker_ask(&breaker, opened + 30 * SECOND - 1, me, &wait),
                     DP_BREAKER_REFUSE);
    ck_assert_int_eq(dp_breaker_ask(&breaker, opened + 30 * SECOND, me, &wait),
                     DP_BREAKER_PROBE);
    ck_assert_int_eq(breaker.state, DP_BREAKER_HALF_OPEN);
    ck_assert_int_eq(dp_breaker_ask(&breaker, opened + 30 * SECOND, you, &wait),
                     DP_BREAKER_REFUSE);
    ck_assert_uint_eq(wait, 10 * SECOND);

    /* others say nothing about it */
    ck_assert(!dp_breaker_succeeded(&breaker, you, false));
    ck_assert(!dp_breaker_succeeded(&breaker, you, true));
    ck_assert(!dp_breaker_failed(&breaker, opened + 31 * SECOND, you, false));
    ck_assert_int_eq(breaker.state, DP_BREAKER_HALF_OPEN);

    ck_assert(dp_breaker_succeeded(&breaker, me, true));
    ck_assert_int_eq(breaker.state, DP_BREAKER_CLOSED);
    ck_assert_uint_eq(breaker.count, 0);
    ck_assert_int_eq(dp_breaker_ask(&breaker, opened + 32 * SECOND, you, &wait),
                     DP_BREAKER_PASS);
}
END_TEST

START_TEST(INT_13_a_probe_that_fails_opens_again)
{
    dp_breaker_t breaker = failed(10, SECOND);
    uint64_t     probed = START + 40 * SECOND;
    uint64_t     wait;

    ck_assert_int_eq(dp_breaker_ask(&breaker, probed, me, &wait),
                     DP_BREAKER_PROBE);
    ck_assert(dp_breaker_failed(&breaker, probed + SECOND, me, true));
    ck_assert_int_eq(breaker.state, DP_BREAKER_OPEN);
    ck_assert_int_eq(dp_breaker_ask(&breaker, probed + 2 * SECOND, you, &wait),
                     DP_BREAKER_REFUSE);
    ck_assert_uint_eq(wait, 29 * SECOND);
}
END_TEST

START_TEST(INT_13_a_probe_that_is_lost_opens_again)
{
    dp_breaker_t breaker = failed(10, SECOND);
    uint64_t     probed = START + 40 * SECOND;
    uint64_t     wait;

    ck_assert_int_eq(dp_breaker_ask(&breaker, probed, me, &wait),
                     DP_BREAKER_PROBE);
    ck_assert_int_eq(dp_breaker_ask(&breaker, probed + 10 * SECOND, you, &wait),
                     DP_BREAKER_AGAIN);
    ck_assert_int_eq(breaker.state, DP_BREAKER_OPEN);
    ck_assert_uint_eq(breaker.opened_us, probed + 10 * SECOND);
    ck_assert_int_eq(dp_breaker_ask(&breaker, probed + 39 * SECOND, you, &wait),
                     DP_BREAKER_REFUSE);

    /* whose lease was over has no say any more */
    ck_assert(!dp_breaker_succeeded(&breaker, me, true));
    ck_assert(!dp_breaker_failed(&breaker, probed + 39 * SECOND, me, true));
    ck_assert_int_eq(dp_breaker_ask(&breaker, probed + 40 * SECOND, you, &wait),
                     DP_BREAKER_PROBE);
}
END_TEST

/* Calls a second of a provider that is down until `up`; how many were made. */
static unsigned
calls_made(dp_breaker_t *breaker, unsigned a_second, uint64_t from, uint64_t to,
           uint64_t up)
{
    unsigned made = 0;

    for (uint64_t now = from; now < to; now += SECOND / a_second) {
        uint64_t             wait;
        dp_breaker_verdict_t verdict = dp_breaker_ask(breaker, now, me, &wait);

        if (verdict == DP_BREAKER_REFUSE) {
            continue;
        }

        made++;

        if (now >= up) {
            dp_breaker_succeeded(breaker, me, verdict == DP_BREAKER_PROBE);
        } else {
            dp_breaker_failed(breaker, now, me, verdict == DP_BREAKER_PROBE);
        }
    }

    return made;
}

START_TEST(INT_16_nine_of_ten_calls_are_saved)
{
    for (unsigned a_second = 1; a_second <= 100; a_second++) {
        dp_breaker_t breaker = {0};
        uint64_t     open;
        unsigned     before = a_second * 60; /* without a breaker */
        unsigned     during;

        (void) calls_made(&breaker, a_second, START, START + 15 * SECOND,
                          UINT64_MAX);
        ck_assert_int_eq(breaker.state, DP_BREAKER_OPEN);
        open = breaker.opened_us;
        during = calls_made(&breaker, a_second, open + 1, open + 60 * SECOND,
                            UINT64_MAX);
        ck_assert_uint_le(during * 10, before);
    }
}
END_TEST

START_TEST(INT_16_it_closes_soon_after_the_outage)
{
    for (uint64_t outage = 1; outage < 1200; outage += 7) {
        dp_breaker_t breaker = {0};
        uint64_t     up = START + outage * SECOND;
        uint64_t     now = START;

        while (breaker.state != DP_BREAKER_CLOSED || now < up) {
            (void) calls_made(&breaker, 10, now, now + SECOND, up);
            now += SECOND;
        }

        /* so an outage shorter than 14.5 minutes is open for less than 15 */
        ck_assert_uint_le(now, up + 32 * SECOND);
    }
}
END_TEST

START_TEST(states_have_names)
{
    for (int i = DP_BREAKER_CLOSED; i <= DP_BREAKER_HALF_OPEN; i++) {
        const char *name = dp_breaker_state_name((dp_breaker_state_t) i);

        ck_assert_int_eq(dp_breaker_state_find(dp_slice_text(name)), i);
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker breaker", INT_11_pauses_have_full_jitter,
                    INT_12_the_tenth_failure_within_a_minute_opens,
                    INT_12_the_window_slides, INT_13_after_30_s_one_probe,
                    INT_13_a_probe_that_fails_opens_again,
                    INT_13_a_probe_that_is_lost_opens_again,
                    INT_16_nine_of_ten_calls_are_saved,
                    INT_16_it_closes_soon_after_the_outage, states_have_names);
}
