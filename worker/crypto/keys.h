/*
 * Keys of this installation, each derived from a master key for one purpose.
 *
 * There are up to two master keys, so that one can take the other's place
 * without a pause: the second, when there is one, seals; both unseal.  Loaded
 * once, before any thread starts; read only afterwards.  A master key itself is
 * wiped as soon as the others are derived.  HKDF-SHA-256, no salt, the purpose's
 * name as info.
 */

#ifndef DP_KEYS_H
#define DP_KEYS_H

#include "dp_bytes.h"

#define DP_KEY_SIZE 32
#define DP_KEY_ID_SIZE 8

typedef enum {
    DP_MASTER_V1, /* CM_ENC_MASTER_V1; always there */
    DP_MASTER_V2, /* CM_ENC_MASTER_V2 */
    DP_MASTER_COUNT
} dp_master_t;

typedef enum {
    DP_KEY_CURSOR,  /* authenticates the cursors of listings */
    DP_KEY_REFRESH, /* derives a refresh token's successor */
    DP_KEY_ACCOUNT, /* veils what could be guessed: addresses, bodies with passwords */
    DP_KEY_AUDIT,   /* authenticates seals of the audit trail */
    DP_KEY_CHECKPOINT, /* signs its checkpoints: the seed of an Ed25519 key */
    DP_KEY_COUNT
} dp_key_purpose_t;

/* What secrets at rest are sealed with: seal.h only. */
typedef struct {
    char    id[DP_KEY_ID_SIZE]; /* hexadecimal; of the key, not of its place */
    uint8_t secret[DP_KEY_SIZE];
} dp_sealing_key_t;

/*
 * Derives a master key's others from the 32 bytes of `path`, or, when `text`
 * is neither NULL nor empty, from its 64 hexadecimal digits or its 44 characters
 * of base64.  V1 comes before V2; again V1 forgets V2.  NULL, or a sentence that
 * says what is wrong with the master key.
 */
const char *dp_keys_load(dp_master_t master, const char *path, const char *text)
    __attribute__((warn_unused_result));

/* DP_KEY_SIZE bytes, derived from V1. */
const uint8_t *dp_key(dp_key_purpose_t purpose);

/* What seals now. */
const dp_sealing_key_t *dp_sealing_key(void);

/* The key of that id; NULL: its master key is not among ours. */
const dp_sealing_key_t *dp_sealing_key_find(dp_slice_t id);

#endif /* DP_KEYS_H */
