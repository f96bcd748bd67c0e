/*
 * The credential that a client sends: an API key or a token in Authorization, or
 * the cookie of a session.
 *
 * What does not look like one of ours is refused here, without asking anybody.  Of
 * several there is no choice: Authorization comes before the cookie, also when it
 * is no good; two of a kind are none.
 */

#include <openssl/evp.h>

#include "dp_cookie.h"
#include "dp_jwt.h"
#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_principals.h"

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

static dp_error_t
authorization_read(dp_slice_t header, ngx_http_devpilot_sent_t *sent)
{
    if (dp_api_key_find(header, &sent->key)) {
        sent->way = NGX_HTTP_DEVPILOT_BY_KEY;
        sent->text = sent->key.text;
        return DP_OK;
    }

    if (dp_bearer_find(header, &sent->text) && dp_jwt_meant(sent->text)) {
        sent->way = NGX_HTTP_DEVPILOT_BY_TOKEN;
        return DP_OK;
    }

    return DP_ERR_AUTH_KEY_INVALID;
}

ngx_int_t
ngx_http_devpilot_cookie_get(ngx_http_request_t *r, dp_slice_t name,
                             dp_slice_t brand, dp_slice_t *value)
{
    size_t                            count = 0;
    const ngx_table_elt_t            *header;
    ngx_http_devpilot_header_search_t search = {&r->headers_in.headers.part, 0};

    while ((header = ngx_http_devpilot_header_next(&search, DP_SLICE("cookie")))
           != NULL)
    {
        count += dp_cookie_find(dp_slice(header->value.data, header->value.len),
                                name, value);
    }

    if (count == 0) {
        return NGX_DECLINED;
    }

    return count == 1 && dp_cookie_secret_valid(*value, brand) ? NGX_OK
                                                               : NGX_ERROR;
}

static dp_error_t
cookie_read(ngx_http_request_t *r, ngx_http_devpilot_sent_t *sent)
{
    sent->way = NGX_HTTP_DEVPILOT_BY_COOKIE;

    switch (ngx_http_devpilot_cookie_get(r, DP_SLICE(DP_COOKIE_SESSION),
                                         DP_SLICE("dps_"), &sent->text))
    {
    case NGX_OK:
        return DP_OK;
    case NGX_DECLINED:
        return DP_ERR_AUTH_REQUIRED;
    default:
        return DP_ERR_AUTH_TOKEN_INVALID;
    }
}

dp_error_t
ngx_http_devpilot_credential_find(ngx_http_request_t       *r,
                                  ngx_http_devpilot_sent_t *sent)
{
    dp_slice_t header;

    switch (ngx_http_devpilot_header_get(r, DP_SLICE("authorization"),
                                         &header))
    {
    case NGX_OK:
        return authorization_read(header, sent);
    case NGX_DECLINED:
        return cookie_read(r, sent);
    default:
        return DP_ERR_AUTH_KEY_INVALID;
    }
}

static ngx_int_t
digest_make(uint8_t *digest, dp_slice_t text)
{
    if (EVP_DigestInit_ex2(digest_ctx, digest_sha256, NULL) != 1
        || EVP_DigestUpdate(digest_ctx, text.data, text.len) != 1
        || EVP_DigestFinal_ex(digest_ctx, digest, NULL) != 1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}

static ngx_int_t
digest_ask(const ngx_http_devpilot_sent_t *sent, dp_principal_record_t *record,
           ngx_http_devpilot_credential_t *credential)
{
    if (digest_make(credential->digest, sent->text) == NGX_OK) {
        return NGX_AGAIN;
    }

    record->refused = DP_ERR_INTERNAL;

    return NGX_DECLINED;
}

static ngx_int_t
key_examine(ngx_http_request_t *r, const ngx_http_devpilot_sent_t *sent,
            dp_principal_record_t          *record,
            ngx_http_devpilot_credential_t *credential)
{
    if (!dp_api_key_valid(&sent->key)) {
        record->refused = DP_ERR_AUTH_KEY_INVALID;
        return NGX_DECLINED;
    }

    credential->kind = DP_WIRE_ASK_API_KEY;
    ngx_memcpy(credential->prefix, sent->key.prefix.data,
               sizeof(credential->prefix));

    return digest_ask(sent, record, credential);
}

static ngx_int_t
cookie_examine(ngx_http_request_t *r, const ngx_http_devpilot_sent_t *sent,
               dp_principal_record_t          *record,
               ngx_http_devpilot_credential_t *credential)
{
    credential->kind = DP_WIRE_ASK_COOKIE;

    return digest_ask(sent, record, credential);
}

ngx_int_t
ngx_http_devpilot_credential_examine(ngx_http_request_t *r,
    const ngx_http_devpilot_sent_t *sent, dp_principal_record_t *record,
    ngx_http_devpilot_credential_t *credential)
{
    static ngx_int_t (*const ways[NGX_HTTP_DEVPILOT_WAYS])(
        ngx_http_request_t *, const ngx_http_devpilot_sent_t *,
        dp_principal_record_t *, ngx_http_devpilot_credential_t *) = {
        [NGX_HTTP_DEVPILOT_BY_KEY] = key_examine,
        [NGX_HTTP_DEVPILOT_BY_TOKEN] = ngx_http_devpilot_token_examine,
        [NGX_HTTP_DEVPILOT_BY_COOKIE] = cookie_examine,
    };

    return ways[sent->way](r, sent, record, credential);
}

ngx_uint_t
ngx_http_devpilot_credential_refused(dp_error_t code)
{
    return code == DP_ERR_AUTH_KEY_INVALID || code == DP_ERR_AUTH_TOKEN_INVALID
           || code == DP_ERR_AUTH_TOKEN_EXPIRED
           || code == DP_ERR_AUTH_SESSION_REVOKED;
}
