/*
 * Stage: judges path, query and body by the contract, so that only a valid
 * request is forwarded.  The worker judges again, by the same code.
 *
 * The body's tape is given back at the end of the stage; the body stays in the
 * context.
 */

#include "ngx_http_devpilot_validate.h"

ngx_int_t
ngx_http_devpilot_refuse_verdict(ngx_http_request_t *r,
                                 const dp_verdict_t *verdict)
{
    size_t      size = dp_verdict_size(verdict);
    u_char     *details = ngx_pnalloc(r->pool, size);
    dp_writer_t writer;

    if (details == NULL) {
        return NGX_ERROR;
    }

    writer = dp_writer(details, size);
    dp_verdict_render(&writer, verdict);

    return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
        .code = verdict->code,
        .details = dp_written(&writer),
    });
}

static ngx_int_t
parameters_judge(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
                 dp_verdict_t *verdict)
{
    dp_parameters_t parameters = {
        .route = ctx->match.route,
        .path = ctx->match.params,
        .query = dp_slice(r->args.data, r->args.len),
        .buffer = ngx_pnalloc(r->pool, r->args.len + 1),
    };

    if (parameters.buffer == NULL) {
        return NGX_ERROR;
    }

    dp_contract_parameters(verdict, &parameters);

    return NGX_OK;
}

static ngx_int_t
form_judge(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
           dp_verdict_t *verdict)
{
    dp_form_t form = {
        .route = ctx->match.route,
        .buffer = ngx_pnalloc(r->pool, ctx->body.len + 1),
    };

    if (form.buffer == NULL) {
        return NGX_ERROR;
    }

    dp_contract_form(verdict, &form, ctx->body);

    return NGX_OK;
}

static ngx_int_t
body_judge(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
           dp_verdict_t *verdict)
{
    dp_json_t json = {.capacity = dp_contract_tokens(ctx->body)};

    if (ctx->match.route->body_limit == 0) {
        return NGX_OK;
    }

    if (dp_contract_operation(ctx->match.route)->field_count != 0) {
        return form_judge(r, ctx, verdict);
    }

    json.tokens = ngx_palloc(r->pool, json.capacity * sizeof(dp_json_token_t));
    if (json.tokens == NULL) {
        return NGX_ERROR;
    }

    dp_contract_body(verdict, ctx->match.route, &json, ctx->body);
    (void) ngx_pfree(r->pool, json.tokens);

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_validate(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    dp_verdict_t verdict;

    dp_verdict_begin(&verdict);

    if (ngx_http_devpilot_body_slice(r, &ctx->body) != NGX_OK
        || parameters_judge(r, ctx, &verdict) != NGX_OK
        || body_judge(r, ctx, &verdict) != NGX_OK)
    {
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }

    return verdict.code == DP_OK
               ? NGX_HTTP_DEVPILOT_NEXT
               : ngx_http_devpilot_refuse_verdict(r, &verdict);
}
