/*
 * A new API key: made here, shown once, kept as a digest.  Of this area only.
 */

#ifndef DP_NEW_API_KEY_H
#define DP_NEW_API_KEY_H

#include "crypto/digest.h"
#include "db/transaction.h"

#define DP_API_KEY_PREFIX_SIZE 8
#define DP_API_KEY_TEXT_SIZE (3 + DP_API_KEY_PREFIX_SIZE + 1 + 43)

typedef struct {
    uint8_t    id[DP_ID_SIZE];
    char       text[DP_API_KEY_TEXT_SIZE]; /* dp_PREFIX_SECRET */
    uint8_t    digest[DP_SHA256_SIZE];
    dp_slice_t name;
    dp_slice_t max_role;
    dp_slice_t scopes; /* names with commas between; empty: not confined */
    int        auth_level;
    uint64_t   created_us;
    uint64_t   expires_us;   /* 0: never */
    const uint8_t *rotated_from; /* NULL: no other key's successor */
} dp_new_api_key_t;

/* Makes id, text and digest. */
void dp_new_api_key_make(dp_new_api_key_t *key, const dp_op_t *op);

/*
 * Whether the caller may give away what the key may do: no role above his own,
 * no scope that his credential lacks.  False after dp_op_fail().
 */
bool dp_new_api_key_judge(dp_op_t *op, const dp_new_api_key_t *key)
    __attribute__((warn_unused_result));

/*
 * Queues the insert and its audit event, and fills the reply, which is stored
 * sealed.
 */
void dp_new_api_key_queue(dp_op_t *op, const dp_new_api_key_t *key);

#endif /* DP_NEW_API_KEY_H */
