/*
 * listErrorCodes, getOpenApi, getOpenApiYaml: documents that anybody may keep for
 * a while.  nginx answers If-None-Match from their entity tags.
 */

#include "dp_routes_index.h"
#include "ngx_http_devpilot_documents.h"
#include "ngx_http_devpilot_headers.h"

static const ngx_http_devpilot_document_t *const documents[DP_ROUTE_COUNT] = {
    [DP_ROUTE_listErrorCodes] = &ngx_http_devpilot_errors_json,
    [DP_ROUTE_getOpenApi] = &ngx_http_devpilot_openapi_json,
    [DP_ROUTE_getOpenApiYaml] = &ngx_http_devpilot_openapi_yaml,
};

ngx_int_t
ngx_http_devpilot_document(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    const dp_route_t                   *route = ctx->match.route;
    const ngx_http_devpilot_document_t *document = documents[route - dp_routes];

    r->headers_out.etag = ngx_http_devpilot_header_add(r, DP_SLICE("ETag"),
                                                       document->etag);

    if (r->headers_out.etag == NULL
        || ngx_http_devpilot_header_add(r, DP_SLICE("Cache-Control"),
                                        DP_SLICE("public, max-age=300"))
               == NULL)
    {
        return NGX_ERROR;
    }

    return ngx_http_devpilot_respond_bytes(r, dp_slice_text(route->produces),
                                           document->body);
}
