/*
 * The tree as its whole subtrees: like a binary counter, each leaf carries.
 * Uses OpenSSL.
 */

#include "dp_merkle.h"

static void
node_make(dp_sha256_t *sha, const dp_hash_t *left, const dp_hash_t *right,
          dp_hash_t *node)
{
    dp_sha256_begin(sha);
    dp_sha256_add(sha, DP_SLICE("\x01"));
    dp_sha256_add(sha, dp_slice(left, sizeof(*left)));
    dp_sha256_add(sha, dp_slice(right, sizeof(*right)));
    dp_sha256_end(sha, node->bytes);
}

void
dp_merkle_begin(dp_merkle_t *tree, dp_sha256_t *sha)
{
    tree->sha = sha;
    tree->count = 0;
    tree->size = 0;
}

void
dp_merkle_add(dp_merkle_t *tree, const dp_hash_t *leaf)
{
    dp_hash_t node = *leaf;

    for (uint64_t size = tree->size; (size & 1) != 0; size >>= 1) {
        tree->count--;
        node_make(tree->sha, &tree->nodes[tree->count], &node, &node);
    }

    tree->nodes[tree->count++] = node;
    tree->size++;
}

void
dp_merkle_root(const dp_merkle_t *tree, dp_hash_t *root)
{
    size_t i = tree->count;

    if (i == 0) {
        dp_sha256_begin(tree->sha);
        dp_sha256_end(tree->sha, root->bytes);
        return;
    }

    *root = tree->nodes[--i];

    while (i != 0) {
        i--;
        node_make(tree->sha, &tree->nodes[i], root, root);
    }
}

/* The largest power of two below `count`, which is above 1. */
static uint64_t
split(uint64_t count)
{
    return UINT64_C(1) << (63 - __builtin_clzll(count - 1));
}

static void
subtree_root(dp_sha256_t *sha, const dp_hash_t *leaves, uint64_t count,
             dp_hash_t *root)
{
    dp_merkle_t tree;

    dp_merkle_begin(&tree, sha);

    for (uint64_t i = 0; i < count; i++) {
        dp_merkle_add(&tree, &leaves[i]);
    }

    dp_merkle_root(&tree, root);
}

/* From the root down, so the path comes out from its end. */
size_t
dp_merkle_path(dp_sha256_t *sha, const dp_hash_t *leaves, uint64_t count,
               uint64_t index, dp_hash_t *path)
{
    dp_hash_t found[DP_MERKLE_LEVELS];
    size_t    len = 0;

    while (count > 1) {
        uint64_t half = split(count);
        bool     right = index >= half;

        subtree_root(sha, right ? leaves : leaves + half,
                     right ? half : count - half, &found[len++]);
        leaves += right ? half : 0;
        index -= right ? half : 0;
        count = right ? count - half : half;
    }

    for (size_t i = 0; i < len; i++) {
        path[i] = found[len - 1 - i];
    }

    return len;
}
