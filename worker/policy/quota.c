/*
 * Taking a quota and refusing when it is used up.
 */

#include "quota.h"

#include <assert.h>
#include <inttypes.h>

static const dp_statement_t quota_take = {
    .name = "quota.take",
    .sql = "select taken, used, max_value from app.quota_take($1, $2)",
    .rows = DP_ROWS_ONE,
};

enum {
    QUOTA_TAKEN,
    QUOTA_USED,
    QUOTA_LIMIT,
};

void
dp_quota_take(dp_op_t *op, const char *metric, int64_t amount)
{
    dp_transaction_t *transaction = dp_transaction(op);

    assert(transaction->quota_metric == NULL);

    transaction->quota_metric = metric;
    transaction->quota_amount = amount;
}

bool
dp_quota_refuse(dp_op_t *op, const char *metric, int64_t used, int64_t limit)
{
    return dp_op_fail_details(
        op, DP_ERR_QUOTA_EXCEEDED,
        dp_arena_printf(op->arena,
                        "{\"metric\":\"%s\",\"used\":%" PRId64
                        ",\"limit\":%" PRId64 "}",
                        metric, used, limit));
}

unsigned
dp_quota_queue(dp_op_t *op)
{
    dp_transaction_t *transaction = dp_transaction(op);

    if (transaction->quota_metric == NULL) {
        return 0;
    }

    return dp_transaction_queue(
        op, &quota_take,
        DP_BIND(dp_text(dp_slice_text(transaction->quota_metric)),
                dp_int8(transaction->quota_amount)));
}

bool
dp_quota_judge(dp_op_t *op, unsigned result)
{
    const char *metric = dp_transaction(op)->quota_metric;
    dp_row_t    row;

    if (metric == NULL) {
        return true;
    }

    row = dp_transaction_row(op, result);

    return dp_row_bool(row, QUOTA_TAKEN)
               ? true
               : dp_quota_refuse(op, metric, dp_row_int(row, QUOTA_USED),
                                 dp_row_int(row, QUOTA_LIMIT));
}
