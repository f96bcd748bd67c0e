/*
 * The ring of records: slots whose one word of state says whose they are.
 *
 *     FREE       0
 *     CLAIMED    the owner, who alone may write the slot
 *     FULL       the record's sequence; whoever takes it away may free the slot
 *
 * Sequences are never used again, so a state that is compared and exchanged was
 * never another one in between.  A reader copies and looks at the state again;
 * the checksum is for what happens to files, and for memory that was overwritten.
 */

#include "dp_ring.h"

#include "dp_siphash.h"

#define STATE_BITS 2
#define STATE_MASK ((UINT64_C(1) << STATE_BITS) - 1)
#define FREE UINT64_C(0)
#define CLAIMED UINT64_C(1)
#define FULL UINT64_C(2)

/* Nobody ever puts so many: a file that says so is none of ours. */
#define SEQUENCE_MAX (UINT64_C(1) << 56)

#define RECORD_WORDS (DP_RING_RECORD_MAX / sizeof(uint64_t))

#define HEAD_MAGIC "DPSPOOL1"
#define HEAD_MAGIC_SIZE 8

typedef struct {
    uint64_t state;
    uint64_t check;
    uint64_t length;
    uint64_t filed; /* state, as a file has it, with the file's id */
    uint64_t record[RECORD_WORDS];
} slot_t;

_Static_assert(sizeof(slot_t) == DP_RING_SLOT_SIZE, "a slot is no sector");

struct dp_ring_s {
    uint64_t slot_count;
    uint64_t next;    /* sequence */
    uint64_t changes;
    uint64_t extent;  /* slots that were ever used are below it */
    slot_t   slots[] __attribute__((aligned(64)));
};

_Static_assert(sizeof(dp_ring_t) + DP_RING_SLOT_SIZE <= DP_RING_MIN,
               "the smallest ring has no slot");

/* Not secret: it guards against accidents. */
static const dp_siphash_key_t check_key = {
    .k0 = 0x6470726563303031, .k1 = 0x64703a72696e673a,
};

