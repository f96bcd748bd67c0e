/*
 * Token buckets in one word each: the generic cell rate algorithm (ITU-T
 * I.371, the virtual scheduling form).
 *
 * The word is the bucket's theoretical arrival time: the moment at which all
 * its tokens are back.  A word of the past is a full bucket, so 0 is one too.
 * Times are nanoseconds on the clock that the caller keeps.
 */

#ifndef DP_GCRA_H
#define DP_GCRA_H

#include <stdbool.h>
#include <stdint.h>

#include "dp_rate.h"

#define DP_GCRA_SECOND_NS UINT64_C(1000000000)
#define DP_GCRA_MINUTE_NS (60 * DP_GCRA_SECOND_NS)

/* What the arithmetic takes without an overflow; configuration keeps to it. */
#define DP_GCRA_SPAN_MAX_NS (UINT64_C(1) << 62)

/* When tokens come back: each in its turn, or at each full minute those of it. */
typedef enum {
    DP_GCRA_CONTINUOUS,
    DP_GCRA_MINUTE,
} dp_gcra_refill_t;

typedef struct {
    uint64_t interval_ns; /* in which one token comes back; not 0 */
    uint32_t burst;       /* tokens of a full bucket; interval_ns * burst is
                             at most DP_GCRA_SPAN_MAX_NS */
    uint32_t refill;      /* dp_gcra_refill_t */
} dp_gcra_policy_t;

/* Buckets that are refilled by the minute are what they were at minute_ns. */
typedef struct {
    uint64_t now_ns;
    uint64_t minute_ns; /* when the present minute of the day began; now_ns
                           where no bucket is refilled by the minute */
} dp_gcra_moment_t;

typedef struct {
    bool     allowed;
    bool     overdrawn; /* it owes more than its burst: see dp_gcra_trim() */
    uint32_t remaining; /* tokens that are left, the charge taken off */
    uint64_t tat_ns;    /* the word to be stored; that of before if refused */
    uint64_t wait_ns;   /* until the charge would be allowed; 0: it is */
    uint64_t full_ns;   /* until the bucket is full again */
} dp_gcra_result_t;

/* The policy of a rate that is not 0; a burst beyond the greatest span is cut. */
dp_gcra_policy_t dp_gcra_policy(dp_rate_t rate, dp_gcra_refill_t refill);

/*
 * Takes `cost` tokens, or none when there are fewer.  A cost of 0 looks; one
 * above the burst is never allowed, and as time it is at most
 * DP_GCRA_SPAN_MAX_NS.
 */
dp_gcra_result_t dp_gcra_charge(const dp_gcra_policy_t *policy,
                                const dp_gcra_moment_t *moment,
                                uint64_t tat_ns, uint32_t cost);

/* Gives `cost` tokens back that a charge took. */
uint64_t dp_gcra_refund(const dp_gcra_policy_t *policy, uint64_t tat_ns,
                        uint32_t cost);

/*
 * The word of a bucket that owes no more than its burst.  A policy of before
 * may have left more; so it seems to a moment that is long past as well, which
 * is why no charge does this by itself.
 */
uint64_t dp_gcra_trim(const dp_gcra_policy_t *policy,
                      const dp_gcra_moment_t *moment, uint64_t tat_ns);

/* Whole seconds, rounded up: who waits that long waits long enough. */
uint32_t dp_gcra_seconds(uint64_t ns);

#endif /* DP_GCRA_H */
