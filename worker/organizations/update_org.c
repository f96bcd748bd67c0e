/*
 * updateOrg: renames the caller's organisation, if it still is what the client
 * has read.
 *
 * The slug stays: paths that somebody kept go on working.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "organization.h"
#include "policy/audit.h"
#include "policy/etag.h"
#include "policy/input.h"
#include "policy/outbox.h"

static const dp_statement_t update = {
    .name = "update_org.update",
    .sql = "update dp.org"
           "   set name = $1"
           " where id = app.current_org()",
    .rows = DP_ROWS_ONE,
};

static void
change_queue(dp_op_t *op, const dp_organization_t *organization)
{
    char       text[DP_ID_TEXT_SIZE];
    dp_slice_t id = dp_slice(text, sizeof(text));

    dp_id_format(text, organization->id);
    dp_transaction_queue(op, &update, DP_BIND(dp_text(organization->name)));
    dp_audit_change(op, "org", id, op->reply.body);
    dp_outbox(op, op->route->audit_action, id, op->reply.body);
}

bool
dp_op_update_org(dp_op_t *op)
{
    dp_organization_t organization;
    unsigned          locked;
    dp_row_t          row;
    int64_t           version;

    dp_transaction_begin(op);
    locked = dp_organization_lock_queue(op);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, locked);
    version = dp_row_int(row, DP_ORGANIZATION_LOCKED_VERSION);
    if (!dp_etag_judge(op, version)) {
        return false;
    }

    organization = dp_organization_row(row, 0);
    organization.name = dp_body_text(op, "name");
    dp_organization_reply(op, 200, &organization, version + 1);
    change_queue(op, &organization);

    return dp_transaction_commit(op);
}
