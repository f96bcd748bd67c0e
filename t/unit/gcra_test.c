/*
 * GCRA against a model that counts tokens, in both modes of refilling.
 */

#include "dp_gcra.h"
#include "unit.h"

#define SECOND DP_GCRA_SECOND_NS
#define MINUTE DP_GCRA_MINUTE_NS
#define START (UINT64_C(1000) * MINUTE)

static const dp_rate_t user_rate = {120, 60};
static const dp_rate_t project_rate = {600, 300};

static dp_gcra_moment_t
moment_at(uint64_t now_ns)
{
    return (dp_gcra_moment_t) {now_ns, now_ns - now_ns % MINUTE};
}

static dp_gcra_result_t
charge_at(const dp_gcra_policy_t *policy, uint64_t now_ns, uint64_t *tat,
          uint32_t cost)
{
    dp_gcra_moment_t moment = moment_at(now_ns);
    dp_gcra_result_t result = dp_gcra_charge(policy, &moment, *tat, cost);

    *tat = result.tat_ns;

    return result;
}

/* How many charges of 1 pass at one moment. */
static unsigned
passes(const dp_gcra_policy_t *policy, uint64_t now_ns, uint64_t *tat)
{
    unsigned count = 0;

    while (charge_at(policy, now_ns, tat, 1).allowed) {
        count++;
    }

    return count;
}

START_TEST(RL_01_a_user_has_120_and_gets_60_a_minute)
{
    uint64_t         tat = 0;
    dp_gcra_policy_t policy = dp_gcra_policy(user_rate, DP_GCRA_CONTINUOUS);

    ck_assert_uint_eq(passes(&policy, START, &tat), 120);
    ck_assert_uint_eq(passes(&policy, START + SECOND - 1, &tat), 0);
    ck_assert_uint_eq(passes(&policy, START + SECOND, &tat), 1);
    ck_assert_uint_eq(passes(&policy, START + 61 * SECOND, &tat), 60);
    ck_assert_uint_eq(passes(&policy, START + 600 * SECOND, &tat), 120);
}
END_TEST

START_TEST(RL_02_a_project_has_600_and_gets_300_a_minute)
{
    uint64_t         tat = 0;
    dp_gcra_policy_t policy = dp_gcra_policy(project_rate, DP_GCRA_CONTINUOUS);

    ck_assert_uint_eq(passes(&policy, START, &tat), 600);
    ck_assert_uint_eq(passes(&policy, START + 60 * SECOND, &tat), 300);
}
END_TEST

START_TEST(RL_07_by_the_minute_they_come_at_the_full_minute)
{
    uint64_t         tat = 0;
    dp_gcra_policy_t policy = dp_gcra_policy(user_rate, DP_GCRA_MINUTE);

    ck_assert_uint_eq(passes(&policy, START + 30 * SECOND, &tat), 120);
    ck_assert_uint_eq(passes(&policy, START + 60 * SECOND - 1, &tat), 0);
    ck_assert_uint_eq(passes(&policy, START + 60 * SECOND, &tat), 60);
    ck_assert_uint_eq(passes(&policy, START + 119 * SECOND, &tat), 0);
    ck_assert_uint_eq(passes(&policy, START + 240 * SECOND, &tat), 120);
}
END_TEST

/* A bucket of tokens, each worth `interval` of credit. */
typedef struct {
    uint64_t credit;
    uint64_t span;
    uint64_t refilled_at;
} model_t;

static void
model_refill(model_t *model, const dp_gcra_policy_t *policy, uint64_t now_ns)
{
    uint64_t at = policy->refill == DP_GCRA_MINUTE ? now_ns / MINUTE * MINUTE
                                                   : now_ns;

    model->credit += at - model->refilled_at;
    model->refilled_at = at;

    if (model->credit > model->span) {
        model->credit = model->span;
    }
}

static bool
model_charge(model_t *model, uint64_t price)
{
    if (model->credit < price) {
        return false;
    }

    model->credit -= price;

    return true;
}

