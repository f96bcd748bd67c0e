/*
 * Stage: who is calling?
 *
 * A credential is an API key, "Authorization: Bearer dp_<prefix>_<secret>".  A
 * malformed one is refused here.  For the others a worker is asked, by prefix
 * and digest: the key itself never leaves this process.  Public operations
 * pass.
 */

#include <openssl/evp.h>

#include "dp_headers.h"
#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_headers.h"

#define DIGEST_SIZE 32

struct ngx_http_devpilot_authentication_s {
    ngx_http_devpilot_exchange_t exchange;
    dp_wire_principal_t          reply;
    dp_error_t                   refused; /* DP_OK: the principal is known */
    unsigned                     done:1;
};

static EVP_MD     *digest_sha256;
static EVP_MD_CTX *digest_ctx;

ngx_int_t
ngx_http_devpilot_digest_init(ngx_cycle_t *cycle)
{
    digest_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    digest_ctx = EVP_MD_CTX_new();

    if (digest_sha256 == NULL || digest_ctx == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "OpenSSL offers no SHA-256");
        return NGX_ERROR;
    }

    return NGX_OK;
}

/* Finds the API key in the request's headers; the code says what is wrong. */
static dp_error_t
key_find(ngx_http_request_t *r, dp_api_key_t *key)
{
    dp_slice_t header;

    switch (ngx_http_devpilot_header_get(r, DP_SLICE("authorization"),
                                         &header))
    {
    case NGX_OK:
        break;
    case NGX_DECLINED:
        return DP_ERR_AUTH_REQUIRED;
    default:
        return DP_ERR_AUTH_KEY_INVALID;
    }

    return dp_api_key_read(header, key) ? DP_OK : DP_ERR_AUTH_KEY_INVALID;
}

static ngx_int_t
digest_make(uint8_t *digest, dp_slice_t key)
{
    if (EVP_DigestInit_ex2(digest_ctx, digest_sha256, NULL) != 1
        || EVP_DigestUpdate(digest_ctx, key.data, key.len) != 1
        || EVP_DigestFinal_ex(digest_ctx, digest, NULL) != 1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}

static void
answered(ngx_http_devpilot_exchange_t *exchange, dp_error_t outcome)
{
    ngx_http_request_t      *r = exchange->data;
    ngx_http_devpilot_ctx_t *ctx = ngx_http_devpilot_context(r);
    ngx_http_devpilot_authentication_t *auth = ctx->authentication;

    auth->done = 1;
    auth->refused = outcome;
    ctx->worker_us += ngx_http_devpilot_exchange_age_us(exchange);

    if (outcome == DP_OK && auth->reply.code.len != 0) {
        auth->refused = dp_error_find(auth->reply.code);
    }

    /* a message without a field is well-formed, and says nobody's name */
    if (auth->refused == DP_OK
        && auth->reply.principal.kind == DP_PRINCIPAL_NONE)
    {
        auth->refused = DP_ERR_INTERNAL;
    }

    if (auth->refused == DP_OK) {
        ctx->principal = auth->reply.principal;
    }

    ngx_http_devpilot_resume(r);
}

static void
authentication_cleanup(void *data)
{
    ngx_http_devpilot_authentication_t *auth = data;

    ngx_http_devpilot_exchange_cancel(&auth->exchange);
}

static ngx_http_devpilot_authentication_t *
authentication_make(ngx_http_request_t *r)
{
    ngx_http_devpilot_authentication_t *auth;
    ngx_http_cleanup_t                 *cln;

    cln = ngx_http_cleanup_add(r, sizeof(*auth));
    if (cln == NULL) {
        return NULL;
    }

    auth = cln->data;
    ngx_memzero(auth, sizeof(*auth));
    auth->exchange = (ngx_http_devpilot_exchange_t) {
        .handler = answered,
        .data = r,
        .reply_spec = &dp_wire_principal,
        .reply = &auth->reply,
        .repeatable = 1,
    };
    cln->handler = authentication_cleanup;

    return auth;
}

static ngx_int_t
worker_ask(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
           const dp_api_key_t *key)
{
    uint8_t                digest[DIGEST_SIZE];
    dp_wire_authenticate_t message;

    ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    ctx->authentication = authentication_make(r);
    if (ctx->authentication == NULL || digest_make(digest, key->text) != NGX_OK) {
        return NGX_ERROR;
    }

    message = (dp_wire_authenticate_t) {
        .deadline_us = ngx_http_devpilot_channels_deadline_us(&mcf->channels),
        .prefix = key->prefix,
        .digest = dp_slice(digest, sizeof(digest)),
    };
    ngx_memcpy(message.request_id, ctx->request_id, sizeof(ctx->request_id));

    return ngx_http_devpilot_exchange_send(&mcf->channels,
                                           &ctx->authentication->exchange,
                                           &dp_wire_authenticate, &message);
}

static ngx_int_t
authentication_begin(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    dp_api_key_t key;
    dp_error_t   code = key_find(r, &key);

    if (code != DP_OK) {
        return ngx_http_devpilot_refuse(r, code);
    }

    switch (worker_ask(r, ctx, &key)) {
    case NGX_OK:
        ngx_http_devpilot_watch_client(r);
        return NGX_HTTP_DEVPILOT_WAIT;
    case NGX_BUSY:
        return ngx_http_devpilot_refuse(r, DP_ERR_WORKER_BUSY);
    case NGX_DECLINED:
        return ngx_http_devpilot_refuse(r, DP_ERR_WORKER_UNAVAILABLE);
    default:
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }
}

ngx_int_t
ngx_http_devpilot_authenticate(ngx_http_request_t *r,
                               ngx_http_devpilot_ctx_t *ctx)
{
    const ngx_http_devpilot_authentication_t *auth = ctx->authentication;

    if (ctx->match.route->role_scope == DP_ROLE_PUBLIC) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    if (auth == NULL) {
        return authentication_begin(r, ctx);
    }

    if (!auth->done) {
        return NGX_HTTP_DEVPILOT_WAIT;
    }

    if (auth->refused != DP_OK) {
        return ngx_http_devpilot_refuse(r, auth->refused);
    }

    return NGX_HTTP_DEVPILOT_NEXT;
}