static uint64_t
word_get(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static uint64_t
word_next(uint64_t *word)
{
    return __atomic_fetch_add(word, 1, __ATOMIC_ACQ_REL);
}

static void
word_raise(uint64_t *word, uint64_t least)
{
    uint64_t before = word_get(word);

    while (before < least
           && !__atomic_compare_exchange_n(word, &before, least, true,
                                           __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    }
}

static bool
word_swap(uint64_t *word, uint64_t before, uint64_t after)
{
    return __atomic_compare_exchange_n(word, &before, after, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static uint64_t
state_of(uint64_t kind, uint64_t number)
{
    return number << STATE_BITS | kind;
}

/* Over what a full slot says, but for what is of the moment. */
static uint64_t
slot_check(const slot_t *slot)
{
    struct {
        uint64_t state;
        uint64_t length;
        uint64_t record[RECORD_WORDS];
    } said = {.state = slot->state, .length = slot->length};

    memcpy(said.record, slot->record, sizeof(said.record));

    return dp_siphash(&check_key, dp_slice(&said, sizeof(said)));
}

static bool
slot_valid(const slot_t *slot)
{
    return (slot->state & STATE_MASK) == FULL
           && slot->state >> STATE_BITS < SEQUENCE_MAX
           && slot->length - 1 < DP_RING_RECORD_MAX
           && slot->check == slot_check(slot);
}

/* A copy of a slot that stood still for as long as it took; false: it did not. */
static bool
slot_copy(const slot_t *slot, slot_t *copy)
{
    copy->state = word_get(&slot->state);
    copy->check = __atomic_load_n(&slot->check, __ATOMIC_RELAXED);
    copy->length = __atomic_load_n(&slot->length, __ATOMIC_RELAXED);
    copy->filed = 0;

    for (size_t i = 0; i < RECORD_WORDS; i++) {
        copy->record[i] = __atomic_load_n(&slot->record[i], __ATOMIC_RELAXED);
    }

    __atomic_thread_fence(__ATOMIC_ACQUIRE);

    return __atomic_load_n(&slot->state, __ATOMIC_RELAXED) == copy->state;
}

/* All but the state and `filed`. */
static void
slot_write(slot_t *slot, const slot_t *from)
{
    __atomic_thread_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&slot->check, from->check, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->length, from->length, __ATOMIC_RELAXED);

    for (size_t i = 0; i < RECORD_WORDS; i++) {
        __atomic_store_n(&slot->record[i], from->record[i], __ATOMIC_RELAXED);
    }
}

void
dp_ring_init(dp_ring_t *ring, size_t size)
{
    memset(ring, 0, size);
    ring->slot_count = (size - sizeof(*ring)) / sizeof(slot_t);
    ring->next = 1;
}

static slot_t *
slot_claim(dp_ring_t *ring, uint64_t start, uint64_t limit, uint32_t owner)
{
    uint64_t count = limit < ring->slot_count ? limit : ring->slot_count;

    for (uint64_t i = 0; i < count; i++) {
        slot_t *slot = &ring->slots[(start + i) % count];

        if (word_get(&slot->state) == FREE
            && word_swap(&slot->state, FREE, state_of(CLAIMED, owner))) {
            return slot;
        }
    }

    return NULL;
}

bool
dp_ring_put(dp_ring_t *ring, uint64_t limit, uint32_t owner, dp_slice_t record)
{
    uint64_t sequence = word_next(&ring->next);
    slot_t   full = {.state = state_of(FULL, sequence), .length = record.len};
    slot_t  *slot = slot_claim(ring, sequence, limit, owner);

    if (slot == NULL) {
        return false;
    }

    memcpy(full.record, record.data, record.len);
    full.check = slot_check(&full);
    slot_write(slot, &full);
    word_raise(&ring->extent, (uint64_t) (slot - ring->slots) + 1);
    __atomic_store_n(&slot->state, full.state, __ATOMIC_RELEASE);
    word_next(&ring->changes);

    return true;
}

/* Puts a ticket into its place among the oldest `max`; returns their number. */
static size_t
ticket_insert(dp_ring_ticket_t *tickets, size_t count, size_t max,
              dp_ring_ticket_t ticket)
{
    size_t at = count;

    while (at > 0 && tickets[at - 1].sequence > ticket.sequence) {
        at--;
    }

    if (at == max) {
        return count;
    }

    if (count == max) {
        count--;
    }

    memmove(&tickets[at + 1], &tickets[at], (count - at) * sizeof(*tickets));
    tickets[at] = ticket;

    return count + 1;
}

/* Memory may say anything. */
uint64_t
dp_ring_extent(const dp_ring_t *ring)
{
    uint64_t extent = word_get(&ring->extent);

    return extent < ring->slot_count ? extent : ring->slot_count;
}

size_t
dp_ring_oldest(const dp_ring_t *ring, dp_ring_ticket_t *tickets, size_t max)
{
    size_t   count = 0;
    uint64_t extent = dp_ring_extent(ring);

    for (uint64_t i = 0; i < extent; i++) {
        uint64_t state = word_get(&ring->slots[i].state);

        if ((state & STATE_MASK) == FULL) {
            count = ticket_insert(tickets, count, max, (dp_ring_ticket_t) {
                                      .slot = i,
                                      .sequence = state >> STATE_BITS,
                                  });
        }
    }

    return count;
}

size_t
dp_ring_read(const dp_ring_t *ring, dp_ring_ticket_t ticket, uint8_t *bytes)
{
    slot_t copy;

    if (!slot_copy(&ring->slots[ticket.slot], &copy)
        || copy.state != state_of(FULL, ticket.sequence) || !slot_valid(&copy)) {
        return 0;
    }

    memcpy(bytes, copy.record, copy.length);

    return copy.length;
}

void
dp_ring_remove(dp_ring_t *ring, dp_ring_ticket_t ticket)
{
    if (word_swap(&ring->slots[ticket.slot].state,
                  state_of(FULL, ticket.sequence), FREE)) {
        word_next(&ring->changes);
    }
}

uint64_t
dp_ring_used(const dp_ring_t *ring)
{
    uint64_t used = 0;
    uint64_t extent = dp_ring_extent(ring);

    for (uint64_t i = 0; i < extent; i++) {
        used += (word_get(&ring->slots[i].state) & STATE_MASK) == FULL;
    }

    return used;
}

uint64_t
dp_ring_changes(const dp_ring_t *ring)
{
    return word_get(&ring->changes);
}

void
dp_ring_reclaim(dp_ring_t *ring, bool (*lives)(uint32_t owner))
{
    for (uint64_t i = 0; i < ring->slot_count; i++) {
        slot_t  *slot = &ring->slots[i];
        uint64_t state = word_get(&slot->state);

        if ((state & STATE_MASK) == CLAIMED
            && !lives((uint32_t) (state >> STATE_BITS))) {
            (void) word_swap(&slot->state, state, FREE);
        }
    }
}

/* --- the image in a file -------------------------------------------------- */

typedef struct {
    uint8_t  magic[HEAD_MAGIC_SIZE];
    uint64_t slot_size;
    uint64_t id;
    uint64_t check;
} head_t;

static uint64_t
head_check(const head_t *head)
{
    return dp_siphash(&check_key, dp_slice(head, offsetof(head_t, check)));
}

void
dp_ring_head_write(uint8_t head[DP_RING_SLOT_SIZE], uint64_t id)
{
    head_t said = {.slot_size = DP_RING_SLOT_SIZE, .id = id};

    memcpy(said.magic, HEAD_MAGIC, HEAD_MAGIC_SIZE);
    said.check = head_check(&said);
    memset(head, 0, DP_RING_SLOT_SIZE);
    memcpy(head, &said, sizeof(said));
}

bool
dp_ring_head_read(const uint8_t head[DP_RING_SLOT_SIZE], uint64_t *id)
{
    head_t said;

    memcpy(&said, head, sizeof(said));
    *id = said.id;

    return memcmp(said.magic, HEAD_MAGIC, HEAD_MAGIC_SIZE) == 0
           && said.slot_size == DP_RING_SLOT_SIZE
           && said.check == head_check(&said);
}

bool
dp_ring_unfiled(const dp_ring_t *ring, uint64_t slot, uint64_t id,
                uint8_t image[DP_RING_SLOT_SIZE], uint64_t *state)
{
    slot_t        copy;
    const slot_t *at = &ring->slots[slot];

    *state = word_get(&at->state);

    if ((*state & STATE_MASK) == CLAIMED
        || word_get(&at->filed) == (*state ^ id)) {
        return false;
    }

    memset(image, 0, DP_RING_SLOT_SIZE);

    if (*state == FREE) {
        return true;
    }

    if (!slot_copy(at, &copy) || copy.state != *state) {
        return false;
    }

    memcpy(image, &copy, sizeof(copy));

    return true;
}

void
dp_ring_filed(dp_ring_t *ring, uint64_t slot, uint64_t id, uint64_t state)
{
    __atomic_store_n(&ring->slots[slot].filed, state ^ id, __ATOMIC_RELEASE);
}

dp_ring_load_t
dp_ring_load(dp_ring_t *ring, uint64_t slot,
             const uint8_t image[DP_RING_SLOT_SIZE])
{
    slot_t found;

    memcpy(&found, image, sizeof(found));

    if (!slot_valid(&found)) {
        return found.state == FREE ? DP_RING_EMPTY : DP_RING_TORN;
    }

    slot_write(&ring->slots[slot], &found);
    ring->slots[slot].state = found.state;
    word_raise(&ring->extent, slot + 1);
    word_raise(&ring->next, (found.state >> STATE_BITS) + 1);

    return DP_RING_LOADED;
}
