/*
 * The credential that a client sends: an API key, "Authorization: Bearer
 * dp_<prefix>_<secret>".
 *
 * What does not look like one is refused here, without asking anybody.
 */

#include <openssl/evp.h>

#include "dp_headers.h"
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

dp_error_t
ngx_http_devpilot_credential_find(ngx_http_request_t *r, dp_api_key_t *key)
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

    return dp_api_key_find(header, key) ? DP_OK : DP_ERR_AUTH_KEY_INVALID;
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

dp_error_t
ngx_http_devpilot_credential_digest(const dp_api_key_t             *key,
                                    ngx_http_devpilot_credential_t *credential)
{
    if (!dp_api_key_valid(key)) {
        return DP_ERR_AUTH_KEY_INVALID;
    }

    ngx_memcpy(credential->prefix, key->prefix.data, sizeof(credential->prefix));

    return digest_make(credential->digest, key->text) == NGX_OK
               ? DP_OK
               : DP_ERR_INTERNAL;
}
