/*
 * The packed list of signing keys in a control message: the ring by which our own
 * tokens are verified, and CSRF tokens made.
 *
 *     key   u8 purpose, u8 state, u64 not_after in microseconds since 1970 (0: none)
 *           u8 length, kid
 *           u16 length, secret
 *
 * Integers are big-endian.  Nothing here allocates; what is read borrows, and who
 * keeps a secret wipes it.
 */

#ifndef DP_CONTROL_KEY_H
#define DP_CONTROL_KEY_H

#include "dp_bytes.h"

#define DP_CONTROL_KEYS 16
#define DP_CONTROL_KEY_SECRET 32 /* bytes: HMAC-SHA256 takes no more */
#define DP_CONTROL_KEY_KID 64    /* at most */
#define DP_CONTROL_KEYS_SIZE                                                  \
    (DP_CONTROL_KEYS                                                          \
     * (1 + 1 + 8 + 1 + DP_CONTROL_KEY_KID + 2 + DP_CONTROL_KEY_SECRET))

typedef enum {
    DP_CONTROL_KEY_JWT = 1,
    DP_CONTROL_KEY_CSRF = 2,
} dp_control_key_purpose_t;

typedef enum {
    DP_CONTROL_KEY_ACTIVE = 1, /* signs */
    DP_CONTROL_KEY_GRACE = 2,  /* verifies what it signed before */
} dp_control_key_state_t;

typedef struct {
    uint8_t    purpose; /* dp_control_key_purpose_t */
    uint8_t    state;   /* dp_control_key_state_t */
    uint64_t   not_after_us;
    dp_slice_t kid; /* 1 to DP_CONTROL_KEY_KID bytes */
    dp_slice_t secret; /* DP_CONTROL_KEY_SECRET bytes */
} dp_control_key_t;

/* Takes one from the front of a list; false at its end, and where it is broken. */
bool dp_control_key_next(dp_slice_t *list, dp_control_key_t *key);

/* Whether a list is whole and within the bounds. */
bool dp_control_keys_valid(dp_slice_t list) __attribute__((warn_unused_result));

/* Adds an entry to the end of a list. */
void dp_control_key_write(dp_writer_t *list, const dp_control_key_t *key);

#endif /* DP_CONTROL_KEY_H */
