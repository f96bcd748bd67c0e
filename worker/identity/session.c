/*
 * Opening sessions.
 */

#include "session.h"

#include "crypto/ids.h"
#include "dp_id.h"
#include "policy/audit.h"
#include "policy/input.h"
#include "runtime/deadline.h"
#include "secret_text.h"

static const dp_statement_t select_member = {
    .name = "session.member",
    .sql = "select " DP_MEMBER_COLUMNS ","
           "       exists (select"
           "                 from dp.device d"
           "                where d.digest = $2),"
           "       pg_catalog.now()"
           "  from dp.member_profile m"
           " cross join dp.control_state c"
           " where m.user_id = $1"
           "   and m.org_deleted_at is null"
           " order by m.org_id = (select s.org_id"
           "                        from dp.session s"
           "                       where s.user_id = $1"
           "                       order by s.created_at desc, s.id desc"
           "                       limit 1) desc nulls last,"
           "          m.created_at, m.org_id"
           " limit 1",
};

enum {
    MEMBER_DEVICE_KNOWN = DP_MEMBER_COLUMN_COUNT,
    MEMBER_NOW,
};

static const dp_statement_t insert_device = {
    .name = "session.insert_device",
    .sql = "insert into dp.device (id, user_id, digest)"
           " values ($1, $2, $3)"
           " on conflict (digest, user_id) do update"
           " set last_seen_at = pg_catalog.now()",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t insert_session = {
    .name = "session.insert_session",
    .sql = "insert into dp.session"
           "       (id, user_id, org_id, transport, auth_level, cookie_digest,"
           "        expires_at, absolute_expires_at, address, user_agent,"
           "        device_id)"
           " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
           "         (select d.id"
           "            from dp.device d"
           "           where d.digest = $11"
           "             and d.user_id = $2))",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t insert_refresh_token = {
    .name = "session.insert_refresh_token",
    .sql = "insert into dp.refresh_token (digest, session_id, expires_at)"
           " values ($1, $2, $3)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t act_as = {
    .name = "session.act_as",
    .sql = "select pg_catalog.set_config('app.org_id',"
           "           coalesce($1::uuid::text, ''), true),"
           "       pg_catalog.set_config('app.actor_id',"
           "           coalesce($2::uuid::text, ''), true),"
           "       pg_catalog.set_config('app.credential_id',"
           "           coalesce($3::uuid::text, ''), true)",
    .rows = DP_ROWS_ONE,
};

static struct {
    uint64_t idle_us;
    uint64_t lifetime_us;
} lasting;

void
dp_session_configure(const dp_settings_t *settings)
{
    lasting.idle_us = settings->session_idle_us;
    lasting.lifetime_us = settings->session_lifetime_us;
}

int32_t
dp_session_idle_s(void)
{
    return (int32_t) (lasting.idle_us / 1000000);
}

int32_t
dp_session_lifetime_s(void)
{
    return (int32_t) (lasting.lifetime_us / 1000000);
}

/* --- who ---------------------------------------------------------------------- */

dp_member_t
dp_member_read(dp_row_t row, int column)
{
    return (dp_member_t) {
        .user_id = dp_row_uuid(row, column),
        .email = dp_row_bytes(row, column + 1),
        .display_name = dp_row_bytes(row, column + 2),
        .org_id = dp_row_uuid(row, column + 3),
        .org_slug = dp_row_bytes(row, column + 4),
        .org_name = dp_row_bytes(row, column + 5),
        .org_kind = dp_row_bytes(row, column + 6),
        .rank = (int) dp_row_int(row, column + 7),
        .plan = (int) dp_row_int(row, column + 8),
        .generation = (uint64_t) dp_row_int(row, column + 9),
    };
}

dp_session_t
dp_session_read(dp_row_t row)
{
    return (dp_session_t) {
        .id = dp_row_uuid(row, 0),
        .cookie = dp_row_bool(row, 1),
        .auth_level = (int) dp_row_int(row, 2),
        .auth_us = dp_row_time_us(row, 3),
        .expires_us = dp_row_time_us(row, 4),
        .absolute_us = dp_row_time_us(row, 5),
        .member = dp_member_read(row, 6),
    };
}

/* --- a new one ------------------------------------------------------------------ */

static bool
secure(const dp_op_t *op)
{
    return (op->request->flags & DP_WIRE_SECURE) != 0;
}

bool
dp_session_transport(dp_op_t *op, bool *cookie)
{
    *cookie = dp_slice_equal(dp_body_text(op, "transport"), DP_SLICE("cookie"));

    return !*cookie || secure(op) ? true
                                  : dp_op_fail(op, DP_ERR_AUTH_TLS_REQUIRED);
}

static dp_value_t
digest_bind(uint8_t digest[DP_SHA256_SIZE], dp_slice_t secret)
{
    dp_value_t value = dp_bytea(dp_slice(digest, DP_SHA256_SIZE));

    dp_secret_text_digest(digest, secret);

    return secret.len == 0 ? dp_null(value) : value;
}

unsigned
dp_session_member(dp_op_t *op, const uint8_t *user_id)
{
    uint8_t digest[DP_SHA256_SIZE];

    return dp_transaction_queue(op, &select_member,
                                DP_BIND(dp_uuid(user_id),
                                        digest_bind(digest, op->request->device)));
}

static dp_value_t
id_or_null(const uint8_t *id)
{
    return id == NULL ? dp_null(dp_uuid(id)) : dp_uuid(id);
}

void
dp_session_act_as(dp_op_t *op, const uint8_t *org_id, const uint8_t *user_id,
                  const uint8_t *credential_id)
{
    dp_transaction_queue(op, &act_as,
                         DP_BIND(id_or_null(org_id), id_or_null(user_id),
                                 id_or_null(credential_id)));
}

/*
 * The secret of the device he logs in with: its own if some account knows it, so
 * that people may share a browser; else a new one, if a cookie can carry it.
 */
static dp_slice_t
device_choose(dp_op_t *op, dp_row_t member)
{
    if (dp_secret_text_valid(op->request->device, DP_SECRET_DEVICE)
        && dp_row_bool(member, MEMBER_DEVICE_KNOWN)) {
        return op->request->device;
    }

    return secure(op) ? dp_secret_text_make(op->arena, DP_SECRET_DEVICE)
                      : dp_slice(NULL, 0);
}

static void
device_queue(dp_op_t *op, const uint8_t *id, const uint8_t *user_id,
             dp_slice_t device)
{
    uint8_t digest[DP_SHA256_SIZE];

    if (device.len != 0) {
        dp_transaction_queue(op, &insert_device,
                             DP_BIND(dp_uuid(id), dp_uuid(user_id),
                                     digest_bind(digest, device)));
    }

    if (device.len != 0 && secure(op)) {
        dp_device_cookie(op, device);
    }
}

static void
session_queue(dp_op_t *op, const dp_session_t *session, dp_slice_t cookie,
              dp_slice_t device)
{
    const dp_wire_request_t *request = op->request;
    uint8_t                  digest[DP_SHA256_SIZE], device_digest[DP_SHA256_SIZE];

    dp_transaction_queue(
        op, &insert_session,
        DP_BIND(dp_uuid(session->id), dp_uuid(session->member.user_id),
                dp_uuid(session->member.org_id),
                dp_text(dp_slice_text(session->cookie ? "cookie" : "token")),
                dp_int2((int16_t) session->auth_level),
                digest_bind(digest, cookie), dp_time(session->expires_us),
                dp_time(session->absolute_us),
                dp_text_or_null(request->client_address),
                dp_text_or_null(request->user_agent),
                digest_bind(device_digest, device)));
}

static void
token_queue(dp_op_t *op, const dp_session_t *session, dp_slice_t refresh)
{
    uint8_t digest[DP_SHA256_SIZE];

    dp_transaction_queue(op, &insert_refresh_token,
                         DP_BIND(digest_bind(digest, refresh),
                                 dp_uuid(session->id),
                                 dp_time(session->expires_us)));
}

static void
login_audit(dp_op_t *op, const dp_session_t *session, const dp_login_t *login)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, session->id);
    dp_session_act_as(op, session->member.org_id, session->member.user_id,
                      session->id);
    dp_audit(op, &(dp_audit_t) {
                     .action = "auth.login.success",
                     .target_type = "session",
                     .target_id = dp_slice(text, sizeof(text)),
                     .outcome = "success",
                     .detail = dp_arena_printf(
                         op->arena, "{\"method\":\"%s\",\"transport\":\"%s\"}",
                         login->method, login->cookie ? "cookie" : "token"),
                     .by_user = true,
                 });
}

