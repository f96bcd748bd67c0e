/*
 * Passwords: argon2id by libsodium; bcrypt, which other systems made, is
 * understood and replaced.
 *
 * Both are slow and large on purpose: operations of the password pool call
 * these, before they begin a transaction, and nobody else.  Every hash that is
 * computed is counted.
 */

#ifndef DP_PASSWORD_H
#define DP_PASSWORD_H

#include "dp_bytes.h"
#include "runtime/arena.h"

/* Sets the cost of a hash.  False: libsodium, or memory, is not to be had. */
bool dp_password_open(unsigned passes, size_t memory_bytes)
    __attribute__((warn_unused_result));

/* The hash to be stored, in the arena, with what it was made by. */
dp_slice_t dp_password_hash(dp_arena_t *arena, dp_slice_t password);

/*
 * True when it is the password of that hash.  Without a hash, of an account that
 * is none, it takes as long and is false.
 */
bool dp_password_verify(dp_arena_t *arena, dp_slice_t hash, dp_slice_t password)
    __attribute__((warn_unused_result));

/* True when the hash is not what dp_password_hash() would make today. */
bool dp_password_outdated(dp_arena_t *arena, dp_slice_t hash);

#endif /* DP_PASSWORD_H */
