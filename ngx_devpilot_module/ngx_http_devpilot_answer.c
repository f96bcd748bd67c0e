/*
 * Stage: the operations that the edge answers by itself, as a table.
 *
 * All others go on to the worker.
 */

#include "ngx_http_devpilot_documents.h"
#include "ngx_http_devpilot_keys.h"
#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_probe.h"

/* getLiveness: nginx serves, whatever may be behind it. */
static ngx_int_t
liveness(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    return ngx_http_devpilot_respond_text(r, DP_SLICE("application/json"),
                                          DP_SLICE("{\"status\":\"ok\"}"));
}

static const ngx_http_devpilot_stage_pt answers[DP_ROUTE_COUNT] = {
    [DP_ROUTE_listErrorCodes] = ngx_http_devpilot_document,
    [DP_ROUTE_getOpenApi] = ngx_http_devpilot_document,
    [DP_ROUTE_getOpenApiYaml] = ngx_http_devpilot_document,
    [DP_ROUTE_getHealth] = ngx_http_devpilot_health,
    [DP_ROUTE_getLiveness] = liveness,
    [DP_ROUTE_getMetrics] = ngx_http_devpilot_metrics,
    [DP_ROUTE_getCsrfToken] = ngx_http_devpilot_csrf_answer,
};

ngx_int_t
ngx_http_devpilot_answer(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_http_devpilot_stage_pt answer = answers[ctx->match.route - dp_routes];

    return answer == NULL ? NGX_HTTP_DEVPILOT_NEXT : answer(r, ctx);
}
