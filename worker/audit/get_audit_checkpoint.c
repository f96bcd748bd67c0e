/*
 * getAuditCheckpoint: the organisation's newest seal as a signed note.
 */

#include "audit.h"
#include "checkpoint.h"
#include "db/transaction.h"
#include "dp_operations.h"

static const dp_statement_t select_head = {
    .name = "get_audit_checkpoint.head",
    .sql = "select s.no, s.hash"
           "  from dp.audit_seal s"
           " where s.chain_id = app.current_org()"
           " order by s.no desc"
           " limit 1",
};

bool
dp_op_get_audit_checkpoint(dp_op_t *op)
{
    enum { NO, HASH };
    unsigned  head;
    dp_row_t  row;
    dp_hash_t hash = {{0}};
    uint64_t  no = 0;

    dp_transaction_begin(op);
    head = dp_transaction_queue(op, &select_head, DP_BIND_NONE);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, head);

    if (dp_row_count(row) != 0) {
        no = (uint64_t) dp_row_int(row, NO);
        hash = dp_audit_hash(row, HASH);
    }

    op->reply.status = 200;
    op->reply.content_type = DP_SLICE("text/plain; charset=utf-8");
    op->reply.body = dp_checkpoint_make(op->arena, op->request->principal.org_id,
                                        no, &hash);

    return op->reply.body.len != 0 ? true : dp_op_fail(op, DP_ERR_INTERNAL);
}