/* The rows and the answer of a client that keeps tokens, or a cookie. */
static bool
transport_fill(dp_op_t *op, const dp_session_t *session, dp_slice_t device)
{
    dp_slice_t secret;

    if (session->cookie) {
        secret = dp_secret_text_make(op->arena, DP_SECRET_SESSION);
        session_queue(op, session, secret, device);
        dp_session_cookie(op, secret);
        return dp_session_cookied(op, session);
    }

    secret = dp_secret_text_make(op->arena, DP_SECRET_REFRESH);
    session_queue(op, session, dp_slice(NULL, 0), device);
    token_queue(op, session, secret);

    return dp_session_tokens(op, session, secret);
}

bool
dp_session_open(dp_op_t *op, dp_row_t member, const dp_login_t *login)
{
    enum { SESSION_ID, DEVICE_ID, ID_COUNT };
    uint8_t      ids[ID_COUNT][DP_ID_SIZE];
    uint64_t     now_us;
    dp_session_t session = {.cookie = login->cookie,
                            .auth_level = login->auth_level};
    dp_slice_t   device;

    if (dp_row_count(member) != 1) {
        return dp_op_fail(op, DP_ERR_AUTH_FORBIDDEN);
    }

    dp_ids_make(ids, ID_COUNT, op->request->request_id);
    now_us = dp_row_time_us(member, MEMBER_NOW);
    session.id = dp_arena_copy(op->arena, dp_slice(ids[SESSION_ID], DP_ID_SIZE)).data;
    session.auth_us = now_us;
    session.expires_us = now_us + lasting.idle_us;
    session.absolute_us = now_us + lasting.lifetime_us;
    session.member = dp_member_read(member, 0);

    if (session.expires_us > session.absolute_us) {
        session.expires_us = session.absolute_us;
    }

    device = device_choose(op, member);
    device_queue(op, ids[DEVICE_ID], session.member.user_id, device);

    if (!transport_fill(op, &session, device)) {
        return false;
    }

    login_audit(op, &session, login);

    return true;
}
