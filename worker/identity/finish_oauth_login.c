/*
 * finishOAuthLogin: a browser comes back from the identity provider with a code,
 * which becomes an account of ours and a session.
 *
 * The login is used up first, whatever comes of it; the code is redeemed outside
 * of any transaction; whose account it is is decided in one, and the session is
 * made in another: who was linked and could not be let in comes again.
 */

#include "oauth.h"

#include "account.h"
#include "crypto/digest.h"
#include "crypto/seal.h"
#include "db/ask.h"
#include "dp_contract.h"
#include "dp_json_check.h"
#include "dp_operations.h"
#include "id_token.h"
#include "log.h"
#include "policy/input.h"
#include "runtime/deadline.h"
#include "secret_text.h"
#include "session.h"

#define ASK_LIMIT_US 2000000
#define DATA_TOKENS 16
#define ANSWER_TOKENS 512
#define TEXT_SIZE 8192
#define FORM_SIZE 8192
#define NEW_KEYS_PAUSE_S 60

static const dp_statement_t login_take = {
    .name = "oauth.take",
    .sql = "update dp.one_time_token"
           "   set used_at = pg_catalog.now()"
           " where digest = $1"
           "   and purpose = 'oauth'"
           "   and used_at is null"
           "   and expires_at > pg_catalog.now()"
           " returning data::text, sealed",
};

/* --- the login that was begun --------------------------------------------------- */

static dp_slice_t
member_text(dp_op_t *op, const dp_json_t *json, const char *name)
{
    uint32_t member = dp_json_member(json, 0, dp_slice_text(name));
    uint8_t *buffer;

    if (member == 0 || json->tokens[member].type != DP_JSON_STRING) {
        return dp_slice(NULL, 0);
    }

    buffer = dp_arena_alloc(op->arena, TEXT_SIZE);

    return dp_arena_copy(op->arena,
                         dp_json_text(json, member, buffer, TEXT_SIZE));
}

static bool
login_read(dp_op_t *op, dp_slice_t data, dp_slice_t sealed,
           dp_oauth_login_t *login)
{
    dp_json_token_t tokens[DATA_TOKENS];
    dp_json_t       json = {.tokens = tokens, .capacity = DATA_TOKENS};
    uint8_t        *verifier = dp_arena_alloc(op->arena, sealed.len + 1);
    size_t          len;

    if (dp_json_check(&json, data) != DP_JSON_OK) {
        return false;
    }

    login->provider = member_text(op, &json, "provider");
    login->device = member_text(op, &json, "device");
    login->nonce = member_text(op, &json, "nonce");
    login->return_to = member_text(op, &json, "returnTo");

    if (!dp_unseal(verifier, &len,
                   &(dp_seal_place_t) {"one_time_token", login->nonce, "sealed"},
                   sealed)) {
        return false;
    }

    login->verifier = dp_slice(verifier, len);

    return true;
}

/* Uses the login up.  DP_OK with no provider in it: there is none. */
static dp_error_t
login_use(dp_op_t *op, dp_slice_t state, dp_oauth_login_t *login)
{
    uint8_t    digest[DP_SHA256_SIZE];
    dp_row_t   row;
    dp_error_t error;

    *login = (dp_oauth_login_t) {.provider = {NULL, 0}};
    dp_secret_text_digest(digest, state);
    error = dp_ask(op->db,
                   &(dp_question_t) {
                       .statement = &login_take,
                       .values = DP_BIND(dp_bytea(dp_slice(digest, sizeof(digest)))),
                       .request_id = op->request->request_id,
                       .until_us = dp_monotonic_us() + ASK_LIMIT_US,
                       .writes = true,
                   },
                   &row);

    if (error == DP_OK && dp_row_count(row) == 1
        && !login_read(op, dp_row_bytes(row, 0), dp_row_bytes(row, 1), login)) {
        login->provider.len = 0;
    }

    dp_trip_clear(op->db);

    return error;
}

