/*
 * What a client is told of its session: JSON and cookies.
 */

#include "session.h"

#include "dp_json_out.h"
#include "json/render.h"
#include "runtime/deadline.h"
#include "token.h"

/* Names, punctuation, ids, times, numbers and a role. */
#define SYNTAX_SIZE 768

/* Of a browser's cookie, in seconds: as long as the device is remembered. */
#define YEAR_S 31536000

bool
dp_session_required(dp_op_t *op)
{
    return op->request->principal.kind == DP_PRINCIPAL_SESSION
               ? true
               : dp_op_fail(op, DP_ERR_AUTH_FORBIDDEN);
}

static size_t
session_size(const dp_session_t *session)
{
    const dp_member_t *member = &session->member;

    return SYNTAX_SIZE
           + 6 * (member->email.len + member->display_name.len
                  + member->org_slug.len + member->org_name.len
                  + member->org_kind.len);
}

static void
user_write(dp_writer_t *writer, const dp_member_t *member)
{
    dp_write_text(writer, ",\"user\":{\"id\":");
    dp_json_id(writer, member->user_id);
    dp_write_text(writer, ",\"email\":");
    dp_json_string(writer, member->email);
    dp_write_text(writer, ",\"displayName\":");
    dp_render_text_or_null(writer, member->display_name);
}

static void
org_write(dp_writer_t *writer, const dp_member_t *member)
{
    dp_write_text(writer, "},\"org\":{\"id\":");
    dp_json_id(writer, member->org_id);
    dp_write_text(writer, ",\"slug\":");
    dp_json_string(writer, member->org_slug);
    dp_write_text(writer, ",\"name\":");
    dp_json_string(writer, member->org_name);
    dp_write_text(writer, ",\"kind\":");
    dp_json_string(writer, member->org_kind);
}

static void
session_write(dp_writer_t *writer, const dp_session_t *session)
{
    const char *role = dp_permission_org_role(session->member.rank);

    dp_write_text(writer, "{\"id\":");
    dp_json_id(writer, session->id);
    user_write(writer, &session->member);
    org_write(writer, &session->member);
    dp_write_text(writer, "},\"role\":");
    dp_json_string(writer, dp_slice_text(role));
    dp_write_text(writer, ",\"transport\":");
    dp_json_string(writer, dp_slice_text(session->cookie ? "cookie" : "token"));
    dp_write_text(writer, ",\"authLevel\":");
    dp_json_uint(writer, (uint64_t) session->auth_level);
    dp_write_text(writer, ",\"authenticatedAt\":");
    dp_json_time(writer, session->auth_us);
    dp_write_text(writer, ",\"expiresAt\":");
    dp_json_time(writer, session->expires_us);
    dp_write_text(writer, ",\"absoluteExpiresAt\":");
    dp_json_time(writer, session->absolute_us);
    dp_write_text(writer, "}");
}

dp_slice_t
dp_session_render(dp_op_t *op, const dp_session_t *session)
{
    dp_writer_t writer = dp_render_begin(op->arena, session_size(session));

    session_write(&writer, session);

    return dp_render_end(&writer);
}

/* What its access token says, which dies with the session. */
static dp_token_claims_t
session_claims(const dp_session_t *session)
{
    return (dp_token_claims_t) {
        .kind = DP_PRINCIPAL_SESSION,
        .credential_id = session->id,
        .user_id = session->member.user_id,
        .org_id = session->member.org_id,
        .auth_level = session->auth_level,
        .plan = session->member.plan,
        .generation = session->member.generation,
        .auth_us = session->auth_us,
        .expires_us = session->absolute_us,
    };
}

static void
tokens_write(dp_writer_t *writer, const dp_session_t *session, dp_slice_t token,
             dp_slice_t refresh)
{
    dp_token_claims_t claims = session_claims(session);

    dp_write_text(writer, "{\"accessToken\":");
    dp_json_string(writer, token);
    dp_write_text(writer, ",\"tokenType\":\"Bearer\"");

    if (refresh.len != 0) {
        dp_write_text(writer, ",\"refreshToken\":");
        dp_json_string(writer, refresh);
    }

    dp_write_text(writer, ",\"expiresIn\":");
    dp_json_uint(writer, dp_access_token_lifetime_s(&claims, dp_now_us()));
    dp_write_text(writer, ",\"session\":");
    session_write(writer, session);
    dp_write_text(writer, "}");
}

bool
dp_session_tokens(dp_op_t *op, const dp_session_t *session, dp_slice_t refresh)
{
    dp_token_claims_t claims = session_claims(session);
    dp_slice_t        token = dp_access_token_make(op, &claims);
    dp_writer_t       writer;

    if (token.len == 0) {
        return false;
    }

    writer = dp_render_begin(op->arena,
                             session_size(session) + token.len + refresh.len);
    tokens_write(&writer, session, token, refresh);
    op->reply.status = 200;
    op->reply.body = dp_render_end(&writer);

    return true;
}

bool
dp_session_cookied(dp_op_t *op, const dp_session_t *session)
{
    dp_slice_t  csrf = dp_csrf_token_make(op, session->id);
    dp_writer_t writer;

    if (csrf.len == 0) {
        return false;
    }

    writer = dp_render_begin(op->arena, session_size(session) + csrf.len);
    dp_write_text(&writer, "{\"session\":");
    session_write(&writer, session);
    dp_write_text(&writer, ",\"csrfToken\":");
    dp_json_string(&writer, csrf);
    dp_write_text(&writer, "}");
    op->reply.status = 200;
    op->reply.body = dp_render_end(&writer);

    return true;
}

/* --- cookies ------------------------------------------------------------------ */

static void
cookie_add(dp_op_t *op, const char *name, dp_slice_t secret, long max_age_s)
{
    dp_slice_t before = op->reply.cookies;

    op->reply.cookies = dp_arena_printf(
        op->arena,
        "%.*s%s%s=%.*s; Path=/; Max-Age=%ld; Secure; HttpOnly; SameSite=Lax",
        (int) before.len, before.len == 0 ? "" : (const char *) before.data,
        before.len == 0 ? "" : "\n", name, (int) secret.len,
        secret.len == 0 ? "" : (const char *) secret.data,
        secret.len == 0 ? 0 : max_age_s);
}

void
dp_session_cookie(dp_op_t *op, dp_slice_t secret)
{
    cookie_add(op, "__Host-devpilot_session", secret, dp_session_lifetime_s());
}

void
dp_device_cookie(dp_op_t *op, dp_slice_t secret)
{
    cookie_add(op, "__Host-devpilot_device", secret, YEAR_S);
}
