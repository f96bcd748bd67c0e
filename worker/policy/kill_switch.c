/*
 * The kill-switch gate.
 *
 * The edge's word and the worker's own refuse without a transaction
 * (dp_kill_switch_check); the database's rows are read behind a shared lock
 * that is held to the end of the transaction, so that who turns a switch on can
 * wait for the writes before.
 */

#include "policy/kill_switch.h"

#include "db/transaction.h"
#include "gates.h"
#include "own_switches.h"

static const dp_statement_t enter_write = {
    .name = "kill_switch.enter_write",
    .sql = "select app.enter_write($1)",
    .rows = DP_ROWS_ONE,
};

static bool
refuse(dp_op_t *op, uint32_t switches)
{
    return dp_op_fail(op, dp_error_for_switch(switches & (0 - switches)));
}

bool
dp_kill_switch_check(dp_op_t *op)
{
    uint32_t on = (op->request->switches | dp_own_switches())
                  & op->route->kill_classes;

    return on == 0 ? true : refuse(op, on);
}

static bool
kill_switch_applies(const dp_op_t *op)
{
    return op->route->mutates && op->route->kill_classes != 0;
}

static void
kill_switch_queue(dp_op_t *op)
{
    dp_transaction_queue(op, &enter_write,
                         DP_BIND(dp_int4((int32_t) op->route->kill_classes)));
}

static bool
kill_switch_judge(dp_op_t *op, dp_row_t row)
{
    uint32_t on = (uint32_t) dp_row_int(row, 0);

    return on == 0 ? true : refuse(op, on);
}

const dp_gate_t dp_gate_kill_switch = {
    kill_switch_applies,
    kill_switch_queue,
    kill_switch_judge,
};
