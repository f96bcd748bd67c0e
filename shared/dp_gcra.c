/*
 * GCRA.  A charge of k moves the word by k intervals from now on, or from where
 * it stands when that is later, and is allowed while the word stays within the
 * burst's span of now.
 *
 * Refilling by the minute is the same with now rounded down to the minute.
 */

#include "dp_gcra.h"

static uint64_t
min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t
span_ns(const dp_gcra_policy_t *policy)
{
    return policy->interval_ns * policy->burst;
}

static uint64_t
refilled_at(const dp_gcra_policy_t *policy, const dp_gcra_moment_t *moment)
{
    return policy->refill == DP_GCRA_MINUTE ? moment->minute_ns
                                            : moment->now_ns;
}

/* What the bucket owes, as time. */
static uint64_t
debt_ns(const dp_gcra_policy_t *policy, const dp_gcra_moment_t *moment,
        uint64_t tat_ns)
{
    uint64_t at = refilled_at(policy, moment);

    return tat_ns > at ? tat_ns - at : 0;
}

/* From now on, until `later_ns` has passed since the last refill. */
static uint64_t
wait_ns(const dp_gcra_policy_t *policy, const dp_gcra_moment_t *moment,
        uint64_t later_ns)
{
    if (policy->refill == DP_GCRA_MINUTE) {
        later_ns = (later_ns + DP_GCRA_MINUTE_NS - 1) / DP_GCRA_MINUTE_NS
                   * DP_GCRA_MINUTE_NS;
    }

    later_ns += refilled_at(policy, moment);

    return later_ns > moment->now_ns ? later_ns - moment->now_ns : 0;
}

dp_gcra_policy_t
dp_gcra_policy(dp_rate_t rate, dp_gcra_refill_t refill)
{
    uint64_t interval_ns = DP_GCRA_MINUTE_NS / rate.per_minute;

    return (dp_gcra_policy_t) {
        .interval_ns = interval_ns,
        .burst = (uint32_t) min(rate.burst, DP_GCRA_SPAN_MAX_NS / interval_ns),
        .refill = refill,
    };
}

dp_gcra_result_t
dp_gcra_charge(const dp_gcra_policy_t *policy, const dp_gcra_moment_t *moment,
               uint64_t tat_ns, uint32_t cost)
{
    uint64_t span = span_ns(policy);
    uint64_t debt = debt_ns(policy, moment, tat_ns);
    uint64_t price = policy->interval_ns * cost;
    bool     allowed = debt + price <= span;
    uint64_t owed = allowed ? debt + price : debt;

    return (dp_gcra_result_t) {
        .allowed = allowed,
        .overdrawn = debt > span,
        .remaining = (uint32_t) ((span - min(owed, span))
                                 / policy->interval_ns),
        .tat_ns = allowed ? refilled_at(policy, moment) + owed : tat_ns,
        .wait_ns = allowed ? 0 : wait_ns(policy, moment, debt + price - span),
        .full_ns = owed == 0 ? 0 : wait_ns(policy, moment, owed),
    };
}

uint64_t
dp_gcra_trim(const dp_gcra_policy_t *policy, const dp_gcra_moment_t *moment,
             uint64_t tat_ns)
{
    return min(tat_ns, refilled_at(policy, moment) + span_ns(policy));
}

uint64_t
dp_gcra_refund(const dp_gcra_policy_t *policy, uint64_t tat_ns, uint32_t cost)
{
    uint64_t price = policy->interval_ns * cost;

    return tat_ns > price ? tat_ns - price : 0;
}

uint32_t
dp_gcra_seconds(uint64_t ns)
{
    return (uint32_t) min((ns + DP_GCRA_SECOND_NS - 1) / DP_GCRA_SECOND_NS,
                          UINT32_MAX);
}
