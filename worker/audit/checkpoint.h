/*
 * Checkpoints of the audit trail: what a chain's newest seal is, signed, and kept
 * outside of the database.
 *
 * The key is derived from the master key, so all workers have the same one.
 * Opened once, before any thread starts.
 */

#ifndef DP_AUDIT_CHECKPOINT_H
#define DP_AUDIT_CHECKPOINT_H

#include "dp_audit_chain.h"
#include "dp_note.h"
#include "runtime/arena.h"

/*
 * The name that checkpoints are made in, and the file they are added to ("none":
 * the log alone has them).  NULL, or what is wrong.  Logs the public key.
 */
const char *dp_checkpoints_open(const char *origin, const char *path)
    __attribute__((warn_unused_result));

/* The signed note of a chain whose newest seal is this one; empty: OpenSSL refused. */
dp_slice_t dp_checkpoint_make(dp_arena_t *arena, const uint8_t *chain_id,
                              uint64_t no, const dp_hash_t *hash);

/* The text of the key that verifies them. */
dp_slice_t dp_checkpoint_key(dp_arena_t *arena);

/* The name of a chain in its checkpoints: origin/chain. */
dp_slice_t dp_checkpoint_origin(dp_arena_t *arena, const uint8_t *chain_id);

/*
 * Writes a checkpoint to the log and, on disk when this returns, to the file.  What
 * could not be written is counted and logged; the next checkpoint covers it.
 */
void dp_checkpoint_anchor(const uint8_t *chain_id, uint64_t no,
                          const dp_hash_t *hash, dp_slice_t note);

#endif /* DP_AUDIT_CHECKPOINT_H */
