/*
 * issueToken: an API key becomes an access token, which edges verify without
 * asking anybody (RFC 6749, 4.4).  The token is the key to all that judge it: it
 * may what the key may, and falls with it.
 */

#include "client_secret.h"
#include "crypto/digest.h"
#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "json/render.h"
#include "last_used.h"
#include "policy/audit.h"
#include "runtime/deadline.h"
#include "token.h"

#define SYNTAX_SIZE 128

static const dp_statement_t select_key = {
    .name = "issue_token.key",
    .sql = "select id, org_id, user_id, digest, auth_level, expires_at, usable,"
           "       plan, generation, pg_catalog.translate(scopes, ',', ' ')"
           "  from app.principal_find($1)",
};

/* The event is the tenant's, though the request had no principal. */
static const dp_statement_t act_as = {
    .name = "issue_token.act_as",
    .sql = "select pg_catalog.set_config('app.org_id', $1::uuid::text, true),"
           "       pg_catalog.set_config('app.actor_id', $2::uuid::text, true),"
           "       pg_catalog.set_config('app.credential_id', $3::uuid::text,"
           "                             true)",
    .rows = DP_ROWS_ONE,
};

enum {
    KEY_ID,
    KEY_ORG_ID,
    KEY_USER_ID,
    KEY_DIGEST,
    KEY_AUTH_LEVEL,
    KEY_EXPIRES_AT,
    KEY_USABLE,
    KEY_PLAN,
    KEY_GENERATION,
    KEY_SCOPES,
};

/* One answer to all that is wrong, after the digests were compared. */
static bool
key_judge(dp_op_t *op, dp_row_t row, dp_slice_t text)
{
    uint8_t digest[DP_SHA256_SIZE];
    bool    known;

    dp_sha256(digest, &text, 1);
    known = dp_row_count(row) == 1
            && dp_equal_secret(dp_row_bytes(row, KEY_DIGEST),
                               dp_slice(digest, sizeof(digest)));

    return known && dp_row_bool(row, KEY_USABLE)
               ? true
               : dp_op_fail(op, DP_ERR_AUTH_KEY_INVALID);
}

static void
use_note(dp_row_t row)
{
    dp_principal_t principal = {.kind = DP_PRINCIPAL_API_KEY};

    memcpy(principal.credential_id, dp_row_uuid(row, KEY_ID), DP_ID_SIZE);
    memcpy(principal.org_id, dp_row_uuid(row, KEY_ORG_ID), DP_ID_SIZE);
    memcpy(principal.user_id, dp_row_uuid(row, KEY_USER_ID), DP_ID_SIZE);
    dp_last_used_note(&principal, dp_now_us());
}

static void
event_queue(dp_op_t *op, const dp_token_claims_t *claims)
{
    char id[DP_ID_TEXT_SIZE];

    dp_id_format(id, claims->credential_id);
    dp_transaction_queue(op, &act_as,
                         DP_BIND(dp_uuid(claims->org_id),
                                 dp_uuid(claims->user_id),
                                 dp_uuid(claims->credential_id)));
    dp_audit(op, &(dp_audit_t) {
                     .action = op->route->audit_action,
                     .target_type = "api_key",
                     .target_id = dp_slice(id, sizeof(id)),
                     .outcome = "success",
                     .by_user = true,
                 });
}

static bool
reply_fill(dp_op_t *op, const dp_token_claims_t *claims)
{
    dp_slice_t  token = dp_access_token_make(op, claims);
    dp_writer_t writer = dp_render_begin(
        op->arena, SYNTAX_SIZE + token.len + 6 * claims->scope.len);

    if (token.len == 0) {
        return false;
    }

    dp_write_text(&writer, "{\"access_token\":");
    dp_json_string(&writer, token);
    dp_write_text(&writer, ",\"token_type\":\"Bearer\",\"expires_in\":");
    dp_json_uint(&writer, dp_access_token_lifetime_s(claims, dp_now_us()));

    if (claims->scope.len != 0) {
        dp_write_text(&writer, ",\"scope\":");
        dp_json_string(&writer, claims->scope);
    }

    dp_write_text(&writer, "}");
    op->reply.status = 200;
    op->reply.body = dp_render_end(&writer);

    return true;
}

bool
dp_op_issue_token(dp_op_t *op)
{
    dp_client_secret_t client;
    dp_token_claims_t  claims;
    unsigned           key;
    dp_row_t           row;

    if (!dp_client_secret_read(op, &client)) {
        return false;
    }

    dp_transaction_begin(op);
    key = dp_transaction_queue(op, &select_key, DP_BIND(dp_text(client.prefix)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, key);
    if (!key_judge(op, row, client.text)) {
        return false;
    }

    use_note(row);
    claims = (dp_token_claims_t) {
        .kind = DP_PRINCIPAL_API_KEY,
        .credential_id = dp_row_uuid(row, KEY_ID),
        .user_id = dp_row_uuid(row, KEY_USER_ID),
        .org_id = dp_row_uuid(row, KEY_ORG_ID),
        .auth_level = (int) dp_row_int(row, KEY_AUTH_LEVEL),
        .plan = (int) dp_row_int(row, KEY_PLAN),
        .generation = (uint64_t) dp_row_int(row, KEY_GENERATION),
        .expires_us = dp_row_time_us(row, KEY_EXPIRES_AT),
        .scope = dp_row_bytes(row, KEY_SCOPES),
    };

    event_queue(op, &claims);

    return reply_fill(op, &claims) && dp_transaction_commit(op);
}
