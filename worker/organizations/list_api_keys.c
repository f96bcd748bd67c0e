/*
 * listApiKeys: the organisation's API keys, newest first, in pages.
 *
 * Who administers the organisation sees all of them, anybody else his own.
 * The rank is known when the rows are, so both listings are read, and the one
 * that the caller may see is shown.  Nobody can read a digest.
 */

#include "db/transaction.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/listing.h"
#include "policy/permission.h"

/* Names, punctuation, two ids, four times, a prefix and a number. */
#define SYNTAX_SIZE 512

static const dp_statement_t select_page = {
    .name = "list_api_keys.page",
    .sql = "select k.id, k.name, k.prefix, k.max_role,"
           "       pg_catalog.array_to_json(k.scopes), k.auth_level,"
           "       k.created_by, k.created_at, k.expires_at, k.revoked_at,"
           "       k.last_used_at"
           "  from dp.api_key k"
           " where k.org_id = app.current_org()"
           "   and (k.created_at, k.id) < ($1, $2)"
           "   and ($4 is null or k.created_by = $4)"
           " order by k.created_at desc, k.id desc"
           " limit $3",
};

enum {
    KEY_ID,
    KEY_NAME,
    KEY_PREFIX,
    KEY_MAX_ROLE,
    KEY_SCOPES,
    KEY_AUTH_LEVEL,
    KEY_CREATED_BY,
    KEY_CREATED_AT,
    KEY_EXPIRES_AT,
    KEY_REVOKED_AT,
    KEY_LAST_USED_AT,
};

static size_t
item_size(dp_row_t row)
{
    return SYNTAX_SIZE + dp_row_bytes(row, KEY_SCOPES).len
           + 6 * (dp_row_bytes(row, KEY_NAME).len
                  + dp_row_bytes(row, KEY_MAX_ROLE).len);
}

static void
item_write(dp_writer_t *writer, dp_row_t row)
{
    dp_write_text(writer, "\"id\":");
    dp_json_id(writer, dp_row_uuid(row, KEY_ID));
    dp_write_text(writer, ",\"name\":");
    dp_json_string(writer, dp_row_bytes(row, KEY_NAME));
    dp_write_text(writer, ",\"prefix\":");
    dp_json_string(writer, dp_row_bytes(row, KEY_PREFIX));
    dp_write_text(writer, ",\"maxRole\":");
    dp_json_string(writer, dp_row_bytes(row, KEY_MAX_ROLE));
    dp_write_text(writer, ",\"scopes\":");
    dp_write_bytes(writer, dp_row_bytes(row, KEY_SCOPES));
    dp_write_text(writer, ",\"authLevel\":");
    dp_json_uint(writer, (uint64_t) dp_row_int(row, KEY_AUTH_LEVEL));
    dp_write_text(writer, ",\"createdBy\":");
    dp_json_id(writer, dp_row_uuid(row, KEY_CREATED_BY));
    dp_write_text(writer, ",\"createdAt\":");
    dp_json_time(writer, dp_row_time_us(row, KEY_CREATED_AT));
    dp_write_text(writer, ",\"expiresAt\":");
    dp_render_time_or_null(writer, dp_row_time_us(row, KEY_EXPIRES_AT));
    dp_write_text(writer, ",\"revokedAt\":");
    dp_render_time_or_null(writer, dp_row_time_us(row, KEY_REVOKED_AT));
    dp_write_text(writer, ",\"lastUsedAt\":");
    dp_render_time_or_null(writer, dp_row_time_us(row, KEY_LAST_USED_AT));
}

static const dp_listing_items_t items = {
    .size = item_size,
    .write = item_write,
    .time = KEY_CREATED_AT,
    .id = KEY_ID,
};

static unsigned
page_queue(dp_op_t *op, const dp_page_t *page, dp_value_t created_by)
{
    return dp_transaction_queue(op, &select_page,
                                DP_BIND(DP_PAGE_VALUES(*page), created_by));
}

bool
dp_op_list_api_keys(dp_op_t *op)
{
    dp_value_t caller = dp_uuid(op->request->principal.user_id);
    dp_page_t  page;
    unsigned   all, own;

    if (!dp_page_read(op, &page)) {
        return false;
    }

    dp_transaction_begin(op);
    all = page_queue(op, &page, dp_null(caller));
    own = page_queue(op, &page, caller);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    return dp_listing_reply(
        op, &page,
        dp_transaction_row(op, dp_permission_administers(op) ? all : own),
        &items);
}