/* Repeatable, and the same everywhere. */
static uint32_t
next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;

    return *state >> 8;
}

static void
compare_with_model(dp_rate_t rate, dp_gcra_refill_t refill, uint64_t pause)
{
    uint32_t         random = rate.per_minute;
    uint64_t         tat = 0, now = START;
    dp_gcra_policy_t policy = dp_gcra_policy(rate, refill);
    model_t          model = {.span = policy.interval_ns * rate.burst};

    model.credit = model.span;
    model.refilled_at = START;

    for (unsigned i = 0; i < 20000; i++) {
        uint32_t         cost = next_random(&random) % 6;
        dp_gcra_result_t result;

        now += next_random(&random) % pause;
        model_refill(&model, &policy, now);
        result = charge_at(&policy, now, &tat, cost);

        ck_assert(result.allowed
                  == model_charge(&model, cost * policy.interval_ns));
        ck_assert_uint_eq(result.remaining, model.credit / policy.interval_ns);
    }
}

START_TEST(C02_both_modes_are_exact)
{
    static const dp_rate_t rates[] = {
        {120, 60}, {600, 300}, {5, 1}, {7, 7}, {1000, 999}, {120000, 60000},
    };

    for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
        uint64_t interval = MINUTE / rates[i].per_minute;

        compare_with_model(rates[i], DP_GCRA_CONTINUOUS, 5 * interval);
        compare_with_model(rates[i], DP_GCRA_CONTINUOUS, 100 * interval);
        compare_with_model(rates[i], DP_GCRA_MINUTE, 5 * interval);
        compare_with_model(rates[i], DP_GCRA_MINUTE, 2 * MINUTE);
    }
}
END_TEST

/* Not a moment before, and exactly then. */
static void
wait_is_exact(dp_gcra_refill_t refill, uint64_t start, uint32_t cost)
{
    uint64_t         tat = 0, later;
    dp_gcra_policy_t policy = dp_gcra_policy(user_rate, refill);
    dp_gcra_result_t refused;

    passes(&policy, start, &tat);
    refused = charge_at(&policy, start, &tat, cost);
    ck_assert(!refused.allowed);

    later = tat;
    ck_assert(!charge_at(&policy, start + refused.wait_ns - 1, &later,
                         cost).allowed);
    ck_assert(charge_at(&policy, start + refused.wait_ns, &tat, cost).allowed);
}

START_TEST(RL_05_waiting_as_long_as_told_passes)
{
    for (uint32_t cost = 1; cost <= 120; cost++) {
        wait_is_exact(DP_GCRA_CONTINUOUS, START + cost * 7777, cost);
        wait_is_exact(DP_GCRA_MINUTE, START + cost * 7777, cost);
    }

    ck_assert_uint_eq(dp_gcra_seconds(0), 0);
    ck_assert_uint_eq(dp_gcra_seconds(1), 1);
    ck_assert_uint_eq(dp_gcra_seconds(SECOND), 1);
    ck_assert_uint_eq(dp_gcra_seconds(SECOND + 1), 2);
    ck_assert_uint_eq(dp_gcra_seconds(DP_GCRA_SPAN_MAX_NS), UINT32_MAX);
}
END_TEST

START_TEST(a_refusal_takes_nothing_and_a_cost_of_0_looks)
{
    uint64_t         tat = 0;
    dp_gcra_policy_t policy = dp_gcra_policy(user_rate, DP_GCRA_CONTINUOUS);
    dp_gcra_result_t result = charge_at(&policy, START, &tat, 118);

    ck_assert(result.allowed);
    ck_assert_uint_eq(result.remaining, 2);
    ck_assert_uint_eq(result.wait_ns, 0);
    ck_assert_uint_eq(result.full_ns, 118 * SECOND);

    result = charge_at(&policy, START, &tat, 5);
    ck_assert(!result.allowed);
    ck_assert_uint_eq(result.remaining, 2);
    ck_assert_uint_eq(result.wait_ns, 3 * SECOND);

    result = charge_at(&policy, START, &tat, 0);
    ck_assert(result.allowed);
    ck_assert_uint_eq(result.remaining, 2);
    ck_assert_uint_eq(passes(&policy, START, &tat), 2);
}
END_TEST

