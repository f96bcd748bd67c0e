/*
 * The filters that make every error wear the envelope: ours, and those that
 * nginx answers by itself with a page of HTML.
 *
 * nginx notes such an answer's status in r->err_status.  The body of a response
 * that comes from elsewhere (an upstream, a file, a configured error_page) is
 * never touched.  Every response, error or not, gets its X-Request-Id.
 */

#include "dp_json_out.h"
#include "ngx_http_devpilot_charge.h"
#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_principals.h"
#include "ngx_http_devpilot_standing.h"

/* NGX_HTTP_LIMIT_REQ_REJECTED and its like, which nginx keeps in two .c files */
#define LIMIT_REQ_REJECTED 3
#define LIMIT_CONN_REJECTED 2

static ngx_http_output_header_filter_pt next_header_filter;
static ngx_http_output_body_filter_pt   next_body_filter;

/*
 * nginx answers headers that are too large with 400, having called it 494
 * before; it lingers for that one only.
 */
static ngx_uint_t
status_meant(const ngx_http_request_t *r)
{
    if (r->err_status == NGX_HTTP_BAD_REQUEST && r->lingering_close) {
        return dp_error_row(DP_ERR_REQUEST_HEADERS_TOO_LARGE)->status;
    }

    return r->err_status;
}

/*
 * What nginx's own status stands for.  limit_req and limit_conn leave a note
 * when they refuse, by a status of the configuration's choice.
 */
static dp_error_t
code_meant(const ngx_http_request_t *r, ngx_uint_t status)
{
    if (r->limit_req_status == LIMIT_REQ_REJECTED
        || r->limit_conn_status == LIMIT_CONN_REJECTED)
    {
        return DP_ERR_RATE_LIMIT_CONFIGURED;
    }

    return dp_error_for_status((unsigned) status);
}

/* Which part of nginx it was, or that it comes from behind nginx. */
static const char *
reason_meant(const ngx_http_request_t *r)
{
    if (r->limit_req_status == LIMIT_REQ_REJECTED) {
        return "limit_req";
    }

    if (r->limit_conn_status == LIMIT_CONN_REJECTED) {
        return "limit_conn";
    }

    return r->upstream != NULL ? "upstream" : "nginx";
}

/* nginx's own errors are refused here, at the last moment. */
static ngx_int_t
refusal_make(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
             ngx_uint_t status)
{
    const ngx_http_devpilot_refusal_t refusal = {
        .code = code_meant(r, status),
        .status = status,
        .reason = reason_meant(r),
    };

    if (ctx->envelope.len != 0 && dp_error_row(ctx->code)->status == status) {
        return NGX_OK;
    }

    return ngx_http_devpilot_refuse_with(r, &refusal) == NGX_ERROR ? NGX_ERROR
                                                                   : NGX_OK;
}

static ngx_int_t
retry_after_add(ngx_http_request_t *r, uint32_t seconds)
{
    dp_writer_t writer;
    u_char     *digits;

    if (seconds == 0) {
        return NGX_OK;
    }

    digits = ngx_pnalloc(r->pool, NGX_INT32_LEN);
    if (digits == NULL) {
        return NGX_ERROR;
    }

    writer = dp_writer(digits, NGX_INT32_LEN);
    dp_json_uint(&writer, seconds);

    return ngx_http_devpilot_header_add(r, DP_SLICE("Retry-After"),
                                        dp_written(&writer)) == NULL
               ? NGX_ERROR
               : NGX_OK;
}

/* RFC 6750, section 3: who sent no credential is told of no error. */
static dp_slice_t
challenge_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx)
{
    if (ctx->code == DP_ERR_AUTH_TOKEN_EXPIRED) {
        return DP_SLICE("Bearer error=\"invalid_token\", "
                        "error_description=\"The token has expired\"");
    }

    if (ngx_http_devpilot_credential_refused(ctx->code)) {
        return DP_SLICE("Bearer error=\"invalid_token\"");
    }

    return dp_slice_text(
        r->headers_out.status == NGX_HTTP_UNAUTHORIZED ? "Bearer" : "");
}

