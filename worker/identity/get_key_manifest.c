/*
 * getKeyManifest: which keys access tokens are signed with, by their ids; never
 * a secret.  A revoked one is shown for as long as its grace would have been.
 */

#include "db/transaction.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/etag.h"

#define ENTRY_SIZE 320 /* names, a kid, words, two times */

static const dp_statement_t select_keys = {
    .name = "get_key_manifest.keys",
    .sql = "select k.kid, k.alg,"
           "       case k.state when 'active' then 'active'"
           "                    when 'grace' then 'expiring'"
           "                    else 'revoked' end,"
           "       k.not_before,"
           "       case k.state when 'active' then null"
           "                    when 'grace' then k.grace_until"
           "                    else k.ended_at end"
           "  from dp.signing_key k"
           " where k.purpose = 'jwt'"
           "   and (k.state = 'active'"
           "        or k.state = 'grace' and k.grace_until > pg_catalog.now()"
           "        or k.state = 'revoked'"
           "           and k.ended_at > pg_catalog.now() - interval '8 days')"
           " order by k.not_before desc, k.kid",
};

enum {
    KEY_KID,
    KEY_ALG,
    KEY_STATUS,
    KEY_NOT_BEFORE,
    KEY_NOT_AFTER,
};

static void
key_write(dp_writer_t *writer, dp_row_t row)
{
    dp_write_text(writer, "{\"kid\":");
    dp_json_string(writer, dp_row_bytes(row, KEY_KID));
    dp_write_text(writer, ",\"alg\":");
    dp_json_string(writer, dp_row_bytes(row, KEY_ALG));
    dp_write_text(writer, ",\"use\":\"sig\",\"status\":");
    dp_json_string(writer, dp_row_bytes(row, KEY_STATUS));
    dp_write_text(writer, ",\"notBefore\":");
    dp_json_time(writer, dp_row_time_us(row, KEY_NOT_BEFORE));
    dp_write_text(writer, ",\"notAfter\":");
    dp_render_time_or_null(writer, dp_row_time_us(row, KEY_NOT_AFTER));
    dp_write_text(writer, "}");
}

static dp_slice_t
manifest_render(dp_op_t *op, dp_row_t rows)
{
    int         count = dp_row_count(rows);
    dp_writer_t writer = dp_render_begin(op->arena,
                                         (size_t) (count + 1) * ENTRY_SIZE);

    dp_write_text(&writer, "{\"keys\":[");

    for (int i = 0; i < count; i++) {
        dp_write_text(&writer, i == 0 ? "" : ",");
        key_write(&writer, dp_row_at(rows, i));
    }

    dp_write_text(&writer, "]}");

    return dp_render_end(&writer);
}

bool
dp_op_get_key_manifest(dp_op_t *op)
{
    unsigned keys;

    dp_transaction_begin(op);
    keys = dp_transaction_queue(op, &select_keys, DP_BIND_NONE);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    op->reply.status = 200;
    op->reply.body = manifest_render(op, dp_transaction_row(op, keys));
    dp_etag_fill(op, DP_ETAG_UNVERSIONED);

    return true;
}
