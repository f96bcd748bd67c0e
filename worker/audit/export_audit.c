/*
 * exportAudit: the sealed trail as lines of JSON, in pages of whole seals, which joined
 * are one document: a line that says what it is, events with their seal behind them,
 * and the checkpoint on the last page.
 */

#include "audit.h"
#include "checkpoint.h"
#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/input.h"
#include "policy/link.h"
#include "policy/page.h"

#define FIRST_LINE_SIZE (256 + 6 * DP_NOTE_KEY_TEXT_SIZE)
#define LAST_LINE_SIZE (64 + 6 * DP_NOTE_SIZE(DP_CHECKPOINT_SIZE))
#define SALT_SIZE 128

static const dp_statement_t select_walk = {
    .name = "export_audit.walk",
    .sql = DP_AUDIT_WALK_SQL("s.chain_id = app.current_org()"),
};

static const dp_statement_t select_head = {
    .name = "export_audit.head",
    .sql = "select coalesce(max(s.no), 0)"
           "  from dp.audit_seal s"
           " where s.chain_id = app.current_org()",
    .rows = DP_ROWS_ONE,
};

/* Where the document ends: behind the last seal that was written. */
typedef struct {
    uint64_t  no;
    dp_hash_t hash;
} end_t;

static size_t
lines_size(dp_row_t rows)
{
    size_t size = FIRST_LINE_SIZE + LAST_LINE_SIZE;

    for (int i = 0; i < dp_row_count(rows); i++) {
        uint8_t          at[8];
        dp_audit_event_t event = dp_audit_event_row(dp_row_at(rows, i),
                                                    DP_AUDIT_WALK_EVENT, at);

        size += DP_AUDIT_SEAL_JSON_SIZE + SALT_SIZE + 6 * event.detail.len
                + dp_audit_event_size(&event);
    }

    return size;
}

static void
first_write(dp_op_t *op, dp_writer_t *writer)
{
    dp_write_text(writer, "{\"type\":\"export\",\"format\":"
                          "\"devpilot.audit-export.v1\",\"chainId\":");
    dp_json_id(writer, op->request->principal.org_id);
    dp_write_text(writer, ",\"key\":");
    dp_json_string(writer, dp_checkpoint_key(op->arena));
    dp_write_text(writer, "}\n");
}

static void
event_write(dp_writer_t *writer, dp_row_t row)
{
    uint8_t          at[8];
    dp_audit_event_t event = dp_audit_event_row(row, DP_AUDIT_WALK_EVENT, at);

    dp_write_text(writer, "{\"type\":\"event\",");
    dp_audit_event_members(writer, &event);

    if (event.salt.len == DP_ID_SIZE) {
        char salt[2 * DP_ID_SIZE];

        dp_hex_format(salt, event.salt.data, DP_ID_SIZE);
        dp_write_text(writer, ",\"salt\":");
        dp_json_string(writer, dp_slice(salt, sizeof(salt)));
        dp_write_text(writer, ",\"detail\":");
        dp_json_string(writer, event.detail);
    }

    dp_write_text(writer, "}\n");
}

static void
seal_write(dp_writer_t *writer, const dp_audit_seal_t *seal, bool retained)
{
    dp_write_text(writer, "{\"type\":\"seal\",");
    dp_audit_seal_members(writer, seal);
    dp_write_text(writer, retained ? "}\n" : ",\"eventsKept\":false}\n");
}

static end_t
rows_write(dp_writer_t *writer, dp_row_t rows)
{
    enum { NO = 1 };
    int   count = dp_row_count(rows);
    end_t end = {0};

    for (int i = 0; i < count; i++) {
        dp_row_t        row = dp_row_at(rows, i);
        dp_audit_seal_t seal = dp_audit_seal_row(row, 0);
        bool            retained = dp_row_bool(row, DP_AUDIT_WALK_RETAINED);

        if (retained && !dp_row_null(row, DP_AUDIT_WALK_EVENT)) {
            event_write(writer, row);
        }

        if (i + 1 == count
            || (uint64_t) dp_row_int(dp_row_at(rows, i + 1), NO) != seal.no) {
            seal_write(writer, &seal, retained);
            end = (end_t) {seal.no, seal.hash};
        }
    }

    return end;
}

static void
last_write(dp_op_t *op, dp_writer_t *writer, const end_t *end)
{
    dp_write_text(writer, "{\"type\":\"checkpoint\",\"note\":");
    dp_json_string(writer, dp_checkpoint_make(op->arena,
                                              op->request->principal.org_id,
                                              end->no, &end->hash));
    dp_write_text(writer, "}\n");
}

/* The next page begins behind a seal, whose number is what the cursor has. */
static void
link_write(dp_op_t *op, unsigned limit, uint64_t no)
{
    static const uint8_t none[DP_ID_SIZE];
    dp_page_position_t   position = dp_page_position(no, none);

    dp_link_next(op, limit, dp_page_cursor(op, &position));
}

static dp_slice_t
page_render(dp_op_t *op, const dp_page_t *page, dp_row_t rows, uint64_t head)
{
    dp_writer_t writer = dp_render_begin(op->arena, lines_size(rows));
    end_t       end;

    if (page->position.time_us == 0) {
        first_write(op, &writer);
    }

    end = rows_write(&writer, rows);

    if (end.no < head) {
        link_write(op, page->limit, end.no);
    } else {
        last_write(op, &writer, &end);
    }

    return dp_render_end(&writer);
}

bool
dp_op_export_audit(dp_op_t *op)
{
    dp_page_t page;
    unsigned  head, walk;
    dp_row_t  row;

    if (!dp_page_read(op, &page)) {
        return false;
    }

    if (!dp_parameter_present(&op->input->parameters, "cursor")) {
        page.position = (dp_page_position_t) {0};
    }

    dp_transaction_begin(op);
    head = dp_transaction_queue(op, &select_head, DP_BIND_NONE);
    walk = dp_transaction_queue(op, &select_walk,
                                DP_BIND(dp_int8((int64_t) page.position.time_us),
                                        dp_int8(page.limit)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, head);
    op->reply.status = 200;
    op->reply.content_type = DP_SLICE("application/x-ndjson");
    op->reply.body = page_render(op, &page, dp_transaction_row(op, walk),
                                 (uint64_t) dp_row_int(row, 0));

    return true;
}
