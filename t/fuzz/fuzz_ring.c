/*
 * Any file, and any memory: what is loaded is read as it was written, everything
 * else is known to be torn; and nothing that a ring's memory says leads out of it.
 */

#include "dp_ring.h"
#include "fuzz.h"

#include <stdlib.h>

#define SLOTS 16
#define RING_SIZE (DP_RING_MIN + SLOTS * DP_RING_SLOT_SIZE)
#define RING_HEAD 64 /* before its slots */

static uint64_t memory[RING_SIZE / sizeof(uint64_t)] __attribute__((aligned(64)));

static bool
nobody_lives(uint32_t owner)
{
    (void) owner;

    return false;
}

/* Takes all records; returns how many could be read. */
static size_t
records_take(dp_ring_t *ring)
{
    dp_ring_ticket_t tickets[4];
    uint8_t          bytes[DP_RING_RECORD_MAX];
    size_t           count, taken = 0;

    while ((count = dp_ring_oldest(ring, tickets, 4)) != 0) {
        for (size_t i = 0; i < count; i++) {
            size_t length = dp_ring_read(ring, tickets[i], bytes);

            FUZZ_ASSERT(length <= DP_RING_RECORD_MAX);
            taken += length != 0;
            dp_ring_remove(ring, tickets[i]);
        }
    }

    return taken;
}

static void
ring_use(dp_ring_t *ring)
{
    dp_ring_reclaim(ring, nobody_lives);
    (void) records_take(ring);
    FUZZ_ASSERT(dp_ring_used(ring) == 0);
}

/* The slots of a file, behind its head. */
static void
file_load(dp_slice_t file)
{
    uint64_t   id, state;
    size_t     loaded = 0;
    uint8_t    image[DP_RING_SLOT_SIZE];
    dp_ring_t *ring = (dp_ring_t *) memory;

    dp_ring_init(ring, RING_SIZE);

    if (file.len < DP_RING_SLOT_SIZE || !dp_ring_head_read(file.data, &id)) {
        return;
    }

    for (uint64_t i = 0; i < SLOTS; i++) {
        size_t at = (i + 1) * DP_RING_SLOT_SIZE;

        if (at + DP_RING_SLOT_SIZE > file.len
            || dp_ring_load(ring, i, file.data + at) != DP_RING_LOADED) {
            continue;
        }

        loaded++;
        FUZZ_ASSERT(dp_ring_unfiled(ring, i, id, image, &state));
        FUZZ_ASSERT(memcmp(image, file.data + at, 24) == 0);
        FUZZ_ASSERT(memcmp(image + 32, file.data + at + 32,
                           DP_RING_RECORD_MAX) == 0);
    }

    FUZZ_ASSERT(dp_ring_used(ring) == loaded);
    FUZZ_ASSERT(records_take(ring) == loaded);
    FUZZ_ASSERT(dp_ring_put(ring, SLOTS, 1, DP_SLICE("one more")));
    FUZZ_ASSERT(records_take(ring) == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_ring_t *ring = (dp_ring_t *) memory;
    size_t     room = RING_SIZE - RING_HEAD;

    file_load(dp_slice(data, size));

    /* the same bytes as the memory of the slots, which all were in use */
    dp_ring_init(ring, RING_SIZE);

    while (dp_ring_put(ring, UINT64_MAX, 1, DP_SLICE("x"))) {
    }

    if (size != 0) {
        memcpy((uint8_t *) memory + RING_HEAD, data, size < room ? size : room);
    }

    ring_use(ring);

    return 0;
}
