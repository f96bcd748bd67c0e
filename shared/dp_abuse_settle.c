/*
 * The table of abuse tiers' subjects: tiers that run out, and what is told of a
 * change.  See dp_abuse_table.h.
 */

#include "dp_abuse_place.h"

static void
signals_read(const dp_abuse_keeper_t *keeper, const dp_abuse_body_t *body,
             uint64_t at_ms, uint32_t signals[DP_ABUSE_SIGNALS])
{
    for (unsigned i = 0; i < DP_ABUSE_SIGNALS; i++) {
        signals[i] =
            dp_abuse_window_count(dp_abuse_load(&body->windows[i]),
                                  keeper->policy->signals[i].window_ms, at_ms);
    }
}

bool
dp_abuse_change_make(const dp_abuse_keeper_t *keeper,
                     const dp_abuse_place_t *place, dp_abuse_change_t *change)
{
    const dp_abuse_body_t *body = dp_abuse_place_body(place);

    change->subject = body->subject;
    signals_read(keeper, body, keeper->now_ms, change->signals);
    change->score = dp_abuse_score(keeper->policy, body->windows,
                                   (dp_abuse_signal_t) change->standing.signal,
                                   keeper->now_ms);

    return dp_abuse_key_of(keeper->table, &change->subject) == place->key;
}

void
dp_abuse_change_tell(const dp_abuse_keeper_t *keeper,
                     const dp_abuse_place_t *place, unsigned from,
                     dp_abuse_standing_t standing, uint64_t at_ms)
{
    dp_abuse_change_t change = {
        .from = from,
        .standing = standing,
        .at_ms = at_ms,
    };

    if (keeper->report != NULL
        && dp_abuse_change_make(keeper, place, &change)) {
        keeper->report(keeper->data, &change);
    }
}

void
dp_abuse_counts_clear(const dp_abuse_place_t *place)
{
    dp_abuse_body_t *body = dp_abuse_place_body(place);

    for (unsigned i = 0; i < DP_ABUSE_SIGNALS; i++) {
        __atomic_store_n(&body->windows[i], 0, __ATOMIC_RELAXED);
    }

    for (unsigned i = 0; i < DP_ABUSE_PATHS; i++) {
        __atomic_store_n(&body->paths[i], 0, __ATOMIC_RELAXED);
    }
}

dp_abuse_standing_t
dp_abuse_place_settle(const dp_abuse_keeper_t *keeper,
                      const dp_abuse_place_t  *place)
{
    uint64_t            word = dp_abuse_load(dp_abuse_place_word(place));
    dp_abuse_standing_t lower, standing = dp_abuse_standing_unpack(word);

    while (standing.tag == dp_abuse_tag_of(place->key)
           && standing.tier != DP_ABUSE_NORMAL
           && keeper->now_ms >= standing.until_ms) {
        lower =
            dp_abuse_standing_at(keeper->policy, standing, standing.until_ms);

        if (dp_abuse_swap(dp_abuse_place_word(place), &word,
                          dp_abuse_standing_pack(&lower))) {
            dp_abuse_change_tell(keeper, place, standing.tier, lower,
                                 standing.until_ms);

            if (standing.tier == DP_ABUSE_BLOCK) {
                dp_abuse_counts_clear(place);
            }

            word = dp_abuse_standing_pack(&lower);
        }

        standing = dp_abuse_standing_unpack(word);
    }

    return standing;
}
