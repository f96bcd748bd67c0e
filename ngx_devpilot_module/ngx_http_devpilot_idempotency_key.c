/*
 * Stage: the header Idempotency-Key, for operations that take one.
 *
 * Missing where it is required: 400.  Sent twice, or not 16 to 255 visible ASCII
 * characters: 422.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_headers.h"

#define KEY_MIN 16
#define KEY_MAX 255

static ngx_uint_t
key_valid(dp_slice_t key)
{
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] < '!' || key.data[i] > '~') {
            return 0;
        }
    }

    return key.len >= KEY_MIN && key.len <= KEY_MAX;
}

ngx_int_t
ngx_http_devpilot_idempotency_key(ngx_http_request_t *r,
                                  ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t  rc;
    dp_slice_t key = {NULL, 0};

    if (ctx->match.route->idempotency == DP_KEY_NONE) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    rc = ngx_http_devpilot_header_get(r, DP_SLICE("idempotency-key"), &key);

    if (rc == NGX_DECLINED) {
        return ctx->match.route->idempotency == DP_KEY_REQUIRED
                   ? ngx_http_devpilot_refuse(r, DP_ERR_IDEMPOTENCY_KEY_REQUIRED)
                   : NGX_HTTP_DEVPILOT_NEXT;
    }

    if (rc != NGX_OK || !key_valid(key)) {
        return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
            .code = DP_ERR_VALIDATION_FAILED,
            .details = DP_SLICE("{\"issues\":[{\"in\":\"header\","
                                "\"pointer\":\"/Idempotency-Key\","
                                "\"keyword\":\"pattern\",\"message\":"
                                "\"must be one key of 16 to 255 visible "
                                "ASCII characters\"}]}"),
        });
    }

    ctx->idempotency_key = key;

    return NGX_HTTP_DEVPILOT_NEXT;
}
