/*
 * acceptInvitation: makes the caller a member of the organisation that has
 * invited his address.
 *
 * That is another tenant than the one he comes from: the rows, and the event in
 * its audit trail, are made by a function of the database's owner.  Whatever is
 * wrong with a token is answered alike.
 */

#include "crypto/digest.h"
#include "db/transaction.h"
#include "dp_operations.h"
#include "organization.h"
#include "policy/audit.h"
#include "policy/conflict.h"
#include "policy/input.h"

static const dp_statement_t find = {
    .name = "accept_invitation.find",
    .sql = "select " DP_ORGANIZATION_COLUMNS ", o.role, o.is_member"
           "  from app.invitation_find($1) o",
};

enum {
    INVITED_ROLE = DP_ORGANIZATION_COLUMN_COUNT,
    INVITED_IS_MEMBER,
};

static const dp_statement_t accept_it = {
    .name = "accept_invitation.accept",
    .sql = "select app.invitation_accept($1, $2, $3)",
    .rows = DP_ROWS_ONE,
};

static bool
state_judge(dp_op_t *op, dp_row_t row)
{
    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    return dp_row_bool(row, INVITED_IS_MEMBER)
               ? dp_conflict(op, "already_member")
               : true;
}

bool
dp_op_accept_invitation(dp_op_t *op)
{
    dp_slice_t        token = dp_body_text(op, "token");
    uint8_t           bytes[DP_SHA256_SIZE];
    dp_slice_t        digest = dp_slice(bytes, sizeof(bytes));
    dp_organization_t organization;
    unsigned          found;
    dp_row_t          row;

    dp_sha256(bytes, &token, 1);
    dp_transaction_begin(op);
    found = dp_transaction_queue(op, &find, DP_BIND(dp_bytea(digest)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, found);
    if (!state_judge(op, row)) {
        return false;
    }

    organization = dp_organization_row(row, 0);
    dp_organization_membership_reply(op, &organization,
                                     dp_row_bytes(row, INVITED_ROLE));
    dp_transaction_queue(op, &accept_it,
                         DP_BIND(dp_bytea(digest), dp_audit_actor(op),
                                 dp_transaction_trace(op)));

    return dp_transaction_commit(op);
}
