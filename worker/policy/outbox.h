/*
 * The outbox: events that others are told of once the transaction is
 * committed.
 */

#ifndef DP_OUTBOX_H
#define DP_OUTBOX_H

#include "db/transaction.h"

/* Queues an event in the running transaction; `payload` is a JSON object. */
void dp_outbox(dp_op_t *op, const char *topic, dp_slice_t key,
               dp_slice_t payload);

#endif /* DP_OUTBOX_H */
