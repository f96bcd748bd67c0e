/*
 * The table of abuse tiers' subjects: what is asked and told of one of them.
 * See dp_abuse_table.h.
 */

#include "dp_abuse_place.h"

#include <string.h>

/* A body that was left by a process that died is written again. */
static void
body_touch(const dp_abuse_keeper_t *keeper, const dp_abuse_place_t *place,
           const dp_abuse_party_t *subject)
{
    dp_abuse_body_t *body = dp_abuse_place_body(place);

    if (memcmp(&body->subject, subject, sizeof(*subject)) != 0) {
        body->subject = *subject;
    }

    __atomic_store_n(&body->seen_ms, keeper->now_ms, __ATOMIC_RELAXED);
}

static void
standing_raise(const dp_abuse_keeper_t *keeper, const dp_abuse_place_t *place,
               dp_abuse_signal_t signal)
{
    uint32_t            score;
    uint64_t            word;
    dp_abuse_standing_t standing, raised;

    do {
        standing = dp_abuse_place_settle(keeper, place);
        word = dp_abuse_standing_pack(&standing);
        score =
            dp_abuse_score(keeper->policy, dp_abuse_place_body(place)->windows,
                           signal, keeper->now_ms);
        raised = dp_abuse_standing_raise(
            keeper->policy,
            dp_abuse_standing_at(keeper->policy, standing, keeper->now_ms),
            signal, score, keeper->now_ms);

        if (standing.tag != dp_abuse_tag_of(place->key)) {
            return;
        }

        if (raised.tier > standing.tier) {
            raised.shadow = keeper->shadow;
        }
    } while (!dp_abuse_swap(dp_abuse_place_word(place), &word,
                            dp_abuse_standing_pack(&raised)));

    dp_abuse_place_show(keeper->table, place, raised.tier);

    if (raised.tier > standing.tier) {
        dp_abuse_change_tell(keeper, place, standing.tier, raised,
                             keeper->now_ms);
    }
}

dp_abuse_standing_t
dp_abuse_table_look(const dp_abuse_keeper_t *keeper,
                    const dp_abuse_party_t  *subject)
{
    uint64_t                key;
    const dp_abuse_table_t *table = keeper->table;
    dp_abuse_standing_t     standing = {.tier = DP_ABUSE_NORMAL};
    dp_abuse_place_t        place;

    if (dp_abuse_load(&table->raised) == 0) {
        return standing;
    }

    key = dp_abuse_key_of(table, subject);

    if (!dp_abuse_marked(table, dp_abuse_set_index(table, key, 0))
        && !dp_abuse_marked(table, dp_abuse_set_index(table, key, 1))) {
        return standing;
    }

    place = dp_abuse_place_find(keeper->table, key);

    if (place.set != NULL) {
        standing = dp_abuse_standing_at(
            keeper->policy, dp_abuse_slot_standing(place.set, place.slot),
            keeper->now_ms);
    }

    return standing;
}

static void
signal_count(const dp_abuse_keeper_t *keeper, const dp_abuse_place_t *place,
             dp_abuse_signal_t signal, uint32_t n)
{
    uint64_t *word = &dp_abuse_place_body(place)->windows[signal];
    uint64_t  held = dp_abuse_load(word);

    while (!dp_abuse_swap(
        word, &held,
        dp_abuse_window_add(held, keeper->policy->signals[signal].window_ms,
                            keeper->now_ms, n))) {
    }

    standing_raise(keeper, place, signal);
}

void
dp_abuse_table_note(const dp_abuse_keeper_t *keeper,
                    const dp_abuse_party_t *subject, dp_abuse_signal_t signal,
                    uint32_t n)
{
    dp_abuse_place_t place = dp_abuse_place_claim(keeper, subject);

    if (place.set != NULL) {
        body_touch(keeper, &place, subject);
        (void) dp_abuse_place_settle(keeper, &place);
        signal_count(keeper, &place, signal, n);
    }
}

/* Remembers the path; true when it is not among those remembered. */
static bool
path_new(const dp_abuse_keeper_t *keeper, dp_abuse_body_t *body,
         dp_slice_t path)
{
    uint16_t hash = (uint16_t) dp_siphash(&keeper->table->random, path);
    uint32_t window_ms = keeper->policy->signals[DP_ABUSE_PROBE].window_ms;
    uint32_t word = dp_abuse_path(hash, keeper->now_ms);
    uint32_t next;

    for (unsigned i = 0; i < DP_ABUSE_PATHS; i++) {
        if (dp_abuse_path_recent(
                __atomic_load_n(&body->paths[i], __ATOMIC_RELAXED), hash,
                window_ms, keeper->now_ms)) {
            __atomic_store_n(&body->paths[i], word, __ATOMIC_RELAXED);
            return false;
        }
    }

    next = __atomic_fetch_add(&body->path_next, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&body->paths[next % DP_ABUSE_PATHS], word,
                     __ATOMIC_RELAXED);

    return true;
}

