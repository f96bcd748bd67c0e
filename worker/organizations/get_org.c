/*
 * getOrg: the caller's organisation.
 */

#include "db/transaction.h"
#include "dp_operations.h"
#include "organization.h"

static const dp_statement_t select_org = {
    .name = "get_org.org",
    .sql = "select " DP_ORGANIZATION_COLUMNS ", o.row_version"
           "  from dp.org o"
           " where o.id = app.current_org()",
};

enum {
    ORG_ROW_VERSION = DP_ORGANIZATION_COLUMN_COUNT,
};

bool
dp_op_get_org(dp_op_t *op)
{
    dp_organization_t organization;
    unsigned          org;
    dp_row_t          row;

    dp_transaction_begin(op);
    org = dp_transaction_queue(op, &select_org, DP_BIND_NONE);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, org);
    organization = dp_organization_row(row, 0);
    dp_organization_reply(op, 200, &organization,
                          dp_row_int(row, ORG_ROW_VERSION));

    return true;
}