static ngx_int_t
headers_add(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx)
{
    const ngx_http_devpilot_header_t headers[] = {
        {DP_SLICE("Cache-Control"), DP_SLICE("no-store")},
        {DP_SLICE("WWW-Authenticate"), challenge_text(r, ctx)},
    };

    if (ngx_http_devpilot_headers_add(r, headers, 2) != NGX_OK
        || retry_after_add(r, ctx->retry_after_s) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ctx->allowed == 0
               ? NGX_OK
               : ngx_http_devpilot_methods_add(r, DP_SLICE("Allow"),
                                               ctx->allowed);
}

static void
content_type_set(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx)
{
    static ngx_str_t types[] = {
        ngx_string("application/json"),
        ngx_string("application/problem+json"),
    };

    r->headers_out.content_type = types[ctx->problem];
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
}

/* Makes the header that of the envelope; the body follows in the body filter. */
static ngx_int_t
header_dress(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_uint_t status = status_meant(r);

    if (refusal_make(r, ctx, status) != NGX_OK) {
        return NGX_ERROR;
    }

    r->err_status = status;
    r->headers_out.status = status;
    content_type_set(r, ctx);
    ngx_http_clear_content_length(r);
    r->headers_out.content_length_n = (off_t) ctx->envelope.len;
    ctx->dressed = 1;

    return headers_add(r, ctx);
}

/* nginx's own errors wear the envelope by configuration, our refusals anyway. */
static ngx_uint_t
to_be_dressed(const ngx_http_request_t *r,
              const ngx_http_devpilot_loc_conf_t *lcf,
              const ngx_http_devpilot_ctx_t *ctx)
{
    if (r->err_status < NGX_HTTP_BAD_REQUEST) {
        return 0;
    }

    return (lcf->envelope && !ctx->error_page)
           || (ctx->envelope.len != 0
               && dp_error_row(ctx->code)->status == r->err_status);
}

/* Not what a location of ours passes on: the page of a configured error. */
static ngx_uint_t
answer_ours(const ngx_http_devpilot_loc_conf_t *lcf,
            const ngx_http_devpilot_ctx_t *ctx)
{
    return ctx->dressed || (lcf->enable && !ctx->error_page);
}

/* What passed a guard is not ours: it tells of the caller's quotas, if of any. */
static ngx_int_t
guarded_pass(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx)
{
    return ngx_http_devpilot_limit_headers_add(r, &ctx->limits) == NGX_OK
               ? next_header_filter(r)
               : NGX_ERROR;
}

static ngx_int_t
header_filter(ngx_http_request_t *r)
{
    ngx_http_devpilot_ctx_t            *ctx;
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    if (r != r->main) {
        return next_header_filter(r);
    }

    if (!lcf->enable && !lcf->envelope) {
        ctx = lcf->guard.enable ? ngx_http_devpilot_context_known(r) : NULL;

        if (ctx == NULL) {
            return next_header_filter(r);
        }

        if (!to_be_dressed(r, lcf, ctx)) {
            return guarded_pass(r, ctx);
        }
    }

    if (ngx_exiting || r->filter_finalize) {
        r->keepalive = 0; /* else nginx promises it, and closes */
    }

    ctx = ngx_http_devpilot_context(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (to_be_dressed(r, lcf, ctx) && header_dress(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_devpilot_standing_add(r, ctx, answer_ours(lcf, ctx))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return next_header_filter(r);
}

static ngx_int_t
envelope_send(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_chain_t out = {NULL, NULL};
    ngx_buf_t  *b = ngx_calloc_buf(r->pool);

    if (b == NULL) {
        return NGX_ERROR;
    }

    b->memory = 1;
    b->pos = ctx->envelope.data;
    b->last = b->pos + ctx->envelope.len;
    b->last_buf = 1;
    b->last_in_chain = 1;
    out.buf = b;
    ctx->envelope_sent = 1;

    return next_body_filter(r, &out);
}

/* nginx's page goes unsent: its buffers are taken as if they had been. */
static ngx_int_t
body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_devpilot_ctx_t *ctx =
        ngx_http_get_module_ctx(r, ngx_http_devpilot_module);

    if (in == NULL || r != r->main || ctx == NULL || !ctx->dressed) {
        return next_body_filter(r, in);
    }

    for (ngx_chain_t *cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
    }

    return ctx->envelope_sent ? NGX_OK : envelope_send(r, ctx);
}

ngx_int_t
ngx_http_devpilot_envelope_install(ngx_conf_t *cf)
{
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;

    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;

    return NGX_OK;
}
