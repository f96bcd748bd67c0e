/*
 * Records that wait to be taken away, in memory that processes share without a
 * lock, and their image in a file.
 *
 * A record has a slot of its own.  Who puts one claims a free slot, fills it and
 * marks it full; who takes records away reads the oldest ones and frees them
 * one by one, later, when nothing depends on them any more.  A process that is
 * killed anywhere leaves at most a claimed slot, which dp_ring_reclaim() frees.
 * Any number of processes may put, and any number take: a slot is freed once.
 *
 * A slot is a sector and has a checksum, so that one that was torn, in memory or
 * in a file, is known to be.  Every content of the memory and of a file is valid.
 *
 *     file     head, then the slots in their order; all of DP_RING_SLOT_SIZE
 *     head     "DPSPOOL1", u64 size of a slot, u64 id of the file, u64 checksum;
 *              native byte order, as in a slot, which tells another one apart
 *     slot     u64 state, u64 checksum, u64 length, u64 0, record
 */

#ifndef DP_RING_H
#define DP_RING_H

#include "dp_bytes.h"

#define DP_RING_SLOT_SIZE 512
#define DP_RING_RECORD_MAX (DP_RING_SLOT_SIZE - 32)

/* Smallest memory of a ring: its head and one slot. */
#define DP_RING_MIN (2 * DP_RING_SLOT_SIZE)

typedef struct dp_ring_s dp_ring_t;

/* A record, as it was found; good for nothing else once it was removed. */
typedef struct {
    uint64_t slot;
    uint64_t sequence;
} dp_ring_ticket_t;

/* Makes an empty ring of `size` bytes, at least DP_RING_MIN, aligned to 64. */
void dp_ring_init(dp_ring_t *ring, size_t size);

/*
 * Copies a record of 1 to DP_RING_RECORD_MAX bytes into one of the first `limit`
 * slots.  `owner`, the process's id, is not 0.  False: no slot is free.
 */
bool dp_ring_put(dp_ring_t *ring, uint64_t limit, uint32_t owner,
                 dp_slice_t record) __attribute__((warn_unused_result));

/* The oldest records, oldest first, at most `max`; returns how many. */
size_t dp_ring_oldest(const dp_ring_t *ring, dp_ring_ticket_t *tickets,
                      size_t max);

/*
 * Copies the record into `bytes` of DP_RING_RECORD_MAX; returns its length, or 0
 * when it was removed meanwhile or is torn.  Either way it may be removed.
 */
size_t dp_ring_read(const dp_ring_t *ring, dp_ring_ticket_t ticket,
                    uint8_t *bytes);

/* Frees the record's slot; does nothing when somebody else did. */
void dp_ring_remove(dp_ring_t *ring, dp_ring_ticket_t ticket);

/* How many records there are. */
uint64_t dp_ring_used(const dp_ring_t *ring);

/* Grows with each record that is put or removed. */
uint64_t dp_ring_changes(const dp_ring_t *ring);

/* Frees the slots that were claimed by owners who do not live any more. */
void dp_ring_reclaim(dp_ring_t *ring, bool (*lives)(uint32_t owner));

/* --- the image in a file -------------------------------------------------- */

/* Writes a file's head; `id` tells files apart. */
void dp_ring_head_write(uint8_t head[DP_RING_SLOT_SIZE], uint64_t id);

/* Reads it; false: that is no head of ours. */
bool dp_ring_head_read(const uint8_t head[DP_RING_SLOT_SIZE], uint64_t *id)
    __attribute__((warn_unused_result));

/* Slots from this one on were never used. */
uint64_t dp_ring_extent(const dp_ring_t *ring);

/*
 * The slot's image, when the file of that id has another one; false: it has this
 * one, or the slot is just being filled.  `state` is for dp_ring_filed().
 */
bool dp_ring_unfiled(const dp_ring_t *ring, uint64_t slot, uint64_t id,
                     uint8_t image[DP_RING_SLOT_SIZE], uint64_t *state);

/* The file of that id has the slot's image of that state now. */
void dp_ring_filed(dp_ring_t *ring, uint64_t slot, uint64_t id, uint64_t state);

typedef enum {
    DP_RING_EMPTY, /* there is no record in it */
    DP_RING_LOADED,
    DP_RING_TORN,
} dp_ring_load_t;

/*
 * Takes over a slot of a file, in its place; `slot` is below the number of slots
 * and was not loaded before.  Of a ring that nobody else knows.
 */
dp_ring_load_t dp_ring_load(dp_ring_t *ring, uint64_t slot,
                            const uint8_t image[DP_RING_SLOT_SIZE]);

#endif /* DP_RING_H */
