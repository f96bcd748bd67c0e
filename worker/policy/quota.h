/*
 * Quotas: taken in the transaction of the change that uses them, given back in
 * that of the change that ends the use.
 *
 * The counter's row is shared by all changes of an organisation, so the frame
 * takes it as the last thing before COMMIT; exact under concurrency.
 */

#ifndef DP_QUOTA_H
#define DP_QUOTA_H

#include "db/transaction.h"

/*
 * The change of this transaction takes `amount` of a metric, or gives it back;
 * one of them, and once at most.
 */
void dp_quota_take(dp_op_t *op, const char *metric, int64_t amount);
void dp_quota_give_back(dp_op_t *op, const char *metric, int64_t amount);

/* Refuses with QUOTA_EXCEEDED and {"metric","used","limit"}; always false. */
bool dp_quota_refuse(dp_op_t *op, const char *metric, int64_t used,
                     int64_t limit);

/* For the frame: queues what was asked for, and judges its result. */
unsigned dp_quota_queue(dp_op_t *op);
bool     dp_quota_judge(dp_op_t *op, unsigned result)
    __attribute__((warn_unused_result));

#endif /* DP_QUOTA_H */
