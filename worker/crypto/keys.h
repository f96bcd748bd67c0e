/*
 * Keys of this installation, each derived from the master key for one purpose.
 *
 * Loaded once, before any thread starts; read only afterwards.  The master key
 * itself is wiped as soon as the others are derived.  HKDF-SHA-256, no salt,
 * the purpose's name as info.
 */

#ifndef DP_KEYS_H
#define DP_KEYS_H

#include "dp_bytes.h"

#define DP_KEY_SIZE 32

typedef enum {
    DP_KEY_CURSOR, /* authenticates the cursors of listings */
    DP_KEY_COUNT
} dp_key_purpose_t;

/*
 * Derives all keys from the 32 bytes of `path`, or, when `text`
 * (CM_ENC_MASTER_V1) is neither NULL nor empty, from its 64 hexadecimal digits
 * or its 44 characters of base64.  NULL, or a sentence
 * that says what is wrong with the master key.
 */
const char *dp_keys_load(const char *path, const char *text)
    __attribute__((warn_unused_result));

/* DP_KEY_SIZE bytes. */
const uint8_t *dp_key(dp_key_purpose_t purpose);

#endif /* DP_KEYS_H */