bool
dp_abuse_table_note_path(const dp_abuse_keeper_t *keeper,
                         const dp_abuse_party_t *subject, dp_slice_t path,
                         uint32_t n)
{
    dp_abuse_place_t place = dp_abuse_place_claim(keeper, subject);

    if (place.set == NULL) {
        return true;
    }

    body_touch(keeper, &place, subject);
    (void) dp_abuse_place_settle(keeper, &place);

    if (!path_new(keeper, dp_abuse_place_body(&place), path)) {
        return false;
    }

    signal_count(keeper, &place, DP_ABUSE_PROBE, n);

    return true;
}

bool
dp_abuse_table_note_debt(const dp_abuse_keeper_t *keeper,
                         const dp_abuse_party_t *subject, uint32_t ratio,
                         uint64_t debt_ms)
{
    bool             sustained;
    dp_abuse_place_t place = dp_abuse_place_claim(keeper, subject);
    uint64_t         held, stepped;

    if (place.set == NULL) {
        return false;
    }

    body_touch(keeper, &place, subject);
    held = dp_abuse_load(&dp_abuse_place_body(&place)->burst);

    do {
        stepped = held;
        sustained = dp_abuse_burst_step(&stepped, keeper->policy->burst_ms,
                                        ratio, keeper->now_ms, debt_ms);
    } while (
        !dp_abuse_swap(&dp_abuse_place_body(&place)->burst, &held, stepped));

    if (sustained) {
        signal_count(keeper, &place, DP_ABUSE_BURST, 1);
    }

    return sustained;
}

bool
dp_abuse_table_enforce(const dp_abuse_keeper_t *keeper,
                       const dp_abuse_party_t  *subject,
                       dp_abuse_change_t       *change)
{
    dp_abuse_place_t place = dp_abuse_place_find(
        keeper->table, dp_abuse_key_of(keeper->table, subject));
    uint64_t            word;
    dp_abuse_standing_t standing;

    if (place.set == NULL) {
        return false;
    }

    word = dp_abuse_load(dp_abuse_place_word(&place));

    do {
        standing = dp_abuse_standing_unpack(word);

        if (standing.enforced || standing.tier == DP_ABUSE_NORMAL
            || standing.tag != dp_abuse_tag_of(place.key)
            || keeper->now_ms >= standing.until_ms) {
            return false;
        }

        standing.enforced = 1;
        standing.shadow &= keeper->shadow;
    } while (!dp_abuse_swap(dp_abuse_place_word(&place), &word,
                            dp_abuse_standing_pack(&standing)));

    change->from = standing.tier;
    change->standing = standing;
    change->standing.shadow = keeper->shadow;
    change->at_ms = keeper->now_ms;

    return dp_abuse_change_make(keeper, &place, change);
}

bool
dp_abuse_table_impose(const dp_abuse_keeper_t   *keeper,
                      const dp_abuse_party_t    *subject,
                      const dp_abuse_standing_t *standing)
{
    uint64_t            word;
    dp_abuse_standing_t imposed = *standing;
    dp_abuse_place_t    place = dp_abuse_place_find(
           keeper->table, dp_abuse_key_of(keeper->table, subject));

    if (place.set == NULL && imposed.tier == DP_ABUSE_NORMAL) {
        return true;
    }

    place = dp_abuse_place_claim(keeper, subject);
    if (place.set == NULL) {
        return false;
    }

    body_touch(keeper, &place, subject);
    imposed.tag = dp_abuse_tag_of(place.key);
    word = dp_abuse_load(dp_abuse_place_word(&place));

    do {
        if (dp_abuse_standing_unpack(word).tag != imposed.tag) {
            return false;
        }
    } while (!dp_abuse_swap(dp_abuse_place_word(&place), &word,
                            dp_abuse_standing_pack(&imposed)));

    dp_abuse_counts_clear(&place);
    dp_abuse_place_show(keeper->table, &place, imposed.tier);

    return true;
}
