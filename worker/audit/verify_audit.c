/*
 * verifyAudit: walks the organisation's chain from a seal on, as far as one request
 * can, and says what the first fault is.
 */

#include "audit.h"
#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/audit.h"
#include "policy/input.h"

#define PORTION 20000 /* events */
#define SYNTAX_SIZE (256 + DP_AUDIT_WALK_JSON_SIZE)

static const dp_statement_t select_start = {
    .name = "verify_audit.start",
    .sql = "select h.no, s.hash"
           "  from (select coalesce(max(s.no), 0) as no"
           "          from dp.audit_seal s"
           "         where s.chain_id = app.current_org()) h"
           "  left join dp.audit_seal s"
           "    on s.chain_id = app.current_org()"
           "   and s.no = $1",
    .rows = DP_ROWS_ONE,
};

enum {
    START_HEAD,
    START_HASH,
};

static const dp_statement_t select_walk = {
    .name = "verify_audit.walk",
    .sql = DP_AUDIT_WALK_SQL("s.chain_id = app.current_org()"),
};

static dp_slice_t
verdict_render(dp_op_t *op, const dp_audit_walk_t *walk, uint64_t head)
{
    bool        sound = walk->fault == DP_AUDIT_SOUND;
    dp_writer_t writer = dp_render_begin(op->arena, SYNTAX_SIZE);

    dp_write_text(&writer, sound ? "{\"valid\":true" : "{\"valid\":false");
    dp_write_text(&writer, ",\"firstBad\":");
    dp_audit_walk_write(&writer, walk);
    dp_write_text(&writer, ",\"events\":");
    dp_json_uint(&writer, walk->check.events);
    dp_write_text(&writer, ",\"sealsWithoutEvents\":");
    dp_json_uint(&writer, walk->pruned);
    dp_write_text(&writer, ",\"through\":");
    dp_json_uint(&writer, walk->check.no);
    dp_write_text(&writer, ",\"hasMore\":");
    dp_write_text(&writer, sound && walk->check.no < head ? "true}" : "false}");

    return dp_render_end(&writer);
}

/* False: OpenSSL refused. */
static bool
rows_verify(dp_op_t *op, uint64_t after, dp_row_t start, dp_row_t rows)
{
    dp_audit_walk_t *walk = dp_arena_alloc(op->arena, sizeof(*walk));
    dp_hash_t        hash = dp_audit_hash(start, START_HASH);
    bool             opened = dp_audit_walk_open(walk,
                                                 op->request->principal.org_id,
                                                 after, &hash);

    if (opened) {
        dp_audit_walk_rows(walk, rows);
        op->reply.status = 200;
        op->reply.body = verdict_render(op, walk,
                                        (uint64_t) dp_row_int(start, START_HEAD));
    }

    dp_audit_walk_close(walk);

    return opened;
}

bool
dp_op_verify_audit(dp_op_t *op)
{
    int64_t  after = dp_parameter_integer(&op->input->parameters, "after");
    char     org[DP_ID_TEXT_SIZE];
    unsigned start, walk;
    dp_row_t row;

    dp_transaction_begin(op);
    start = dp_transaction_queue(op, &select_start, DP_BIND(dp_int8(after)));
    walk = dp_transaction_queue(op, &select_walk,
                                DP_BIND(dp_int8(after), dp_int8(PORTION)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, start);

    if (after != 0 && dp_row_null(row, START_HASH)) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    if (!rows_verify(op, (uint64_t) after, row, dp_transaction_row(op, walk))) {
        return dp_op_fail(op, DP_ERR_INTERNAL);
    }

    dp_id_format(org, op->request->principal.org_id);
    dp_audit_change(op, "org", dp_slice(org, sizeof(org)), dp_slice(NULL, 0));

    return dp_transaction_commit(op);
}
