/*
 * startOAuthLogin: sends a browser to the identity provider, with a state, a nonce
 * and a PKCE challenge that belong to it alone.
 */

#include "oauth.h"

#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "db/transaction.h"
#include "dp_base64url.h"
#include "dp_contract.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "json/render.h"
#include "one_time_token.h"
#include "policy/input.h"
#include "secret_text.h"
#include "session.h"

#define RANDOM_SIZE 32
#define URL_SIZE 8192

static dp_slice_t
random_text(dp_op_t *op)
{
    uint8_t bytes[RANDOM_SIZE];
    char    text[DP_OAUTH_TEXT_SIZE];

    dp_random(bytes, sizeof(bytes));
    dp_base64url_encode(text, dp_slice(bytes, sizeof(bytes)));

    return dp_arena_copy(op->arena, dp_slice(text, sizeof(text)));
}

/* S256 of RFC 7636. */
static dp_slice_t
challenge_make(dp_op_t *op, dp_slice_t verifier)
{
    uint8_t digest[DP_SHA256_SIZE];
    char    text[DP_OAUTH_TEXT_SIZE];

    dp_sha256(digest, &verifier, 1);
    dp_base64url_encode(text, dp_slice(digest, sizeof(digest)));

    return dp_arena_copy(op->arena, dp_slice(text, sizeof(text)));
}

/* The browser's cookie, or a new one for it. */
static dp_slice_t
device_take(dp_op_t *op)
{
    dp_slice_t device = op->request->device;

    if (!dp_secret_text_valid(device, DP_SECRET_DEVICE)) {
        device = dp_secret_text_make(op->arena, DP_SECRET_DEVICE);
        dp_device_cookie(op, device);
    }

    return dp_oauth_device(op, device);
}

static dp_oauth_login_t
login_make(dp_op_t *op, const dp_identity_provider_t *provider)
{
    dp_slice_t return_to = dp_parameter_text(&op->input->parameters, "returnTo");

    return (dp_oauth_login_t) {
        .provider = dp_slice_text(provider->name),
        .device = device_take(op),
        .nonce = random_text(op),
        .verifier = random_text(op),
        .return_to = return_to.len == 0 ? DP_SLICE("/") : return_to,
    };
}

static dp_slice_t
data_render(dp_op_t *op, const dp_oauth_login_t *login)
{
    dp_writer_t writer = dp_render_begin(op->arena,
                                         300 + 6 * login->return_to.len);

    dp_write_text(&writer, "{\"provider\":");
    dp_json_string(&writer, login->provider);
    dp_write_text(&writer, ",\"device\":");
    dp_json_string(&writer, login->device);
    dp_write_text(&writer, ",\"nonce\":");
    dp_json_string(&writer, login->nonce);
    dp_write_text(&writer, ",\"returnTo\":");
    dp_json_string(&writer, login->return_to);
    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

/* Bound to the nonce, so that it opens beside no other. */
static dp_slice_t
verifier_seal(dp_op_t *op, const dp_oauth_login_t *login)
{
    uint8_t *sealed = dp_arena_alloc(op->arena,
                                     login->verifier.len + DP_SEAL_OVERHEAD);
    const dp_seal_place_t place = {"one_time_token", login->nonce, "sealed"};

    return dp_slice(sealed, dp_seal(sealed, &place, login->verifier));
}

static dp_slice_t
state_issue(dp_op_t *op, const dp_oauth_login_t *login)
{
    return dp_one_time_issue(op, &(dp_one_time_t) {
                                     .purpose = DP_OAUTH_PURPOSE,
                                     .lasts_s = DP_OAUTH_LASTS_S,
                                     .data = data_render(op, login),
                                     .sealed = verifier_seal(op, login),
                                 });
}

static bool
location_fill(dp_op_t *op, const dp_identity_provider_t *provider,
              dp_slice_t endpoint, const dp_oauth_login_t *login)
{
    dp_writer_t out = dp_writer(dp_arena_alloc(op->arena, URL_SIZE), URL_SIZE);
    const char *first = memchr(endpoint.data, '?', endpoint.len) == NULL ? "?"
                                                                         : "&";
    dp_slice_t  state = state_issue(op, login);

    dp_write_bytes(&out, endpoint);
    dp_oauth_parameter(&out, first, "response_type", DP_SLICE("code"));
    dp_oauth_parameter(&out, "&", "client_id", dp_slice_text(provider->client_id));
    dp_oauth_parameter(&out, "&", "redirect_uri",
                       dp_oauth_redirect_uri(op, provider));
    dp_oauth_parameter(&out, "&", "scope", dp_slice_text(provider->scopes));
    dp_oauth_parameter(&out, "&", "state", state);
    dp_oauth_parameter(&out, "&", "nonce", login->nonce);
    dp_oauth_parameter(&out, "&", "code_challenge",
                       challenge_make(op, login->verifier));
    dp_oauth_parameter(&out, "&", "code_challenge_method", DP_SLICE("S256"));
    op->reply.status = 302;
    op->reply.location = dp_written(&out);

    return !out.failed;
}

bool
dp_op_start_o_auth_login(dp_op_t *op)
{
    const dp_identity_provider_t *provider = dp_oauth_provider(op);
    dp_issuer_t                   issuer;
    dp_oauth_login_t              login;
    dp_issuer_asker_t             asker;
    uint32_t                      retry_after_s;
    dp_error_t                    error;

    if (provider == NULL) {
        return false;
    }

    asker = dp_oauth_asker(op);
    error = dp_issuer_get(provider, &asker, &issuer, &retry_after_s);

    if (error != DP_OK) {
        return dp_oauth_unavailable(op, error, retry_after_s);
    }

    login = login_make(op, provider);
    dp_transaction_begin(op);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    return location_fill(op, provider, issuer.authorization_endpoint, &login)
               ? dp_transaction_commit(op)
               : dp_op_fail(op, DP_ERR_INTEGRATION_OIDC_UNAVAILABLE);
}
