/*
 * The table of abuse tiers' subjects as a whole: who runs out, who is there,
 * and the way into another table.  See dp_abuse_table.h.
 */

#include "dp_abuse_place.h"

#include <string.h>

uint64_t
dp_abuse_table_sets_in(size_t size)
{
    return size < sizeof(dp_abuse_table_t)
               ? 0
               : (size - sizeof(dp_abuse_table_t)) / sizeof(dp_abuse_set_t);
}

typedef void visit_t(const dp_abuse_keeper_t *keeper,
                     const dp_abuse_place_t  *place,
                     dp_abuse_standing_t standing, void *data);

/* Visits everybody above NORMAL among the sets of a mark; how many they are. */
static uint64_t
mark_visit(const dp_abuse_keeper_t *keeper, uint64_t mark, visit_t *visit,
           void *data)
{
    uint64_t          count = 0;
    dp_abuse_table_t *table = keeper->table;

    for (uint64_t i = mark; i < table->set_count; i += DP_ABUSE_MARKS) {
        for (unsigned slot = 0; slot < DP_ABUSE_SET_SLOTS; slot++) {
            dp_abuse_place_t place = {
                .set = &table->sets[i],
                .index = i,
                .slot = slot,
                .key = dp_abuse_load(&table->sets[i].keys[slot]),
            };
            dp_abuse_standing_t standing =
                dp_abuse_slot_standing(place.set, slot);

            if (standing.tier != DP_ABUSE_NORMAL
                && standing.tag == dp_abuse_tag_of(place.key)) {
                count++;
                visit(keeper, &place, standing, data);
            }
        }
    }

    return count;
}

static void
visit_all(const dp_abuse_keeper_t *keeper, visit_t *visit, void *data)
{
    for (uint64_t mark = 0; mark < DP_ABUSE_MARKS; mark++) {
        if (dp_abuse_marked(keeper->table, mark)) {
            (void) mark_visit(keeper, mark, visit, data);
        }
    }
}

static void
sweep_visit(const dp_abuse_keeper_t *keeper, const dp_abuse_place_t *place,
            dp_abuse_standing_t standing, void *data)
{
    uint64_t *tiers = data;

    standing = dp_abuse_place_settle(keeper, place);
    tiers[standing.tier]++;
}

static void
nothing_visit(const dp_abuse_keeper_t *keeper, const dp_abuse_place_t *place,
              dp_abuse_standing_t standing, void *data)
{
    (void) keeper;
    (void) place;
    (void) standing;
    (void) data;
}

/* Somebody who is raised meanwhile sets the mark again, behind or before us. */
static void
marks_clear(const dp_abuse_keeper_t *keeper)
{
    dp_abuse_table_t *table = keeper->table;

    for (uint64_t mark = 0; mark < DP_ABUSE_MARKS; mark++) {
        if (!dp_abuse_marked(table, mark)
            || mark_visit(keeper, mark, nothing_visit, NULL) != 0) {
            continue;
        }

        (void) __atomic_fetch_and(dp_abuse_mark_word(table, mark),
                                  ~dp_abuse_mark_bit(mark), __ATOMIC_SEQ_CST);

        if (mark_visit(keeper, mark, nothing_visit, NULL) != 0) {
            dp_abuse_mark_set(table, mark);
        }
    }
}

void
dp_abuse_table_sweep(const dp_abuse_keeper_t *keeper,
                     uint64_t                 tiers[DP_ABUSE_TIERS])
{
    uint64_t raised = dp_abuse_load(&keeper->table->raised);

    memset(tiers, 0, DP_ABUSE_TIERS * sizeof(tiers[0]));

    if (raised == 0) {
        return;
    }

    visit_all(keeper, sweep_visit, tiers);
    marks_clear(keeper);
    tiers[DP_ABUSE_NORMAL] = 0;

    for (unsigned i = 0; i < DP_ABUSE_MARK_WORDS; i++) {
        if (dp_abuse_load(&keeper->table->marks[i]) != 0) {
            return;
        }
    }

    /* who is raised from here on shows itself again */
    (void) dp_abuse_swap(&keeper->table->raised, &raised, 0);
}

static void
each_visit(const dp_abuse_keeper_t *keeper, const dp_abuse_place_t *place,
           dp_abuse_standing_t standing, void *data)
{
    (void) data;

    standing = dp_abuse_standing_at(keeper->policy, standing, keeper->now_ms);

    if (standing.tier != DP_ABUSE_NORMAL) {
        dp_abuse_change_tell(keeper, place, standing.tier, standing,
                             keeper->now_ms);
    }
}

void
dp_abuse_table_each(const dp_abuse_keeper_t *keeper)
{
    visit_all(keeper, each_visit, NULL);
}

uint64_t
dp_abuse_table_used(const dp_abuse_table_t *table, uint64_t sample)
{
    uint64_t sets = sample < table->set_count ? sample : table->set_count;
    uint64_t stride = table->set_count / sets;
    uint64_t count = 0;

    for (uint64_t i = 0; i < sets; i++) {
        for (unsigned slot = 0; slot < DP_ABUSE_SET_SLOTS; slot++) {
            count += dp_abuse_load(&table->sets[i * stride].keys[slot]) != 0;
        }
    }

    return count * table->set_count / sets;
}

/* False when it has no room. */
static bool
slot_copy(const dp_abuse_keeper_t *keeper, const dp_abuse_set_t *set,
          unsigned slot)
{
    dp_abuse_standing_t standing = dp_abuse_slot_standing(set, slot);
    dp_abuse_body_t     body = set->bodies[slot];
    dp_abuse_place_t    place;

    if (dp_abuse_load(&set->keys[slot])
        != dp_abuse_key_of(keeper->table, &body.subject)) {
        return true;
    }

    place = dp_abuse_place_claim(keeper, &body.subject);
    if (place.set == NULL) {
        return false;
    }

    *dp_abuse_place_body(&place) = body;
    *dp_abuse_place_word(&place) = dp_abuse_standing_pack(&standing);
    dp_abuse_place_show(keeper->table, &place, standing.tier);

    return true;
}

uint64_t
dp_abuse_table_copy(const dp_abuse_keeper_t *keeper,
                    const dp_abuse_table_t  *from)
{
    uint64_t homeless = 0;

    keeper->table->random = from->random;

    for (uint64_t i = 0; i < from->set_count * DP_ABUSE_SET_SLOTS; i++) {
        const dp_abuse_set_t *set = &from->sets[i / DP_ABUSE_SET_SLOTS];
        unsigned              slot = i % DP_ABUSE_SET_SLOTS;

        if (dp_abuse_load(&set->keys[slot]) != 0
            && !slot_copy(keeper, set, slot)) {
            homeless++;
        }
    }

    return homeless;
}
