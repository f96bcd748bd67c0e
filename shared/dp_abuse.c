/*
 * Abuse tiers: windows, bursts and standings.  See dp_abuse.h.
 */

#include "dp_abuse.h"

/* A window's word: its start, the count before it, the count since. */
#define COUNT_BITS 14
#define COUNT_MASK ((UINT64_C(1) << COUNT_BITS) - 1)

/* A burst's word: when its quarter began, with which debt; quarters so far. */
#define QUARTERS 4
#define DEBT_BITS 24
#define DEBT_MASK ((UINT64_C(1) << DEBT_BITS) - 1)
#define QUARTER_BITS 4
#define QUARTER_MASK ((UINT64_C(1) << QUARTER_BITS) - 1)

/*
 * Both begin with 36 bits of milliseconds, which wrap every 795 days.  A start
 * ahead of the clock is another process's, which is ahead by less than AHEAD_MS.
 */
#define START_SHIFT 28
#define START_MASK ((UINT64_C(1) << 36) - 1)
#define AHEAD_MS (60 * 60 * 1000)

/* A path's word: 16 bits of its hash, and when, in quarters of a second. */
#define PATH_UNIT_MS 250

/* A standing's word, from its lowest bit on. */
#define UNTIL_BITS 40
#define UNTIL_MASK ((UINT64_C(1) << UNTIL_BITS) - 1)
#define TIER_SHIFT 40
#define LEVEL_SHIFT 42
#define SIGNAL_SHIFT 46
#define ENFORCED_SHIFT 48
#define SHADOW_SHIFT 49
#define TAG_SHIFT 52

/* --- names ------------------------------------------------------------------ */

const char *
dp_abuse_tier_name(unsigned tier)
{
    static const char *const names[DP_ABUSE_TIERS] = {
        [DP_ABUSE_NORMAL] = "NORMAL",
        [DP_ABUSE_WARN] = "WARN",
        [DP_ABUSE_THROTTLE] = "THROTTLE",
        [DP_ABUSE_BLOCK] = "BLOCK",
    };

    return tier < DP_ABUSE_TIERS ? names[tier] : "unknown";
}

const char *
dp_abuse_signal_name(unsigned signal)
{
    static const char *const names[DP_ABUSE_SIGNALS] = {
        [DP_ABUSE_AUTH] = "auth",
        [DP_ABUSE_BURST] = "burst",
        [DP_ABUSE_PROBE] = "probe",
        [DP_ABUSE_HONEYPOT] = "honeypot",
    };

    return signal < DP_ABUSE_SIGNALS ? names[signal] : "unknown";
}

const char *
dp_abuse_kind_name(unsigned kind)
{
    switch (kind) {
    case DP_ABUSE_ADDRESS: return "address";
    case DP_ABUSE_CREDENTIAL: return "credential";
    default: return "unknown";
    }
}

static uint64_t
age_of(uint64_t start_ms, uint64_t now_ms)
{
    uint64_t age_ms = (now_ms - start_ms) & START_MASK;

    return age_ms <= START_MASK - AHEAD_MS ? age_ms : 0;
}

/* --- windows ---------------------------------------------------------------- */

typedef struct {
    uint64_t start_ms;
    uint64_t before;
    uint64_t since;
} window_t;

/* The window as it is now: whole spans that have gone by are behind it. */
static window_t
window_read(uint64_t word, uint32_t window_ms, uint64_t now_ms)
{
    window_t window = {
        .start_ms = word >> START_SHIFT,
        .before = word >> COUNT_BITS & COUNT_MASK,
        .since = word & COUNT_MASK,
    };
    uint64_t age_ms = age_of(window.start_ms, now_ms);

    if (age_ms >= 2 * (uint64_t) window_ms) {
        return (window_t) {.start_ms = now_ms};
    }

    if (age_ms >= window_ms) {
        window.start_ms += window_ms;
        window.before = window.since;
        window.since = 0;
    }

    return window;
}

static uint64_t
window_count(const window_t *window, uint32_t window_ms, uint64_t now_ms)
{
    uint64_t age_ms = age_of(window->start_ms, now_ms);

    return window->since
           + window->before * (window_ms - age_ms) / window_ms;
}

uint64_t
dp_abuse_window_add(uint64_t word, uint32_t window_ms, uint64_t now_ms,
                    uint32_t n)
{
    window_t window = window_read(word, window_ms, now_ms);

    if (window.before == 0 && window.since == 0) {
        window.start_ms = now_ms;
    }

    window.since += n;

    if (window.since > COUNT_MASK) {
        window.since = COUNT_MASK;
    }

    return window.start_ms << START_SHIFT | window.before << COUNT_BITS
           | window.since;
}

uint32_t
dp_abuse_window_count(uint64_t word, uint32_t window_ms, uint64_t now_ms)
{
    window_t window = window_read(word, window_ms, now_ms);

    return (uint32_t) window_count(&window, window_ms, now_ms);
}

static uint32_t
signal_count(const dp_abuse_policy_t *policy, const uint64_t *windows,
             dp_abuse_signal_t signal, uint64_t now_ms)
{
    return dp_abuse_window_count(
        __atomic_load_n(&windows[signal], __ATOMIC_RELAXED),
        policy->signals[signal].window_ms, now_ms);
}

uint32_t
dp_abuse_score(const dp_abuse_policy_t *policy,
               const uint64_t windows[DP_ABUSE_SIGNALS],
               dp_abuse_signal_t signal, uint64_t now_ms)
{
    if (signal != DP_ABUSE_PROBE && signal != DP_ABUSE_HONEYPOT) {
        return signal_count(policy, windows, signal, now_ms);
    }

    return signal_count(policy, windows, DP_ABUSE_PROBE, now_ms)
           + signal_count(policy, windows, DP_ABUSE_HONEYPOT, now_ms);
}

