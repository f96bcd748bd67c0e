/*
 * updateMe: changes what a user says of himself, if it still is what the client has
 * read.
 */

#include "dp_id.h"
#include "dp_operations.h"
#include "me.h"
#include "policy/audit.h"
#include "policy/etag.h"
#include "policy/input.h"

static const dp_statement_t lock_profile = {
    .name = "update_me.lock",
    .sql = "select " DP_ME_COLUMNS " from app.actor_profile_lock()",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t rename_actor = {
    .name = "update_me.rename",
    .sql = "select app.actor_rename($1)",
    .rows = DP_ROWS_ONE,
};

bool
dp_op_update_me(dp_op_t *op)
{
    dp_slice_t name = dp_body_text(op, "displayName");
    char       text[DP_ID_TEXT_SIZE];
    unsigned   locked;
    dp_row_t   row;
    int64_t    version;

    dp_transaction_begin(op);
    locked = dp_transaction_queue(op, &lock_profile, DP_BIND_NONE);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, locked);
    version = dp_row_int(row, DP_ME_VERSION);

    if (!dp_etag_judge(op, version)) {
        return false;
    }

    dp_id_format(text, dp_row_uuid(row, DP_ME_ID));
    dp_transaction_queue(op, &rename_actor, DP_BIND(dp_text(name)));
    dp_audit_change(op, "user", dp_slice(text, sizeof(text)), dp_slice(NULL, 0));
    dp_me_reply(op, row, name, version + 1);

    return dp_transaction_commit(op);
}
