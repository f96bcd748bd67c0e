/*
 * revokeApiKey: ends an API key for ever.
 *
 * Revoking one again changes nothing and is answered like the first time.  No
 * kill switch refuses it: a key that leaked cannot wait.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "policy/audit.h"

static const dp_statement_t lock_key = {
    .name = "revoke_api_key.lock",
    .sql = "select k.prefix, k.revoked_at is not null"
           "  from dp.api_key k"
           " where k.org_id = app.current_org()"
           "   and k.id = $1"
           "   for no key update",
};

enum {
    KEY_PREFIX,
    KEY_REVOKED,
};

static const dp_statement_t mark_revoked = {
    .name = "revoke_api_key.mark_revoked",
    .sql = "update dp.api_key"
           "   set revoked_at = pg_catalog.now()"
           " where org_id = app.current_org()"
           "   and id = $1",
    .rows = DP_ROWS_ONE,
};

static bool
key_judge(dp_op_t *op, dp_row_t row)
{
    return dp_row_count(row) == 1 ? true
                                  : dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
}

static bool
key_revoke(dp_op_t *op, const uint8_t *id, dp_slice_t prefix)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, id);
    dp_transaction_queue(op, &mark_revoked, DP_BIND(dp_uuid(id)));
    dp_audit_change(op, "api_key", dp_slice(text, sizeof(text)),
                    dp_arena_printf(op->arena, "{\"prefix\":\"%.*s\"}",
                                    (int) prefix.len, prefix.data));

    return dp_transaction_commit(op);
}

bool
dp_op_revoke_api_key(dp_op_t *op)
{
    enum { ORG_ID, KEY_ID };
    uint8_t  id[DP_ID_SIZE];
    unsigned locked;
    dp_row_t row;

    if (!dp_id_parse(id, op->request->params[KEY_ID])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    locked = dp_transaction_queue(op, &lock_key, DP_BIND(dp_uuid(id)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, locked);
    if (!key_judge(op, row)) {
        return false;
    }

    op->reply.status = 204;

    return dp_row_bool(row, KEY_REVOKED)
               ? true
               : key_revoke(op, id, dp_row_bytes(row, KEY_PREFIX));
}