START_TEST(a_refund_gives_back_what_was_taken_and_no_more)
{
    uint64_t         tat = 0;
    dp_gcra_policy_t policy = dp_gcra_policy(user_rate, DP_GCRA_CONTINUOUS);

    ck_assert(charge_at(&policy, START, &tat, 20).allowed);
    tat = dp_gcra_refund(&policy, tat, 20);
    ck_assert_uint_eq(passes(&policy, START, &tat), 120);

    tat = dp_gcra_refund(&policy, tat, 5);
    ck_assert_uint_eq(passes(&policy, START + 600 * SECOND, &tat), 120);
    ck_assert_uint_eq(dp_gcra_refund(&policy, 0, 5), 0);
}
END_TEST

START_TEST(another_rate_keeps_the_debt_but_for_what_exceeds_its_burst)
{
    uint64_t         tat = 0;
    dp_gcra_policy_t slow = dp_gcra_policy(user_rate, DP_GCRA_CONTINUOUS);
    dp_gcra_policy_t fast = dp_gcra_policy((dp_rate_t) {60, 600},
                                           DP_GCRA_CONTINUOUS);

    dp_gcra_moment_t moment = moment_at(START);
    dp_gcra_result_t result;

    passes(&slow, START, &tat);
    result = charge_at(&fast, START, &tat, 1);
    ck_assert(!result.allowed && result.overdrawn);
    ck_assert_uint_eq(result.wait_ns, 114 * SECOND + SECOND / 10);

    tat = dp_gcra_trim(&fast, &moment, tat);
    result = charge_at(&fast, START, &tat, 1);
    ck_assert(!result.allowed && !result.overdrawn);
    ck_assert_uint_eq(passes(&fast, START + SECOND, &tat), 10);
    ck_assert_uint_eq(passes(&slow, START + SECOND, &tat), 114);

    moment = moment_at(START + SECOND);
    ck_assert_uint_eq(dp_gcra_trim(&slow, &moment, tat), tat);
}
END_TEST

START_TEST(a_clock_that_is_behind_another_charges_no_less)
{
    uint64_t         tat = 0;
    dp_gcra_policy_t policy = dp_gcra_policy(user_rate, DP_GCRA_CONTINUOUS);

    ck_assert(charge_at(&policy, START, &tat, 119).allowed);
    ck_assert(!charge_at(&policy, START - 100 * SECOND, &tat, 1).allowed);
    ck_assert(charge_at(&policy, START, &tat, 1).allowed);
    ck_assert(!charge_at(&policy, START, &tat, 1).allowed);
}
END_TEST

START_TEST(a_burst_beyond_the_greatest_span_is_cut)
{
    uint64_t         tat = 0;
    dp_gcra_policy_t policy = dp_gcra_policy((dp_rate_t) {UINT32_MAX, 1},
                                             DP_GCRA_CONTINUOUS);

    ck_assert_uint_eq(policy.burst, DP_GCRA_SPAN_MAX_NS / MINUTE);
    ck_assert(charge_at(&policy, START, &tat, policy.burst).allowed);
    ck_assert(!charge_at(&policy, START, &tat, 1).allowed);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("gcra", RL_01_a_user_has_120_and_gets_60_a_minute,
                    RL_02_a_project_has_600_and_gets_300_a_minute,
                    RL_07_by_the_minute_they_come_at_the_full_minute,
                    C02_both_modes_are_exact,
                    RL_05_waiting_as_long_as_told_passes,
                    a_refusal_takes_nothing_and_a_cost_of_0_looks,
                    a_refund_gives_back_what_was_taken_and_no_more,
                    another_rate_keeps_the_debt_but_for_what_exceeds_its_burst,
                    a_clock_that_is_behind_another_charges_no_less,
                    a_burst_beyond_the_greatest_span_is_cut);
}