/* --- bursts ----------------------------------------------------------------- */

bool
dp_abuse_burst_step(uint64_t *word, uint32_t burst_ms, uint32_t ratio,
                    uint64_t now_ms, uint64_t debt_ms)
{
    uint64_t began_ms = *word >> START_SHIFT;
    uint64_t debt_then_ms = *word >> QUARTER_BITS & DEBT_MASK;
    uint64_t quarters = *word & QUARTER_MASK;
    uint64_t quarter_ms = burst_ms / QUARTERS;
    uint64_t age_ms = age_of(began_ms, now_ms);
    uint64_t debt_now_ms = debt_ms < DEBT_MASK ? debt_ms : DEBT_MASK;

    if (*word != 0 && age_ms < quarter_ms) {
        return false;
    }

    /* who paused for a quarter begins anew */
    quarters = *word != 0 && age_ms < 2 * quarter_ms
                       && debt_now_ms >= debt_then_ms + (ratio - 1) * age_ms
                   ? quarters + 1
                   : 0;

    *word = now_ms << START_SHIFT | debt_now_ms << QUARTER_BITS
            | quarters % QUARTERS;

    return quarters == QUARTERS;
}

/* --- paths ------------------------------------------------------------------ */

static uint16_t
path_time(uint64_t now_ms)
{
    return (uint16_t) (now_ms / PATH_UNIT_MS);
}

uint32_t
dp_abuse_path(uint16_t hash, uint64_t now_ms)
{
    return (uint32_t) hash << 16 | path_time(now_ms);
}

bool
dp_abuse_path_recent(uint32_t word, uint16_t hash, uint32_t window_ms,
                     uint64_t now_ms)
{
    uint16_t age = (uint16_t) (path_time(now_ms) - (uint16_t) word);

    return word != 0 && word >> 16 == hash
           && (uint64_t) age * PATH_UNIT_MS < window_ms;
}

/* --- standings -------------------------------------------------------------- */

uint64_t
dp_abuse_standing_pack(const dp_abuse_standing_t *standing)
{
    uint64_t until_ms = standing->until_ms < UNTIL_MASK ? standing->until_ms
                                                        : UNTIL_MASK;

    return until_ms | (uint64_t) standing->tier << TIER_SHIFT
           | (uint64_t) standing->level << LEVEL_SHIFT
           | (uint64_t) standing->signal << SIGNAL_SHIFT
           | (uint64_t) standing->enforced << ENFORCED_SHIFT
           | (uint64_t) standing->shadow << SHADOW_SHIFT
           | (uint64_t) standing->tag << TAG_SHIFT;
}

dp_abuse_standing_t
dp_abuse_standing_unpack(uint64_t word)
{
    return (dp_abuse_standing_t) {
        .tier = word >> TIER_SHIFT & 3,
        .level = word >> LEVEL_SHIFT & DP_ABUSE_LEVEL_MAX,
        .signal = word >> SIGNAL_SHIFT & 3,
        .enforced = word >> ENFORCED_SHIFT & 1,
        .shadow = word >> SHADOW_SHIFT & 1,
        .tag = (uint16_t) (word >> TAG_SHIFT),
        .until_ms = word & UNTIL_MASK,
    };
}

dp_abuse_standing_t
dp_abuse_standing_at(const dp_abuse_policy_t *policy,
                     dp_abuse_standing_t standing, uint64_t now_ms)
{
    while (standing.tier > DP_ABUSE_NORMAL && now_ms >= standing.until_ms) {
        standing.tier--;
        standing.enforced = 0;
        standing.until_ms += standing.tier == DP_ABUSE_NORMAL
                                 ? policy->forget_ms
                                 : policy->hold_ms;
    }

    if (standing.tier == DP_ABUSE_NORMAL && now_ms >= standing.until_ms) {
        standing.level = 0;
    }

    return standing;
}

static uint64_t
block_time(const dp_abuse_policy_t *policy, unsigned level)
{
    uint64_t time_ms = (uint64_t) policy->block_ms << level;

    return time_ms < policy->block_max_ms ? time_ms : policy->block_max_ms;
}

static dp_abuse_standing_t
escalate(const dp_abuse_policy_t *policy, dp_abuse_standing_t standing,
         unsigned tier, dp_abuse_signal_t signal, uint64_t now_ms)
{
    standing.tier = (uint8_t) tier;
    standing.signal = (uint8_t) signal;
    standing.enforced = 0;
    standing.until_ms = now_ms + policy->hold_ms;

    if (tier == DP_ABUSE_BLOCK) {
        standing.until_ms = now_ms + block_time(policy, standing.level);
        standing.level += standing.level < DP_ABUSE_LEVEL_MAX;
    }

    return standing;
}

dp_abuse_standing_t
dp_abuse_standing_raise(const dp_abuse_policy_t *policy,
                        dp_abuse_standing_t standing, dp_abuse_signal_t signal,
                        uint32_t score, uint64_t now_ms)
{
    const uint32_t *at = policy->signals[signal].at;
    unsigned        tier = DP_ABUSE_BLOCK;

    while (score < at[tier]) {
        tier--;
    }

    if (tier > standing.tier) {
        return escalate(policy, standing, tier, signal, now_ms);
    }

    if ((standing.tier == DP_ABUSE_WARN || standing.tier == DP_ABUSE_THROTTLE)
        && score >= at[standing.tier] - at[standing.tier] / 2
        && standing.until_ms < now_ms + policy->hold_ms)
    {
        standing.until_ms = now_ms + policy->hold_ms;
    }

    return standing;
}
