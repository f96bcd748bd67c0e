/*
 * Merkle trees of RFC 6962, section 2.1, over leaf hashes that were made before.
 *
 * A tree is fed leaf by leaf and keeps one hash per bit of their number, so its
 * size is no matter.  A path leads from a leaf to the root; whoever has the leaf
 * and the path can compute the root with SHA-256 alone.
 */

#ifndef DP_MERKLE_H
#define DP_MERKLE_H

#include "dp_sha256.h"

#define DP_MERKLE_LEVELS 40 /* 2^40 leaves */

typedef struct {
    uint8_t bytes[DP_SHA256_BYTES];
} dp_hash_t;

typedef struct {
    dp_sha256_t *sha;
    dp_hash_t    nodes[DP_MERKLE_LEVELS]; /* of whole subtrees, largest first */
    size_t       count;                   /* of nodes */
    uint64_t     size;                    /* of leaves */
} dp_merkle_t;

/* An empty tree; borrows the context. */
void dp_merkle_begin(dp_merkle_t *tree, dp_sha256_t *sha);

/* Adds a leaf hash. */
void dp_merkle_add(dp_merkle_t *tree, const dp_hash_t *leaf);

/* The root of what was added so far; of an empty tree SHA-256 of nothing. */
void dp_merkle_root(const dp_merkle_t *tree, dp_hash_t *root);

/*
 * Writes the path of leaf `index` of `count`, the sibling next to the leaf first,
 * and returns how many hashes it has: at most DP_MERKLE_LEVELS.
 */
size_t dp_merkle_path(dp_sha256_t *sha, const dp_hash_t *leaves, uint64_t count,
                      uint64_t index, dp_hash_t *path);

#endif /* DP_MERKLE_H */
