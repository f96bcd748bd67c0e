/*
 * Merkle trees: the test vectors of RFC 6962's reference implementation (certificate
 * transparency, testonly), and every path of every small tree.  AUD-01.
 */

#include "dp_id.h"
#include "dp_hex.h"
#include "dp_merkle.h"
#include "unit.h"

#define LEAVES 8

/* The inputs of the reference implementation, in hexadecimal. */
static const char *const inputs[LEAVES] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};

/* The root of the first i + 1 of them. */
static const char *const roots[LEAVES] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static dp_sha256_t sha;
static dp_hash_t   leaves[64];

static void
leaf_make(dp_hash_t *leaf, dp_slice_t input)
{
    dp_sha256_begin(&sha);
    dp_sha256_add(&sha, dp_slice("\0", 1));
    dp_sha256_add(&sha, input);
    dp_sha256_end(&sha, leaf->bytes);
}

static dp_slice_t
bytes_of(const char *hex, uint8_t *buffer)
{
    size_t len = strlen(hex) / 2;

    for (size_t i = 0; i < len; i++) {
        buffer[i] = (uint8_t) (dp_hex_digit((uint8_t) hex[2 * i]) << 4
                               | dp_hex_digit((uint8_t) hex[2 * i + 1]));
    }

    return dp_slice(buffer, len);
}

static void
setup(void)
{
    uint8_t buffer[32];

    dp_sha256_open(&sha);
    ck_assert(!sha.failed);

    for (size_t i = 0; i < LEAVES; i++) {
        leaf_make(&leaves[i], bytes_of(inputs[i], buffer));
    }

    for (size_t i = LEAVES; i < 64; i++) {
        buffer[0] = (uint8_t) i;
        leaf_make(&leaves[i], dp_slice(buffer, 1));
    }
}

static void
teardown(void)
{
    ck_assert(!sha.failed);
    dp_sha256_close(&sha);
}

static void
root_of(uint64_t count, dp_hash_t *root)
{
    dp_merkle_t tree;

    dp_merkle_begin(&tree, &sha);

    for (uint64_t i = 0; i < count; i++) {
        dp_merkle_add(&tree, &leaves[i]);
    }

    dp_merkle_root(&tree, root);
}

static void
assert_hash(const dp_hash_t *hash, const char *expected)
{
    char text[2 * DP_SHA256_BYTES];

    dp_hex_format(text, hash->bytes, DP_SHA256_BYTES);
    unit_assert_text(dp_slice(text, sizeof(text)), expected);
}

START_TEST(AUD_01_roots_are_those_of_rfc_6962)
{
    dp_hash_t root;

    setup();

    root_of(0, &root);
    assert_hash(&root,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    for (size_t i = 0; i < LEAVES; i++) {
        root_of(i + 1, &root);
        assert_hash(&root, roots[i]);
    }

    teardown();
}
END_TEST

START_TEST(AUD_01_a_path_is_that_of_rfc_6962)
{
    dp_hash_t path[DP_MERKLE_LEVELS];

    setup();

    ck_assert_uint_eq(dp_merkle_path(&sha, leaves, 8, 0, path), 3);
    assert_hash(&path[0],
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
    assert_hash(&path[1],
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
    assert_hash(&path[2],
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
    ck_assert_uint_eq(dp_merkle_path(&sha, leaves, 1, 0, path), 0);

    teardown();
}
END_TEST

/* Internal nodes, and the root that a path leads to: RFC 9162, section 2.1.3.2. */
typedef struct {
    uint64_t         index;
    uint64_t         count;
    const dp_hash_t *path;
    size_t           len;
} proof_t;

static void
node_make(const dp_hash_t *left, const dp_hash_t *right, dp_hash_t *node)
{
    dp_sha256_begin(&sha);
    dp_sha256_add(&sha, DP_SLICE("\x01"));
    dp_sha256_add(&sha, dp_slice(left, sizeof(*left)));
    dp_sha256_add(&sha, dp_slice(right, sizeof(*right)));
    dp_sha256_end(&sha, node->bytes);
}

static bool
climb(const proof_t *proof, const dp_hash_t *leaf, dp_hash_t *root)
{
    uint64_t index = proof->index;
    uint64_t last = proof->count - 1;

    *root = *leaf;

    for (size_t i = 0; i < proof->len; i++) {
        if (last == 0) {
            return false;
        }

        if ((index & 1) != 0 || index == last) {
            node_make(&proof->path[i], root, root);
            while ((index & 1) == 0 && index != 0) {
                index >>= 1;
                last >>= 1;
            }
        } else {
            node_make(root, &proof->path[i], root);
        }

        index >>= 1;
        last >>= 1;
    }

    return last == 0;
}

START_TEST(AUD_01_every_path_leads_to_its_root)
{
    setup();

    for (uint64_t count = 1; count <= 64; count++) {
        dp_hash_t root;

        root_of(count, &root);

        for (uint64_t index = 0; index < count; index++) {
            dp_hash_t path[DP_MERKLE_LEVELS];
            dp_hash_t found;
            proof_t   proof = {
                .index = index,
                .count = count,
                .path = path,
                .len = dp_merkle_path(&sha, leaves, count, index, path),
            };

            ck_assert(climb(&proof, &leaves[index], &found));
            ck_assert_mem_eq(&found, &root, sizeof(root));

            if (proof.len != 0) {
                path[proof.len - 1].bytes[0] ^= 1;
                ck_assert(climb(&proof, &leaves[index], &found));
                ck_assert_mem_ne(&found, &root, sizeof(root));
                proof.len--;
                ck_assert(!climb(&proof, &leaves[index], &found));
            }
        }
    }

    teardown();
}
END_TEST

int
main(void)
{
    return UNIT_RUN("merkle", AUD_01_roots_are_those_of_rfc_6962,
                    AUD_01_a_path_is_that_of_rfc_6962,
                    AUD_01_every_path_leads_to_its_root);
}