/* NULL: it is this browser's login with this provider, and nobody refused it. */
static const char *
login_fault(const dp_op_t *op, const dp_identity_provider_t *provider,
            const dp_oauth_login_t *login)
{
    const dp_parameters_t *parameters = &op->input->parameters;

    if (!dp_slice_equal(login->provider, dp_slice_text(provider->name))) {
        return "state";
    }

    if (!dp_equal_secret(login->device,
                         dp_oauth_device(op, op->request->device))) {
        return "other_browser";
    }

    /* RFC 9207: who answers is who was asked */
    if (dp_parameter_present(parameters, "iss")
        && !dp_slice_equal(dp_parameter_text(parameters, "iss"),
                           dp_slice_text(provider->issuer))) {
        return "issuer";
    }

    if (dp_parameter_present(parameters, "error")) {
        return "refused_there";
    }

    return dp_parameter_text(parameters, "code").len == 0 ? "code" : NULL;
}

/* --- the code ------------------------------------------------------------------- */

typedef struct {
    dp_slice_t id_token;
    dp_slice_t access_token;
} tokens_t;

static dp_slice_t
form_make(dp_op_t *op, const dp_identity_provider_t *provider,
          const dp_oauth_login_t *login)
{
    dp_writer_t out = dp_writer(dp_arena_alloc(op->arena, FORM_SIZE), FORM_SIZE);

    dp_oauth_parameter(&out, "", "grant_type", DP_SLICE("authorization_code"));
    dp_oauth_parameter(&out, "&", "code",
                       dp_parameter_text(&op->input->parameters, "code"));
    dp_oauth_parameter(&out, "&", "redirect_uri",
                       dp_oauth_redirect_uri(op, provider));
    dp_oauth_parameter(&out, "&", "client_id", dp_slice_text(provider->client_id));
    dp_oauth_parameter(&out, "&", "code_verifier", login->verifier);

    if (provider->client_secret[0] != '\0') {
        dp_oauth_parameter(&out, "&", "client_secret",
                           dp_slice_text(provider->client_secret));
    }

    return out.failed ? dp_slice(NULL, 0) : dp_written(&out);
}

static bool
tokens_read(dp_op_t *op, dp_slice_t text, tokens_t *tokens)
{
    dp_json_t json = {
        .tokens = dp_arena_alloc(op->arena,
                                 ANSWER_TOKENS * sizeof(dp_json_token_t)),
        .capacity = ANSWER_TOKENS,
    };

    if (dp_json_check(&json, text) != DP_JSON_OK
        || json.tokens[0].type != DP_JSON_OBJECT) {
        return false;
    }

    tokens->id_token = member_text(op, &json, "id_token");
    tokens->access_token = member_text(op, &json, "access_token");

    return tokens->id_token.len != 0;
}

/* Redeems the code, once: it may have been taken although nobody said so. */
static bool
tokens_get(dp_op_t *op, const dp_identity_provider_t *provider,
           const dp_oauth_login_t *login, dp_slice_t endpoint, tokens_t *tokens)
{
    const dp_issuer_asker_t asker = dp_oauth_asker(op);
    dp_answer_t             answer;

    if (!dp_outbound_call(
            &(dp_call_t) {
                .provider = DP_PROVIDER_oidc,
                .instance = provider->name,
                .operation = "token",
                .method = "POST",
                .url = (const char *) endpoint.data,
                .hosts = provider->hosts,
                .body = form_make(op, provider, login),
                .content_type = "application/x-www-form-urlencoded",
                .request_id = asker.request_id,
                .trace_id = asker.trace_id,
                .trace_flags = asker.trace_flags,
                .until_us = asker.until_us,
                .db = op->db,
                .arena = op->arena,
            },
            &answer)) {
        return dp_oauth_unavailable(op, answer.error, answer.retry_after_s);
    }

    return answer.status == 200 && tokens_read(op, answer.body, tokens)
               ? true
               : dp_oauth_refuse(op, login->provider, "code_refused");
}

