/*
 * logout, revokeSession, revokeAllSessions: the ends of the caller's sessions.
 *
 * Edges are told with the commit.  No kill switch refuses this: a session in the
 * wrong hands cannot wait.
 */

#include "dp_id.h"
#include "dp_operations.h"
#include "policy/audit.h"
#include "session.h"

static const dp_statement_t revoke = {
    .name = "revoke_session.revoke",
    .sql = "select app.sessions_revoke($1, $2)",
};

/*
 * NULL: all of them.  The statement belongs to the change, but whether there is
 * such a session is one of its facts: it goes with the first trip.
 */
static bool
sessions_revoke(dp_op_t *op, const uint8_t *id, const char *reason,
                const uint8_t *target_id)
{
    char       text[DP_ID_TEXT_SIZE];
    dp_value_t session = dp_uuid(id);
    unsigned   revoked;
    dp_row_t   row;

    dp_transaction_begin(op);
    revoked = dp_transaction_queue(op, &revoke,
                                   DP_BIND(id == NULL ? dp_null(session) : session,
                                           dp_text(dp_slice_text(reason))));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, revoked);

    if (dp_row_null(row, 0)) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_id_format(text, target_id);
    dp_audit_change(op, id == NULL ? "user" : "session",
                    dp_slice(text, sizeof(text)),
                    dp_arena_printf(op->arena, "{\"revoked\":%lld}",
                                    (long long) dp_row_int(row, 0)));
    op->reply.status = 204;

    return dp_transaction_commit(op);
}

/* The browser forgets a cookie that is worth nothing any more. */
static void
cookie_clear(dp_op_t *op)
{
    if ((op->request->flags & DP_WIRE_SECURE) != 0) {
        dp_session_cookie(op, dp_slice(NULL, 0));
    }
}

bool
dp_op_logout(dp_op_t *op)
{
    const uint8_t *own = op->request->principal.credential_id;

    if (!dp_session_required(op)) {
        return false;
    }

    cookie_clear(op);

    return sessions_revoke(op, own, "logout", own);
}

bool
dp_op_revoke_session(dp_op_t *op)
{
    enum { SESSION_ID };
    const uint8_t *own = op->request->principal.credential_id;
    uint8_t        id[DP_ID_SIZE];

    if (!dp_session_required(op)) {
        return false;
    }

    if (!dp_id_parse(id, op->request->params[SESSION_ID])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    if (memcmp(id, own, sizeof(id)) == 0) {
        cookie_clear(op);
    }

    return sessions_revoke(op, id, "revoked", id);
}

bool
dp_op_revoke_all_sessions(dp_op_t *op)
{
    if (!dp_session_required(op)) {
        return false;
    }

    cookie_clear(op);

    return sessions_revoke(op, NULL, "revoked",
                           op->request->principal.user_id);
}
