/*
 * Stage: If-Match and If-None-Match, as far as they can be judged without the
 * resource: their syntax, and whether the operation demands the first.
 */

#include "dp_etag.h"
#include "ngx_http_devpilot.h"

static ngx_uint_t
tags_readable(const ngx_table_elt_t *header)
{
    return header == NULL
           || dp_etag_list_valid(dp_slice(header->value.data,
                                          header->value.len));
}

ngx_int_t
ngx_http_devpilot_preconditions(ngx_http_request_t *r,
                                ngx_http_devpilot_ctx_t *ctx)
{
    if (!tags_readable(r->headers_in.if_match)
        || !tags_readable(r->headers_in.if_none_match))
    {
        return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
            .code = DP_ERR_REQUEST_MALFORMED,
            .hint = DP_SLICE("If-Match and If-None-Match take * or a list of "
                             "entity tags, each in double quotes."),
        });
    }

    if (ctx->match.route->if_match_required && r->headers_in.if_match == NULL) {
        return ngx_http_devpilot_refuse(r, DP_ERR_PRECONDITION_REQUIRED);
    }

    return NGX_HTTP_DEVPILOT_NEXT;
}
