/*
 * Stage: the header Idempotency-Key, for operations that take one.
 *
 * Missing where it is required: 400.  Sent twice, or not as the contract
 * says: 422.
 */

#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_validate.h"

/* `found` is what looking for the header returned. */
static void
key_judge(dp_verdict_t *verdict, const dp_route_t *route, ngx_int_t found,
          dp_slice_t key)
{
    dp_slice_t name = DP_SLICE("Idempotency-Key");

    dp_verdict_begin(verdict);

    if (found == NGX_OK) {
        dp_contract_header(verdict, route, name, key);
    } else {
        dp_verdict_issue(verdict, DP_IN_HEADER, name, "maxItems",
                         DP_SLICE("must come once"));
    }
}

ngx_int_t
ngx_http_devpilot_idempotency_key(ngx_http_request_t *r,
                                  ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t    rc;
    dp_slice_t   key = {NULL, 0};
    dp_verdict_t verdict;

    if (ctx->match.route->idempotency == DP_KEY_NONE) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    rc = ngx_http_devpilot_header_get(r, DP_SLICE("idempotency-key"), &key);

    if (rc == NGX_DECLINED) {
        return ctx->match.route->idempotency == DP_KEY_REQUIRED
                   ? ngx_http_devpilot_refuse(r, DP_ERR_IDEMPOTENCY_KEY_REQUIRED)
                   : NGX_HTTP_DEVPILOT_NEXT;
    }

    key_judge(&verdict, ctx->match.route, rc, key);
    if (verdict.code != DP_OK) {
        return ngx_http_devpilot_refuse_verdict(r, &verdict);
    }

    ctx->idempotency_key = key;

    return NGX_HTTP_DEVPILOT_NEXT;
}
