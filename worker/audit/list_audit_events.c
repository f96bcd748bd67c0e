/*
 * listAuditEvents: the organisation's audit trail, the newest first, in pages, narrowed
 * by what the query says.
 */

#include "audit.h"
#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "policy/input.h"
#include "policy/listing.h"

static const dp_statement_t select_page = {
    .name = "list_audit_events.page",
    .sql = "select " DP_AUDIT_EVENT_COLUMNS
           "  from dp.audit_event e"
           " cross join (values (null::bytea, null::json)) d (salt, detail)"
           " where e.org_id = app.current_org()"
           "   and (e.at, e.id) < ($1, $2)"
           "   and ($4 is null or e.action = $4)"
           "   and ($5 is null or e.actor_id = $5 or e.credential_id = $5)"
           "   and ($6 is null or e.target_id = $6)"
           "   and ($7 is null or e.outcome = $7)"
           "   and ($8::text is null or e.at >= ($8::text)::timestamptz)"
           "   and ($9::text is null or e.at < ($9::text)::timestamptz)"
           " order by e.at desc, e.id desc"
           " limit $3",
};

static size_t
item_size(dp_row_t row)
{
    uint8_t          at[8];
    dp_audit_event_t event = dp_audit_event_row(row, 0, at);

    return dp_audit_event_size(&event);
}

static void
item_write(dp_writer_t *writer, dp_row_t row)
{
    uint8_t          at[8];
    dp_audit_event_t event = dp_audit_event_row(row, 0, at);

    dp_audit_event_members(writer, &event);
}

static const dp_listing_items_t items = {
    .size = item_size,
    .write = item_write,
    .time = DP_AUDIT_AT,
    .id = DP_AUDIT_ID,
};

static dp_value_t
filter_text(const dp_op_t *op, const char *name)
{
    return dp_text_or_null(dp_parameter_text(&op->input->parameters, name));
}

/* A UUID, which was judged, or null. */
static dp_value_t
filter_id(const dp_op_t *op, const char *name, uint8_t id[DP_ID_SIZE])
{
    dp_slice_t text = dp_parameter_text(&op->input->parameters, name);

    return dp_id_parse(id, text) ? dp_uuid(id) : dp_null(dp_uuid(NULL));
}

bool
dp_op_list_audit_events(dp_op_t *op)
{
    uint8_t   actor[DP_ID_SIZE];
    dp_page_t page;
    unsigned  rows;

    if (!dp_page_read(op, &page)) {
        return false;
    }

    dp_transaction_begin(op);
    rows = dp_transaction_queue(
        op, &select_page,
        DP_BIND(DP_PAGE_VALUES(page), filter_text(op, "action"),
                filter_id(op, "actor", actor), filter_text(op, "target"),
                filter_text(op, "outcome"), filter_text(op, "from"),
                filter_text(op, "to")));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    return dp_listing_reply(op, &page, dp_transaction_row(op, rows), &items);
}
