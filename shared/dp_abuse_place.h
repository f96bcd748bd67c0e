/*
 * What the files of the table of abuse tiers' subjects share; nobody else
 * includes it.
 */

#ifndef DP_ABUSE_PLACE_H
#define DP_ABUSE_PLACE_H

#include "dp_abuse_table.h"

#define DP_ABUSE_MARKS (64 * DP_ABUSE_MARK_WORDS)
#define DP_ABUSE_TAG_MASK ((1u << DP_ABUSE_TAG_BITS) - 1)

/* Where somebody is; `set` NULL: nowhere. */
typedef struct {
    dp_abuse_set_t *set;
    uint64_t        index; /* of the set */
    unsigned        slot;
    uint64_t        key;
} dp_abuse_place_t;

static inline uint64_t
dp_abuse_load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

/* False, and *from is what the word is, when it is another one by now. */
static inline bool
dp_abuse_swap(uint64_t *word, uint64_t *from, uint64_t to)
{
    return __atomic_compare_exchange_n(word, from, to, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

static inline uint64_t *
dp_abuse_place_word(const dp_abuse_place_t *place)
{
    return &place->set->standings[place->slot];
}

static inline dp_abuse_body_t *
dp_abuse_place_body(const dp_abuse_place_t *place)
{
    return &place->set->bodies[place->slot];
}

static inline dp_abuse_standing_t
dp_abuse_slot_standing(const dp_abuse_set_t *set, unsigned slot)
{
    return dp_abuse_standing_unpack(dp_abuse_load(&set->standings[slot]));
}

static inline uint16_t
dp_abuse_tag_of(uint64_t key)
{
    return key & DP_ABUSE_TAG_MASK;
}

/* dp_abuse_place.c */

uint64_t dp_abuse_key_of(const dp_abuse_table_t *table,
                         const dp_abuse_party_t *subject);
uint64_t dp_abuse_set_index(const dp_abuse_table_t *table, uint64_t key,
                            unsigned choice);

dp_abuse_place_t dp_abuse_place_find(dp_abuse_table_t *table, uint64_t key);

/* The subject's place, made where it has none; none when there is no room. */
dp_abuse_place_t dp_abuse_place_claim(const dp_abuse_keeper_t *keeper,
                                      const dp_abuse_party_t  *subject);

/* Marks tell which sets hold somebody above NORMAL. */
static inline uint64_t *
dp_abuse_mark_word(dp_abuse_table_t *table, uint64_t index)
{
    return &table->marks[index % DP_ABUSE_MARKS / 64];
}

static inline uint64_t
dp_abuse_mark_bit(uint64_t index)
{
    return UINT64_C(1) << index % 64;
}

static inline bool
dp_abuse_marked(const dp_abuse_table_t *table, uint64_t index)
{
    return (dp_abuse_load(&table->marks[index % DP_ABUSE_MARKS / 64])
            & dp_abuse_mark_bit(index))
           != 0;
}

void dp_abuse_mark_set(dp_abuse_table_t *table, uint64_t index);

/* Lets others see that there is somebody of this tier. */
void dp_abuse_place_show(dp_abuse_table_t *table, const dp_abuse_place_t *place,
                         unsigned tier);

/* dp_abuse_settle.c */

/* A body that is being written, or never was, is not the key's: false. */
bool dp_abuse_change_make(const dp_abuse_keeper_t *keeper,
                          const dp_abuse_place_t  *place,
                          dp_abuse_change_t       *change);
void dp_abuse_change_tell(const dp_abuse_keeper_t *keeper,
                          const dp_abuse_place_t *place, unsigned from,
                          dp_abuse_standing_t standing, uint64_t at_ms);

/* Who comes out of a block is counted anew. */
void dp_abuse_counts_clear(const dp_abuse_place_t *place);

/*
 * Takes the subject down by the tiers whose time is over, each told by itself.
 * Returns the standing as it is then; that of nobody when the slot has become
 * somebody else's.
 */
dp_abuse_standing_t dp_abuse_place_settle(const dp_abuse_keeper_t *keeper,
                                          const dp_abuse_place_t  *place);

#endif /* DP_ABUSE_PLACE_H */
