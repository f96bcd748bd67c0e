/*
 * The signing keys as this worker has them: unsealed, in memory only.
 *
 * The control thread puts them in whenever the control state was read anew; any
 * thread takes copies.  Whoever has a copy wipes it.  A key that comes signs only
 * after edges have had time to hear of it, unless there is no other: so no token
 * is younger than what an edge knows.
 */

#ifndef DP_KEY_RING_H
#define DP_KEY_RING_H

#include "dp_control_key.h"

/* How long a new key waits: for so long edges believe a feed that is silent. */
#define DP_KEY_RING_SETTLE_US UINT64_C(5000000)

typedef struct {
    char    kid[DP_CONTROL_KEY_KID];
    size_t  kid_len;
    uint8_t secret[DP_CONTROL_KEY_SECRET];
} dp_signing_key_t;

/*
 * Takes over the keys of a list of app.control_keys().  Writes them, unsealed, as
 * edges are told, to `packed`, which has room for DP_CONTROL_KEYS_SIZE bytes, and
 * returns that list.  What does not unseal is logged and left out.
 */
dp_slice_t dp_key_ring_put(dp_slice_t sealed, uint8_t *packed);

/* Whether there is a key of the purpose that signs, now or soon. */
bool dp_key_ring_has(dp_control_key_purpose_t purpose);

/* Since when the newest key of the purpose is there, microseconds since 1970; 0. */
uint64_t dp_key_ring_since_us(dp_control_key_purpose_t purpose);

/* Copies what signs at that time.  False: there is none. */
bool dp_key_ring_signing(dp_control_key_purpose_t purpose, uint64_t now_us,
                         dp_signing_key_t *key)
    __attribute__((warn_unused_result));

/* Copies the key of that id, if it verifies at that time. */
bool dp_key_ring_find(dp_control_key_purpose_t purpose, dp_slice_t kid,
                      uint64_t now_us, dp_signing_key_t *key)
    __attribute__((warn_unused_result));

/* Wipes all of it; for the end of the process and for tests. */
void dp_key_ring_clear(void);

#endif /* DP_KEY_RING_H */
