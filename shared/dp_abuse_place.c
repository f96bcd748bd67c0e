/*
 * The table of abuse tiers' subjects: whose slot is which.  See
 * dp_abuse_table.h.
 *
 * A slot is somebody's while its key is theirs and its standing has their tag.
 * Who takes a slot over changes the standing first: a process that still thinks
 * of the subject before fails to raise the one of now.
 */

#include "dp_abuse_place.h"

#include <string.h>

#define CHOICES 2

/* --- where somebody is --------------------------------------------------- */

uint64_t
dp_abuse_key_of(const dp_abuse_table_t *table, const dp_abuse_party_t *subject)
{
    uint8_t  bytes[1 + DP_ID_SIZE];
    uint64_t hash;

    bytes[0] = (uint8_t) subject->kind;
    memcpy(bytes + 1, subject->id, DP_ID_SIZE);
    hash = dp_siphash(&table->random, dp_slice(bytes, sizeof(bytes)));

    return hash != 0 ? hash : 1;
}

/* Both halves of the key choose a set. */
uint64_t
dp_abuse_set_index(const dp_abuse_table_t *table, uint64_t key, unsigned choice)
{
    uint64_t turned = choice == 0 ? key : key << 32 | key >> 32;

    return (uint64_t) ((unsigned __int128) turned * table->set_count >> 64);
}

static bool
slot_is(const dp_abuse_set_t *set, unsigned slot, uint64_t key)
{
    return dp_abuse_load(&set->keys[slot]) == key
           && dp_abuse_slot_standing(set, slot).tag == dp_abuse_tag_of(key);
}

dp_abuse_place_t
dp_abuse_place_find(dp_abuse_table_t *table, uint64_t key)
{
    dp_abuse_place_t place = {.key = key};

    for (unsigned i = 0; i < CHOICES * DP_ABUSE_SET_SLOTS; i++) {
        place.index = dp_abuse_set_index(table, key, i / DP_ABUSE_SET_SLOTS);
        place.slot = i % DP_ABUSE_SET_SLOTS;

        if (slot_is(&table->sets[place.index], place.slot, key)) {
            place.set = &table->sets[place.index];
            break;
        }
    }

    return place;
}

/* --- marks: which sets hold somebody above NORMAL ------------------------ */

void
dp_abuse_mark_set(dp_abuse_table_t *table, uint64_t index)
{
    if (!dp_abuse_marked(table, index)) {
        (void) __atomic_fetch_or(dp_abuse_mark_word(table, index),
                                 dp_abuse_mark_bit(index), __ATOMIC_SEQ_CST);
    }
}

/* Also for somebody whose process died before it came to this. */
void
dp_abuse_place_show(dp_abuse_table_t *table, const dp_abuse_place_t *place,
                    unsigned tier)
{
    if (tier != DP_ABUSE_NORMAL) {
        dp_abuse_mark_set(table, place->index);
        (void) __atomic_fetch_add(&table->raised, 1, __ATOMIC_SEQ_CST);
    }
}

/* --- slots --------------------------------------------------------------- */

/* Lower goes first.  Whose time is over has been told of before it goes. */
static uint64_t
place_worth(const dp_abuse_keeper_t *keeper, dp_abuse_place_t place)
{
    dp_abuse_standing_t standing;

    place.key = dp_abuse_load(&place.set->keys[place.slot]);
    standing = dp_abuse_place_settle(keeper, &place);

    if (standing.tier != DP_ABUSE_NORMAL) {
        return UINT64_MAX;
    }

    if (place.key == 0) {
        return 0;
    }

    standing = dp_abuse_standing_at(keeper->policy, standing, keeper->now_ms);

    return (uint64_t) (standing.level != 0) << 63
           | dp_abuse_load(&dp_abuse_place_body(&place)->seen_ms);
}

static dp_abuse_place_t
place_cheapest(const dp_abuse_keeper_t *keeper, uint64_t key)
{
    dp_abuse_place_t place, cheapest = {.key = key};
    uint64_t         worth, least = UINT64_MAX;

    for (unsigned i = 0; i < CHOICES * DP_ABUSE_SET_SLOTS; i++) {
        place.key = key;
        place.index =
            dp_abuse_set_index(keeper->table, key, i / DP_ABUSE_SET_SLOTS);
        place.set = &keeper->table->sets[place.index];
        place.slot = i % DP_ABUSE_SET_SLOTS;
        worth = place_worth(keeper, place);

        if (worth < least) {
            least = worth;
            cheapest = place;
        }
    }

    return cheapest;
}

/* Makes a slot somebody's own; false when it was raised or taken meanwhile. */
static bool
slot_take(const dp_abuse_place_t *place, const dp_abuse_party_t *subject)
{
    uint64_t            held = dp_abuse_load(dp_abuse_place_word(place));
    dp_abuse_standing_t mine = {.tag = dp_abuse_tag_of(place->key)};

    if (dp_abuse_standing_unpack(held).tier != DP_ABUSE_NORMAL
        || !dp_abuse_swap(dp_abuse_place_word(place), &held,
                          dp_abuse_standing_pack(&mine))) {
        return false;
    }

    memset(dp_abuse_place_body(place), 0, sizeof(dp_abuse_body_t));
    dp_abuse_place_body(place)->subject = *subject;
    __atomic_store_n(&place->set->keys[place->slot], place->key,
                     __ATOMIC_SEQ_CST);

    return true;
}

dp_abuse_place_t
dp_abuse_place_claim(const dp_abuse_keeper_t *keeper,
                     const dp_abuse_party_t  *subject)
{
    uint64_t         key = dp_abuse_key_of(keeper->table, subject);
    dp_abuse_place_t found, place = dp_abuse_place_find(keeper->table, key);

    while (place.set == NULL) {
        place = place_cheapest(keeper, key);

        if (place.set == NULL) {
            (void) __atomic_fetch_add(&keeper->table->overflows, 1,
                                      __ATOMIC_RELAXED);
            return place;
        }

        if (!slot_take(&place, subject)) {
            place.set = NULL;
        }
    }

    /* another process may have been faster: the first place is the one */
    found = dp_abuse_place_find(keeper->table, key);
    if (found.set == NULL
        || dp_abuse_place_word(&found) == dp_abuse_place_word(&place)) {
        return place;
    }

    /* unless it has become somebody else's meanwhile */
    (void) dp_abuse_swap(&place.set->keys[place.slot], &key, 0);

    return found;
}
