/*
 * rotateApiKey: a successor with the same name, role and scopes, shown once; the
 * old key ends a while later, or when it would have ended anyway.
 *
 * Only who made a key rotates it: the successor acts for him.
 */

#include "dp_id.h"
#include "dp_operations.h"
#include "new_api_key.h"
#include "policy/input.h"

#define SECOND_US 1000000

static const dp_statement_t lock_key = {
    .name = "rotate_api_key.lock",
    .sql = "select k.name, k.max_role, app.api_key_scopes(k.scopes),"
           "       k.auth_level, k.created_by = app.current_actor(),"
           "       k.revoked_at is null"
           "       and (k.expires_at is null or k.expires_at > pg_catalog.now()),"
           "       pg_catalog.now(),"
           "       pg_catalog.now() + (k.expires_at - k.created_at)"
           "  from dp.api_key k"
           " where k.org_id = app.current_org()"
           "   and k.id = $1"
           "   for no key update",
};

enum {
    KEY_NAME,
    KEY_MAX_ROLE,
    KEY_SCOPES,
    KEY_AUTH_LEVEL,
    KEY_IS_OWN,
    KEY_LIVES,
    KEY_NOW,
    KEY_EXPIRES, /* the successor, after as long a life */
};

static const dp_statement_t end_key = {
    .name = "rotate_api_key.end",
    .sql = "update dp.api_key"
           "   set expires_at = least(expires_at, $2)"
           " where org_id = app.current_org()"
           "   and id = $1",
    .rows = DP_ROWS_ONE,
};

static bool
key_judge(dp_op_t *op, dp_row_t row)
{
    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    if (!dp_row_bool(row, KEY_IS_OWN)) {
        return dp_op_fail(op, DP_ERR_AUTH_FORBIDDEN);
    }

    return dp_row_bool(row, KEY_LIVES) ? true
                                       : dp_op_fail(op, DP_ERR_STATE_CONFLICT);
}

static void
successor_plan(dp_new_api_key_t *key, const dp_op_t *op, dp_row_t row)
{
    int level = dp_transaction(op)->caller.auth_level;
    int before = (int) dp_row_int(row, KEY_AUTH_LEVEL);

    key->name = dp_row_bytes(row, KEY_NAME);
    key->max_role = dp_row_bytes(row, KEY_MAX_ROLE);
    key->scopes = dp_row_bytes(row, KEY_SCOPES);
    key->auth_level = before < level ? before : level;
    key->created_us = dp_row_time_us(row, KEY_NOW);
    key->expires_us = dp_row_time_us(row, KEY_EXPIRES);
}

bool
dp_op_rotate_api_key(dp_op_t *op)
{
    enum { ORG_ID, KEY_ID };
    uint8_t          old[DP_ID_SIZE];
    dp_new_api_key_t key = {.rotated_from = old};
    uint64_t         overlap_us;
    unsigned         locked;
    dp_row_t         row;

    if (!dp_id_parse(old, op->request->params[KEY_ID])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    locked = dp_transaction_queue(op, &lock_key, DP_BIND(dp_uuid(old)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, locked);
    if (!key_judge(op, row)) {
        return false;
    }

    successor_plan(&key, op, row);
    if (!dp_new_api_key_judge(op, &key)) {
        return false;
    }

    overlap_us = (uint64_t) dp_body_integer(op, "overlapSeconds") * SECOND_US;
    dp_new_api_key_make(&key, op);
    dp_transaction_queue(op, &end_key,
                         DP_BIND(dp_uuid(old),
                                 dp_time(key.created_us + overlap_us)));
    dp_new_api_key_queue(op, &key);

    return dp_transaction_commit(op);
}
