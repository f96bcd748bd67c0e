/*
 * getSession and setSessionOrg: the session that the caller came with, and the
 * organisation it acts in.
 */

#include "dp_id.h"
#include "dp_operations.h"
#include "policy/audit.h"
#include "policy/etag.h"
#include "policy/input.h"
#include "session.h"

static const dp_statement_t select_session = {
    .name = "get_session.session",
    .sql = "select id, transport = 'cookie', auth_level, auth_at, expires_at,"
           "       absolute_expires_at, user_id, email, display_name, org_id,"
           "       org_slug, org_name, org_kind, rank, plan, generation"
           "  from app.actor_session($1)",
};

static const dp_statement_t set_org = {
    .name = "set_session_org.set",
    .sql = "select app.session_set_org($1)",
    .rows = DP_ROWS_ONE,
};

/* NULL: the organisation that it acts in. */
static unsigned
session_queue(dp_op_t *op, const uint8_t *org_id)
{
    dp_value_t org = dp_uuid(org_id);

    return dp_transaction_queue(op, &select_session,
                                DP_BIND(org_id == NULL ? dp_null(org) : org));
}

bool
dp_op_get_session(dp_op_t *op)
{
    unsigned     found;
    dp_session_t session;

    if (!dp_session_required(op)) {
        return false;
    }

    dp_transaction_begin(op);
    found = session_queue(op, NULL);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    if (dp_row_count(dp_transaction_row(op, found)) == 0) {
        return dp_op_fail(op, DP_ERR_AUTH_SESSION_REVOKED);
    }

    session = dp_session_read(dp_transaction_row(op, found));
    op->reply.status = 200;
    op->reply.body = dp_session_render(op, &session);
    dp_etag_fill(op, DP_ETAG_UNVERSIONED);

    return true;
}

static bool
org_change(dp_op_t *op, const dp_session_t *session)
{
    char id[DP_ID_TEXT_SIZE], org[DP_ID_TEXT_SIZE];

    dp_id_format(id, session->id);
    dp_id_format(org, session->member.org_id);
    dp_transaction_queue(op, &set_org, DP_BIND(dp_uuid(session->member.org_id)));
    dp_audit_change(op, "session", dp_slice(id, sizeof(id)),
                    dp_arena_printf(op->arena, "{\"orgId\":\"%.*s\"}",
                                    (int) sizeof(org), org));

    return (session->cookie ? dp_session_cookied(op, session)
                            : dp_session_tokens(op, session, dp_slice(NULL, 0)))
           && dp_transaction_commit(op);
}

bool
dp_op_set_session_org(dp_op_t *op)
{
    uint8_t      org_id[DP_ID_SIZE];
    unsigned     found;
    dp_session_t session;

    if (!dp_session_required(op)) {
        return false;
    }

    if (!dp_id_parse(org_id, dp_body_text(op, "orgId"))) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    found = session_queue(op, org_id);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    if (dp_row_count(dp_transaction_row(op, found)) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    session = dp_session_read(dp_transaction_row(op, found));

    return org_change(op, &session);
}
