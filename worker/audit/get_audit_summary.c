/*
 * getAuditSummary: how often what was done or refused, without who or to what.
 */

#include "audit.h"
#include "db/transaction.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/etag.h"
#include "policy/input.h"

/* Names and punctuation of an item, and a number. */
#define ITEM_SIZE 96
#define SYNTAX_SIZE 128

static const dp_statement_t select_counts = {
    .name = "get_audit_summary.counts",
    .sql = "with span as ("
           "    select coalesce(($1::text)::timestamptz,"
           "                    pg_catalog.now() - interval '30 days') as since,"
           "           coalesce(($2::text)::timestamptz, pg_catalog.now()) as till)"
           " select s.since, s.till, c.action, c.outcome, c.events"
           "   from span s"
           "   left join lateral ("
           "       select e.action, e.outcome, count(*) as events"
           "         from dp.audit_event e"
           "        where e.org_id = app.current_org()"
           "          and e.at >= s.since"
           "          and e.at < s.till"
           "        group by e.action, e.outcome) c on true"
           "  order by c.action, c.outcome",
};

enum {
    COUNT_SINCE,
    COUNT_TILL,
    COUNT_ACTION,
    COUNT_OUTCOME,
    COUNT_EVENTS,
};

static size_t
summary_size(dp_row_t rows)
{
    size_t size = SYNTAX_SIZE;

    for (int i = 0; i < dp_row_count(rows); i++) {
        dp_row_t row = dp_row_at(rows, i);

        size += ITEM_SIZE
                + 6 * (dp_row_bytes(row, COUNT_ACTION).len
                       + dp_row_bytes(row, COUNT_OUTCOME).len);
    }

    return size;
}

static void
item_write(dp_writer_t *writer, dp_row_t row)
{
    dp_write_text(writer, "{\"action\":");
    dp_json_string(writer, dp_row_bytes(row, COUNT_ACTION));
    dp_write_text(writer, ",\"outcome\":");
    dp_json_string(writer, dp_row_bytes(row, COUNT_OUTCOME));
    dp_write_text(writer, ",\"count\":");
    dp_json_uint(writer, (uint64_t) dp_row_int(row, COUNT_EVENTS));
    dp_write_text(writer, "}");
}

/* Without events there is one row, of the span alone. */
static dp_slice_t
summary_render(dp_op_t *op, dp_row_t rows)
{
    dp_writer_t writer = dp_render_begin(op->arena, summary_size(rows));

    dp_write_text(&writer, "{\"from\":");
    dp_json_time(&writer, dp_row_time_us(rows, COUNT_SINCE));
    dp_write_text(&writer, ",\"to\":");
    dp_json_time(&writer, dp_row_time_us(rows, COUNT_TILL));
    dp_write_text(&writer, ",\"items\":[");

    for (int i = 0; i < dp_row_count(rows); i++) {
        dp_row_t row = dp_row_at(rows, i);

        if (!dp_row_null(row, COUNT_ACTION)) {
            dp_write_text(&writer, i == 0 ? "" : ",");
            item_write(&writer, row);
        }
    }

    dp_write_text(&writer, "]}");

    return dp_render_end(&writer);
}

bool
dp_op_get_audit_summary(dp_op_t *op)
{
    const dp_parameters_t *parameters = &op->input->parameters;
    unsigned               counts;

    dp_transaction_begin(op);
    counts = dp_transaction_queue(
        op, &select_counts,
        DP_BIND(dp_text_or_null(dp_parameter_text(parameters, "from")),
                dp_text_or_null(dp_parameter_text(parameters, "to"))));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    op->reply.status = 200;
    op->reply.body = summary_render(op, dp_transaction_row(op, counts));
    dp_etag_fill(op, DP_ETAG_UNVERSIONED);

    return true;
}
