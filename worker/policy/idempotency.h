/*
 * Idempotency keys: the same request with the same key has one effect and one
 * answer.
 *
 * The gate claims the key at the beginning of the transaction and the frame
 * stores the answer at its end, so a transaction that fails leaves no key.
 * Only 2xx answers are stored: a refusal may be repeated.
 */

#ifndef DP_IDEMPOTENCY_H
#define DP_IDEMPOTENCY_H

#include "db/transaction.h"

/*
 * Looks at the request's key before a transaction is begun.  False after
 * dp_op_fail(): IDEMPOTENCY_KEY_REQUIRED or VALIDATION_FAILED.
 */
bool dp_idempotency_check(dp_op_t *op) __attribute__((warn_unused_result));

/* True when the operation runs under a key. */
bool dp_idempotency_keyed(const dp_op_t *op);

/*
 * SHA-256 over operationId, a zero byte, the body, a zero byte, and each
 * parameter of the path followed by a zero byte.
 */
void dp_idempotency_fingerprint(uint8_t fingerprint[DP_FINGERPRINT_SIZE],
                                const dp_wire_request_t *request,
                                size_t param_count);

/* The reply holds a secret: it is stored sealed.  Before the transaction commits. */
void dp_idempotency_seal(dp_op_t *op);

/* Queues storing op->reply under the key, if there is one. */
void dp_idempotency_finish(dp_op_t *op);

#endif /* DP_IDEMPOTENCY_H */
