/*
 * Taking a quota, refusing when it is used up, and giving it back.
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

static const dp_statement_t quota_give_back = {
    .name = "quota.give_back",
    .sql = "select app.quota_give_back($1, $2)",
    .rows = DP_ROWS_ONE,
};

/* An amount below 0 is given back. */
static void
change_note(dp_op_t *op, const char *metric, int64_t amount)
{
    dp_transaction_t *transaction = dp_transaction(op);

    assert(transaction->quota_metric == NULL);

    transaction->quota_metric = metric;
    transaction->quota_amount = amount;
}

void
dp_quota_take(dp_op_t *op, const char *metric, int64_t amount)
{
    change_note(op, metric, amount);
}

void
dp_quota_give_back(dp_op_t *op, const char *metric, int64_t amount)
{
    change_note(op, metric, -amount);
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
    const dp_transaction_t *transaction = dp_transaction(op);
    dp_slice_t              metric = dp_slice_text(transaction->quota_metric);
    int64_t                 amount = transaction->quota_amount;

    if (transaction->quota_metric == NULL) {
        return 0;
    }

    if (amount < 0) {
        return dp_transaction_queue(op, &quota_give_back,
                                    DP_BIND(dp_text(metric), dp_int8(-amount)));
    }

    return dp_transaction_queue(op, &quota_take,
                                DP_BIND(dp_text(metric), dp_int8(amount)));
}

bool
dp_quota_judge(dp_op_t *op, unsigned result)
{
    const dp_transaction_t *transaction = dp_transaction(op);
    const char             *metric = transaction->quota_metric;
    dp_row_t                row;

    if (metric == NULL || transaction->quota_amount < 0) {
        return true;
    }

    row = dp_transaction_row(op, result);

    return dp_row_bool(row, QUOTA_TAKEN)
               ? true
               : dp_quota_refuse(op, metric, dp_row_int(row, QUOTA_USED),
                                 dp_row_int(row, QUOTA_LIMIT));
}
