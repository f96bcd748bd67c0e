/*
 * The newest signing keys and issuers, as packed lists, in memory that processes
 * share without a lock.
 *
 * A few cells, each with a whole state: its generation, both lists and a keyed
 * checksum.  Who writes claims a cell by its process id, never the one that holds
 * the newest state; the claim of a dead process is void.  A reader copies and
 * verifies.  So a process that is killed anywhere leaves the state before, or the
 * new one; what it was writing counts for nothing.  States that are replaced are
 * overwritten with zeros.
 *
 * Nothing here waits; `lives` asks the system about a process.
 */

#ifndef DP_KEY_STORE_H
#define DP_KEY_STORE_H

#include "dp_control_issuer.h"
#include "dp_control_key.h"
#include "dp_siphash.h"

#define DP_KEY_STORE_RANDOM 16 /* bytes */
#define DP_KEY_STORE_BYTES                                                    \
    ((DP_CONTROL_KEYS_SIZE + DP_CONTROL_ISSUERS_SIZE + 7) / 8 * 8)

typedef struct dp_key_store_s dp_key_store_t;

/* One state; the lists lie in `bytes`, which is the caller's to wipe. */
typedef struct {
    uint64_t   generation; /* 0: nobody said anything yet */
    dp_slice_t keys;
    dp_slice_t issuers;

    /* private */
    uint64_t sizes; /* of keys << 32 | of issuers */
    uint64_t words[DP_KEY_STORE_BYTES / 8];
} dp_key_state_t;

/* Who writes. */
typedef struct {
    uint32_t pid;
    bool (*lives)(uint32_t pid);
} dp_key_writer_t;

size_t dp_key_store_size(void);

/* In memory that is zero; `random`: DP_KEY_STORE_RANDOM bytes. */
void dp_key_store_init(dp_key_store_t *store, const uint8_t *random);

/* A guess, in one word: what dp_key_store_get() finds is this or newer. */
uint64_t dp_key_store_generation(const dp_key_store_t *store);

/* Copies the newest state; false: there is none. */
bool dp_key_store_get(const dp_key_store_t *store, dp_key_state_t *state)
    __attribute__((warn_unused_result));

/* What is to be stored: lists that are valid. */
typedef struct {
    uint64_t   generation;
    dp_slice_t keys;
    dp_slice_t issuers;
} dp_key_lists_t;

/*
 * Stores lists, unless there is a state of their generation or a newer one.
 * `state` is left as dp_key_store_get() would.  False: every cell is being
 * written; try again later.
 */
bool dp_key_store_put(dp_key_store_t *store, const dp_key_writer_t *writer,
                      const dp_key_lists_t *lists, dp_key_state_t *state)
    __attribute__((warn_unused_result));

#endif /* DP_KEY_STORE_H */
