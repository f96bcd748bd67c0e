/*
 * A small hash set of statement pointers, never more than half full.
 */

#include <stdlib.h>

#include "prepared.h"

#define FIRST_CAPACITY 64

/* The slot that holds `statement`, or the free one where it belongs. */
static size_t
slot_find(const dp_prepared_t *set, const dp_statement_t *statement)
{
    size_t slot = (size_t) ((uintptr_t) statement / sizeof(*statement)
                            * UINT64_C(0x9e3779b97f4a7c15) >> 32);

    slot &= set->capacity - 1;

    while (set->slots[slot] != NULL && set->slots[slot] != statement) {
        slot = (slot + 1) & (set->capacity - 1);
    }

    return slot;
}

static void
set_grow(dp_prepared_t *set)
{
    dp_prepared_t grown = {.capacity = set->capacity * 2};

    if (grown.capacity == 0) {
        grown.capacity = FIRST_CAPACITY;
    }

    grown.slots = calloc(grown.capacity, sizeof(*grown.slots));
    if (grown.slots == NULL) {
        abort();
    }

    for (size_t i = 0; i < set->capacity; i++) {
        if (set->slots[i] != NULL) {
            grown.slots[slot_find(&grown, set->slots[i])] = set->slots[i];
        }
    }

    grown.count = set->count;
    free(set->slots);
    *set = grown;
}

bool
dp_prepared_has(const dp_prepared_t *set, const dp_statement_t *statement)
{
    return set->count != 0 && set->slots[slot_find(set, statement)] != NULL;
}

void
dp_prepared_add(dp_prepared_t *set, const dp_statement_t *statement)
{
    if (dp_prepared_has(set, statement)) {
        return;
    }

    if ((set->count + 1) * 2 > set->capacity) {
        set_grow(set);
    }

    set->slots[slot_find(set, statement)] = statement;
    set->count++;
}

void
dp_prepared_clear(dp_prepared_t *set)
{
    free(set->slots);
    *set = (dp_prepared_t) {0};
}
