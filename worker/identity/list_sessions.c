/*
 * listSessions: the caller's own sessions that have not ended, newest first.
 */

#include "db/transaction.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/listing.h"
#include "session.h"

/* Names, punctuation, two ids, five times and a number. */
#define SYNTAX_SIZE 640

static const dp_statement_t select_page = {
    .name = "list_sessions.page",
    .sql = "select id, org_id, transport, auth_level, auth_at, created_at,"
           "       last_seen_at, expires_at, absolute_expires_at, address,"
           "       user_agent, id = app.current_credential()"
           "  from app.actor_sessions($1, $2, $3)",
};

enum {
    SESSION_ID,
    SESSION_ORG_ID,
    SESSION_TRANSPORT,
    SESSION_AUTH_LEVEL,
    SESSION_AUTH_AT,
    SESSION_CREATED_AT,
    SESSION_LAST_SEEN_AT,
    SESSION_EXPIRES_AT,
    SESSION_ABSOLUTE_EXPIRES_AT,
    SESSION_ADDRESS,
    SESSION_USER_AGENT,
    SESSION_CURRENT,
};

static size_t
item_size(dp_row_t row)
{
    return SYNTAX_SIZE
           + 6 * (dp_row_bytes(row, SESSION_ADDRESS).len
                  + dp_row_bytes(row, SESSION_USER_AGENT).len);
}

static void
times_write(dp_writer_t *writer, dp_row_t row)
{
    static const struct {
        const char *name;
        int         column;
    } times[] = {
        {",\"authenticatedAt\":", SESSION_AUTH_AT},
        {",\"createdAt\":", SESSION_CREATED_AT},
        {",\"lastSeenAt\":", SESSION_LAST_SEEN_AT},
        {",\"expiresAt\":", SESSION_EXPIRES_AT},
        {",\"absoluteExpiresAt\":", SESSION_ABSOLUTE_EXPIRES_AT},
    };

    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        dp_write_text(writer, times[i].name);
        dp_json_time(writer, dp_row_time_us(row, times[i].column));
    }
}

static void
item_write(dp_writer_t *writer, dp_row_t row)
{
    dp_write_text(writer, "\"id\":");
    dp_json_id(writer, dp_row_uuid(row, SESSION_ID));
    dp_write_text(writer, ",\"current\":");
    dp_write_text(writer, dp_row_bool(row, SESSION_CURRENT) ? "true" : "false");
    dp_write_text(writer, ",\"orgId\":");
    dp_json_id(writer, dp_row_uuid(row, SESSION_ORG_ID));
    dp_write_text(writer, ",\"transport\":");
    dp_json_string(writer, dp_row_bytes(row, SESSION_TRANSPORT));
    dp_write_text(writer, ",\"authLevel\":");
    dp_json_uint(writer, (uint64_t) dp_row_int(row, SESSION_AUTH_LEVEL));
    times_write(writer, row);
    dp_write_text(writer, ",\"address\":");
    dp_render_text_or_null(writer, dp_row_bytes(row, SESSION_ADDRESS));
    dp_write_text(writer, ",\"userAgent\":");
    dp_render_text_or_null(writer, dp_row_bytes(row, SESSION_USER_AGENT));
}

static const dp_listing_items_t items = {
    .size = item_size,
    .write = item_write,
    .time = SESSION_CREATED_AT,
    .id = SESSION_ID,
};

bool
dp_op_list_sessions(dp_op_t *op)
{
    dp_page_t page;
    unsigned  rows;

    if (!dp_session_required(op) || !dp_page_read(op, &page)) {
        return false;
    }

    dp_transaction_begin(op);
    rows = dp_transaction_queue(op, &select_page, DP_BIND(DP_PAGE_VALUES(page)));

    return dp_transaction_facts(op)
           && dp_listing_reply(op, &page, dp_transaction_row(op, rows), &items);
}
