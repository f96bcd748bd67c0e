/*
 * Abuse tiers: the arithmetic of one subject, an address or a credential.
 *
 * A subject is NORMAL until signals of it pass a threshold within a window.  A
 * tier lasts for a while and then goes down by one; a signal that is still at
 * half of the threshold makes it last longer, so that nobody flutters.  A block
 * lasts twice as long as the one before it.
 *
 * State is words that shared memory can hold and change one at a time; all zero
 * is a subject nobody has heard of.  Times are milliseconds on the clock that
 * the caller keeps.
 */

#ifndef DP_ABUSE_H
#define DP_ABUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "dp_abuse_event.h"

/* "NORMAL", "auth", "address" and so on. */
const char *dp_abuse_tier_name(unsigned tier);
const char *dp_abuse_signal_name(unsigned signal);
const char *dp_abuse_kind_name(unsigned kind);

/* --- what is decided by ----------------------------------------------------- */

#define DP_ABUSE_COUNT_MAX 16383        /* of a threshold, of one note */
#define DP_ABUSE_SPAN_MAX_MS 0x7fffffff /* of any time below */

typedef struct {
    uint32_t at[DP_ABUSE_TIERS]; /* reached here; of NORMAL 0 */
    uint32_t window_ms;          /* counted over; not 0 */
} dp_abuse_threshold_t;

typedef struct {
    dp_abuse_threshold_t signals[DP_ABUSE_SIGNALS]; /* of honeypots: those of
                                                       probes */
    uint32_t hold_ms;      /* WARN and THROTTLE last */
    uint32_t block_ms;     /* the first block lasts */
    uint32_t block_max_ms; /* no block lasts longer */
    uint32_t forget_ms;    /* NORMAL for so long, blocks begin anew */
    uint32_t burst_ms;     /* how long a burst is that counts */
    uint32_t burst_ratio;  /* of its rate to the refill; at least 2 */
} dp_abuse_policy_t;

/* --- how often a signal was seen --------------------------------------------- */

/*
 * A window's word: a count over the last `window_ms`.  It is exact while all of
 * it began within that time; the part of the window before is taken as evenly
 * spread.
 */
uint64_t dp_abuse_window_add(uint64_t word, uint32_t window_ms, uint64_t now_ms,
                             uint32_t n);
uint32_t dp_abuse_window_count(uint64_t word, uint32_t window_ms,
                               uint64_t now_ms);

/*
 * A burst's word, told of a bucket's debt whenever a charge has made one that is
 * worth it.  `debt_ms` is the time in which the bucket fills again: in a burst of
 * `ratio` it grows by ratio - 1 for each millisecond.  True when each quarter of
 * burst_ms had that ratio or more; then the next burst begins.
 */
bool dp_abuse_burst_step(uint64_t *word, uint32_t burst_ms, uint32_t ratio,
                         uint64_t now_ms, uint64_t debt_ms);

/* A path's word: when it failed last.  The hash is any 16 bits of a keyed one. */
uint32_t dp_abuse_path(uint16_t hash, uint64_t now_ms);

/* The word is of that path, less than `window_ms` ago. */
bool dp_abuse_path_recent(uint32_t word, uint16_t hash, uint32_t window_ms,
                          uint64_t now_ms);

/*
 * What a signal comes to, by the windows of all: honeypots and failing paths are
 * counted together.
 */
uint32_t dp_abuse_score(const dp_abuse_policy_t *policy,
                        const uint64_t windows[DP_ABUSE_SIGNALS],
                        dp_abuse_signal_t signal, uint64_t now_ms);

/* --- what it comes to -------------------------------------------------------- */

#define DP_ABUSE_LEVEL_MAX 15
#define DP_ABUSE_TAG_BITS 12

/* A subject's standing; it is kept as one word. */
typedef struct {
    uint8_t  tier;
    uint8_t  level;    /* blocks so far */
    uint8_t  signal;   /* that decided; of a tier above NORMAL */
    uint8_t  enforced; /* somebody was refused for it */
    uint8_t  shadow;   /* nobody is: it only tells */
    uint16_t tag;      /* the keeper's own, DP_ABUSE_TAG_BITS */
    uint64_t until_ms; /* NORMAL: when the level is forgotten */
} dp_abuse_standing_t;

uint64_t dp_abuse_standing_pack(const dp_abuse_standing_t *standing);
dp_abuse_standing_t dp_abuse_standing_unpack(uint64_t word);

/*
 * The standing at this moment: what has run out has gone down, tier by tier.
 * The tiers of before and after tell whether anything happened.
 */
dp_abuse_standing_t dp_abuse_standing_at(const dp_abuse_policy_t *policy,
                                         dp_abuse_standing_t standing,
                                         uint64_t now_ms);

/*
 * The standing, which is of this moment, after a signal came to `score`.  Blocked
 * subjects stay as they are.
 */
dp_abuse_standing_t dp_abuse_standing_raise(const dp_abuse_policy_t *policy,
                                            dp_abuse_standing_t standing,
                                            dp_abuse_signal_t signal,
                                            uint32_t score, uint64_t now_ms);

#endif /* DP_ABUSE_H */
