/*
 * Refusals: which error, what is said about it, and the envelope as bytes.
 *
 * The envelope is rendered at once, as what a worker said about its error goes
 * with its frame.  The filters of ngx_http_devpilot_envelope.c send it.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_clock.h"

static ngx_int_t
envelope_render(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
                const ngx_http_devpilot_refusal_t *refusal)
{
    u_char             *start;
    dp_writer_t         writer;
    dp_error_envelope_t envelope = {
        .code = refusal->code,
        .status = (unsigned) refusal->status,
        .timestamp_us = ngx_http_devpilot_wall_us(),
        .message = refusal->message,
        .hint = refusal->hint,
        .client_request_id = ctx->client_request_id,
        .context = refusal->context,
        .causes = refusal->causes,
        .details = refusal->details,
    };
    size_t size = DP_ERROR_ENVELOPE_SIZE
                  + 12 * (refusal->message.len + refusal->hint.len)
                  + refusal->context.len + refusal->details.len;

    ngx_memcpy(envelope.request_id, ctx->request_id, sizeof(ctx->request_id));
    ngx_memcpy(envelope.trace_id, ctx->trace.trace_id,
               sizeof(ctx->trace.trace_id));

    start = ngx_pnalloc(r->pool, size);
    if (start == NULL) {
        return NGX_ERROR;
    }

    writer = dp_writer(start, size);
    ctx->problem = ngx_http_devpilot_wants_problem(r);

    if (ctx->problem) {
        dp_error_render_problem(&writer, &envelope);

    } else {
        dp_error_render(&writer, &envelope);
    }

    if (writer.failed) {
        return NGX_ERROR;
    }

    ctx->envelope.data = start;
    ctx->envelope.len = dp_written(&writer).len;

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_refuse_with(ngx_http_request_t *r,
                              const ngx_http_devpilot_refusal_t *refusal)
{
    const dp_error_row_t               *row = dp_error_row(refusal->code);
    ngx_http_devpilot_ctx_t            *ctx = ngx_http_devpilot_context(r);
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->code = refusal->code;
    ctx->reason = refusal->reason != NULL
                      ? refusal->reason
                      : ngx_http_devpilot_stage_name(ctx->stage);
    ctx->allowed = refusal->allowed;
    ctx->retry_after_s = refusal->retry_after_s != 0 ? refusal->retry_after_s
                                                     : row->retry_after_s;

    if ((lcf->envelope || lcf->guard.envelope)
        && envelope_render(r, ctx, refusal) != NGX_OK) {
        return NGX_ERROR;
    }

    return row->status;
}

ngx_int_t
ngx_http_devpilot_refuse(ngx_http_request_t *r, dp_error_t code)
{
    return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
        .code = code,
    });
}
