/*
 * getAuditEvent: one event with its detail, and the seal that covers it.
 */

#include "audit.h"
#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/etag.h"

/* Names, a flag and a number. */
#define SYNTAX_SIZE 128

static const dp_statement_t select_event = {
    .name = "get_audit_event.event",
    .sql = "select " DP_AUDIT_EVENT_COLUMNS ", s.no"
           "  from dp.audit_event e"
           "  left join dp.audit_detail d on d.seq = e.seq"
           "  left join lateral ("
           "      select s.no"
           "        from dp.audit_seal s"
           "       where s.chain_id = e.chain_id"
           "         and s.last_seq >= e.seq"
           "         and s.first_seq <= e.seq"
           "         and e.seq = any (s.seqs)"
           "       order by s.last_seq"
           "       limit 1) s on true"
           " where e.org_id = app.current_org()"
           "   and e.id = $1",
};

enum { EVENT_SEAL = DP_AUDIT_EVENT_COLUMN_COUNT };

static dp_slice_t
event_render(dp_op_t *op, dp_row_t row)
{
    uint8_t          at[8];
    dp_audit_event_t event = dp_audit_event_row(row, 0, at);
    bool             detailed = (event.null >> DP_AUDIT_DETAIL_HASH & 1) == 0;
    size_t           size = SYNTAX_SIZE + dp_audit_event_size(&event)
                  + event.detail.len;
    dp_writer_t      writer = dp_render_begin(op->arena, size);

    dp_write_text(&writer, "{");
    dp_audit_event_members(&writer, &event);
    dp_write_text(&writer, ",\"detail\":");
    dp_write_bytes(&writer, event.detail.len == 0 ? DP_SLICE("null")
                                                  : event.detail);
    dp_write_text(&writer, ",\"detailErased\":");
    dp_write_text(&writer, detailed && event.salt.len == 0 ? "true" : "false");
    dp_write_text(&writer, ",\"seal\":");

    if (dp_row_null(row, EVENT_SEAL)) {
        dp_write_text(&writer, "null");
    } else {
        dp_json_uint(&writer, (uint64_t) dp_row_int(row, EVENT_SEAL));
    }

    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

bool
dp_op_get_audit_event(dp_op_t *op)
{
    enum { ORG_ID, EVENT_ID };
    uint8_t  id[DP_ID_SIZE];
    unsigned found;
    dp_row_t row;

    if (!dp_id_parse(id, op->request->params[EVENT_ID])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    found = dp_transaction_queue(op, &select_event, DP_BIND(dp_uuid(id)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, found);

    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    op->reply.status = 200;
    op->reply.body = event_render(op, row);
    dp_etag_fill(op, DP_ETAG_UNVERSIONED);

    return true;
}