/* --- who it is ------------------------------------------------------------------ */

/* Reads the ID token; asks for newer keys when it names one that is not known. */
static const char *
id_token_judge(dp_op_t *op, dp_id_token_expected_t *expected,
               dp_slice_t text, dp_id_token_t *token)
{
    const dp_issuer_asker_t asker = dp_oauth_asker(op);
    const char *wrong = dp_id_token_read(op->arena, text, expected, token);
    dp_answer_t answer;
    dp_issuer_t issuer;
    uint32_t    retry_after_s;

    if (wrong == NULL || strcmp(wrong, "key") != 0
        || !dp_issuer_fetch(expected->provider, &asker, NEW_KEYS_PAUSE_S, &answer)
        || dp_issuer_get(expected->provider, &asker, &issuer, &retry_after_s)
               != DP_OK) {
        return wrong;
    }

    expected->keys = issuer.keys;

    return dp_id_token_read(op->arena, text, expected, token);
}

static bool
session_open(dp_op_t *op, const uint8_t *user_id, dp_slice_t return_to)
{
    unsigned member;

    dp_transaction_begin(op);
    member = dp_session_member(op, user_id);

    if (!dp_transaction_facts(op)
        || !dp_session_open(op, dp_transaction_row(op, member),
                            &(dp_login_t) {
                                .method = "oidc", .cookie = true, .auth_level = 1,
                            })) {
        return false;
    }

    op->reply.status = 302;
    op->reply.location = return_to;
    op->reply.body = dp_slice(NULL, 0);

    return dp_transaction_commit(op);
}

static bool
admit(dp_op_t *op, const dp_identity_provider_t *provider,
      const dp_oauth_login_t *login, const dp_issuer_t *issuer)
{
    dp_id_token_expected_t expected = {
        .provider = provider,
        .keys = issuer->keys,
        .nonce = login->nonce,
        .now_us = dp_now_us(),
    };
    tokens_t      tokens = {.id_token = {NULL, 0}};
    dp_id_token_t token;
    dp_account_t  account;
    const char   *wrong;
    dp_error_t    error;

    if (!tokens_get(op, provider, login, issuer->token_endpoint, &tokens)) {
        return false;
    }

    expected.access_token = tokens.access_token;
    wrong = id_token_judge(op, &expected, tokens.id_token, &token);

    if (wrong != NULL) {
        return dp_oauth_refuse(op, login->provider, wrong);
    }

    error = dp_account_find(op, provider, &token, &account);

    if (error != DP_OK) {
        return dp_op_fail(op, error);
    }

    return account.refused == NULL
               ? session_open(op, account.user_id, login->return_to)
               : dp_oauth_refuse(op, login->provider, account.refused);
}

bool
dp_op_finish_o_auth_login(dp_op_t *op)
{
    const dp_identity_provider_t *provider = dp_oauth_provider(op);
    dp_issuer_asker_t             asker;
    dp_oauth_login_t              login;
    dp_issuer_t                   issuer;
    uint32_t                      retry_after_s = 0;
    const char                   *wrong;
    dp_error_t                    error;

    if (provider == NULL) {
        return false;
    }

    error = login_use(op, dp_parameter_text(&op->input->parameters, "state"),
                      &login);

    if (error != DP_OK) {
        return dp_op_fail(op, error);
    }

    wrong = login_fault(op, provider, &login);

    if (wrong != NULL) {
        return dp_oauth_refuse(op, dp_slice_text(provider->name), wrong);
    }

    asker = dp_oauth_asker(op);
    error = dp_issuer_get(provider, &asker, &issuer, &retry_after_s);

    return error == DP_OK ? admit(op, provider, &login, &issuer)
                          : dp_oauth_unavailable(op, error, retry_after_s);
}
