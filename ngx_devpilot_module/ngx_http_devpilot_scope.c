/*
 * Stage: is the credential confined to something else?
 *
 * Public operations are open to all.  Roles are judged by the worker, in the
 * request's own transaction, as is the scope once more.
 */

#include "dp_json_out.h"
#include "dp_scope.h"
#include "ngx_http_devpilot.h"

ngx_int_t
ngx_http_devpilot_scope(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    uint64_t    wanted = ctx->match.route->scope;
    u_char      buffer[64];
    dp_writer_t details = dp_writer(buffer, sizeof(buffer));

    if (ctx->principal.kind == DP_PRINCIPAL_NONE
        || (ctx->scopes & wanted) != 0)
    {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    dp_write_text(&details, "{\"scope\":");
    dp_json_string(&details, dp_slice_text(dp_scope_name(wanted)));
    dp_write_text(&details, "}");

    return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
        .code = DP_ERR_AUTH_FORBIDDEN,
        .details = dp_written(&details),
    });
}
