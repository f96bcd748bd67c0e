/*
 * Passwords by libsodium and libcrypt.
 */

#include "password.h"

#include "digest.h"
#include "metrics.h"

#include <crypt.h>
#include <sodium.h>
#include <stdlib.h>

static struct {
    unsigned long long passes;
    size_t             memory_bytes;
    char               nobodys[crypto_pwhash_STRBYTES]; /* of no password */
} cost;

/* libsodium reads whole buffers of this size, and text that ends with a zero. */
static char *
terminated(dp_arena_t *arena, dp_slice_t text)
{
    size_t size = text.len < crypto_pwhash_STRBYTES ? crypto_pwhash_STRBYTES
                                                    : text.len + 1;
    char  *copy = dp_arena_zalloc(arena, size);

    memcpy(copy, text.data, text.len);

    return copy;
}

static bool
argon2id_hash(char hash[crypto_pwhash_STRBYTES], dp_slice_t password)
{
    dp_metric_add(DP_METRIC_PASSWORD_HASHES_ARGON2ID, 1);

    return crypto_pwhash_str_alg(hash, (const char *) password.data, password.len,
                                 cost.passes, cost.memory_bytes,
                                 crypto_pwhash_ALG_ARGON2ID13)
           == 0;
}

bool
dp_password_open(unsigned passes, size_t memory_bytes)
{
    uint8_t secret[DP_SHA256_SIZE];

    cost.passes = passes;
    cost.memory_bytes = memory_bytes;

    if (sodium_init() < 0) {
        return false;
    }

    randombytes_buf(secret, sizeof(secret));

    return argon2id_hash(cost.nobodys, dp_slice(secret, sizeof(secret)));
}

dp_slice_t
dp_password_hash(dp_arena_t *arena, dp_slice_t password)
{
    char *hash = dp_arena_zalloc(arena, crypto_pwhash_STRBYTES);

    if (!argon2id_hash(hash, password)) {
        abort();
    }

    return dp_slice_text(hash);
}

static bool
is_argon2id(dp_slice_t hash)
{
    return hash.len > 10 && memcmp(hash.data, "$argon2id$", 10) == 0;
}

static bool
bcrypt_verify(dp_arena_t *arena, dp_slice_t hash, dp_slice_t password)
{
    struct crypt_data *data = dp_arena_zalloc(arena, sizeof(*data));
    const char        *made;

    dp_metric_add(DP_METRIC_PASSWORD_HASHES_BCRYPT, 1);
    made = crypt_rn(terminated(arena, password), terminated(arena, hash), data,
                    (int) sizeof(*data));

    return made != NULL && dp_equal_secret(dp_slice_text(made), hash);
}

static bool
argon2id_verify(const char *hash, dp_slice_t password)
{
    dp_metric_add(DP_METRIC_PASSWORD_HASHES_ARGON2ID, 1);

    return crypto_pwhash_str_verify(hash, (const char *) password.data,
                                    password.len)
           == 0;
}

bool
dp_password_verify(dp_arena_t *arena, dp_slice_t hash, dp_slice_t password)
{
    if (hash.len == 0) {
        (void) argon2id_verify(cost.nobodys, password);
        return false;
    }

    return is_argon2id(hash) ? argon2id_verify(terminated(arena, hash), password)
                             : bcrypt_verify(arena, hash, password);
}

bool
dp_password_outdated(dp_arena_t *arena, dp_slice_t hash)
{
    return !is_argon2id(hash)
           || crypto_pwhash_str_needs_rehash(terminated(arena, hash), cost.passes,
                                             cost.memory_bytes)
                  != 0;
}
