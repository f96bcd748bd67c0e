/*
 * refreshSession: a refresh token becomes its successor and a new access token.
 *
 * Browsers have several tabs, and answers get lost: for a while the same token
 * gives the same successor, which follows from it by a key and is stored nowhere.
 * Used later it is in two hands, and the session ends.
 */

#include "crypto/keys.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "policy/audit.h"
#include "policy/input.h"
#include "secret_text.h"
#include "session.h"

#define GRACE_US UINT64_C(30000000)

static const dp_statement_t lock_token = {
    .name = "refresh_session.lock",
    .sql = "select " DP_SESSION_COLUMNS ","
           "       app.credential_usable(s.revoked_at,"
           "           least(s.expires_at, r.expires_at), m.status,"
           "           m.org_deleted_at),"
           "       r.used_at, pg_catalog.now()"
           "  from dp.refresh_token r"
           "  join dp.session s on s.id = r.session_id"
           "  join dp.member_profile m"
           "    on m.org_id = s.org_id and m.user_id = s.user_id"
           " cross join dp.control_state c"
           " where r.digest = $1"
           "   for update of r, s",
};

enum {
    TOKEN_USABLE = 6 + DP_MEMBER_COLUMN_COUNT,
    TOKEN_USED_AT,
    TOKEN_NOW,
};

static const dp_statement_t use_token = {
    .name = "refresh_session.use",
    .sql = "update dp.refresh_token"
           "   set used_at = pg_catalog.now()"
           " where digest = $1",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t insert_successor = {
    .name = "refresh_session.insert",
    .sql = "insert into dp.refresh_token (digest, session_id, expires_at)"
           " values ($1, $2, $3)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t prolong_session = {
    .name = "refresh_session.prolong",
    .sql = "update dp.session"
           "   set expires_at = $2,"
           "       last_seen_at = pg_catalog.now()"
           " where id = $1",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t revoke_session = {
    .name = "refresh_session.revoke",
    .sql = "update dp.session"
           "   set revoked_at = pg_catalog.now(),"
           "       revoke_reason = 'refresh_token_reused'"
           " where id = $1",
    .rows = DP_ROWS_ONE,
};

/* Two hold the token, and nobody knows who is the thief. */
static bool
reuse_refuse(dp_op_t *op, const dp_session_t *session)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, session->id);
    dp_transaction_queue(op, &revoke_session, DP_BIND(dp_uuid(session->id)));
    dp_session_act_as(op, session->member.org_id, session->member.user_id,
                      session->id);
    dp_audit(op, &(dp_audit_t) {
                     .action = "auth.refresh.reused",
                     .target_type = "session",
                     .target_id = dp_slice(text, sizeof(text)),
                     .outcome = "denied",
                     .code = dp_error_row(DP_ERR_AUTH_SESSION_REVOKED)->code,
                     .by_user = true,
                 });

    return dp_transaction_commit(op)
           && dp_op_fail(op, DP_ERR_AUTH_SESSION_REVOKED);
}

static void
rotation_audit(dp_op_t *op, const dp_session_t *session)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, session->id);
    dp_session_act_as(op, session->member.org_id, session->member.user_id,
                      session->id);
    dp_audit(op, &(dp_audit_t) {
                     .action = "auth.session.refreshed",
                     .target_type = "session",
                     .target_id = dp_slice(text, sizeof(text)),
                     .outcome = "success",
                     .by_user = true,
                 });
}

static void
rotation_queue(dp_op_t *op, const uint8_t *digest, dp_slice_t successor,
               dp_session_t *session, uint64_t now_us)
{
    uint64_t idle_us = (uint64_t) dp_session_idle_s() * 1000000;
    uint8_t  successor_digest[DP_SHA256_SIZE];

    session->expires_us = now_us + idle_us < session->absolute_us
                              ? now_us + idle_us
                              : session->absolute_us;
    dp_secret_text_digest(successor_digest, successor);
    dp_transaction_queue(op, &use_token,
                         DP_BIND(dp_bytea(dp_slice(digest, DP_SHA256_SIZE))));
    dp_transaction_queue(
        op, &insert_successor,
        DP_BIND(dp_bytea(dp_slice(successor_digest, DP_SHA256_SIZE)),
                dp_uuid(session->id), dp_time(session->expires_us)));
    dp_transaction_queue(op, &prolong_session,
                         DP_BIND(dp_uuid(session->id),
                                 dp_time(session->expires_us)));
    rotation_audit(op, session);
}

static bool
token_judge(dp_op_t *op, dp_row_t row)
{
    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_AUTH_TOKEN_INVALID);
    }

    return dp_row_bool(row, TOKEN_USABLE)
               ? true
               : dp_op_fail(op, DP_ERR_AUTH_SESSION_REVOKED);
}

bool
dp_session_refresh(dp_op_t *op, dp_slice_t text, dp_session_t *session,
                   dp_slice_t *successor)
{
    uint8_t  digest[DP_SHA256_SIZE];
    unsigned token;
    uint64_t used_us, now_us;
    dp_row_t row;

    dp_secret_text_digest(digest, text);
    dp_transaction_begin(op);
    token = dp_transaction_queue(op, &lock_token,
                                 DP_BIND(dp_bytea(dp_slice(digest, DP_SHA256_SIZE))));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, token);

    if (!token_judge(op, row)) {
        return false;
    }

    *session = dp_session_read(row);
    used_us = dp_row_time_us(row, TOKEN_USED_AT);
    now_us = dp_row_time_us(row, TOKEN_NOW);

    if (used_us != 0 && now_us > used_us + GRACE_US) {
        return reuse_refuse(op, session);
    }

    *successor = dp_secret_text_follow(op->arena, DP_SECRET_REFRESH,
                                       dp_slice(dp_key(DP_KEY_REFRESH), DP_KEY_SIZE),
                                       text);

    if (used_us == 0) {
        rotation_queue(op, digest, *successor, session, now_us);
    }

    return true;
}

bool
dp_op_refresh_session(dp_op_t *op)
{
    dp_session_t session;
    dp_slice_t   successor;

    return dp_session_refresh(op, dp_body_text(op, "refreshToken"), &session,
                              &successor)
           && dp_session_tokens(op, &session, successor)
           && dp_transaction_commit(op);
}
