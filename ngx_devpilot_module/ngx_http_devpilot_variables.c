/*
 * The variables, one row each; docs/variables.md has a section for each row.
 *
 * They can be used anywhere in nginx's configuration.  Using one makes the
 * request's ids, if nothing has made them before.
 */

#include "dp_id.h"
#include "ngx_http_devpilot_trace.h"
#include "ngx_http_devpilot_variables.h"

/* Text of a value, from the request's pool or for ever; empty: not found. */
typedef ngx_int_t (*text_pt)(ngx_http_request_t *r,
                             const ngx_http_devpilot_ctx_t *ctx,
                             ngx_str_t *text);

static ngx_int_t
text_take(ngx_http_request_t *r, ngx_str_t *text, size_t len)
{
    text->len = len;
    text->data = ngx_pnalloc(r->pool, len);

    return text->data == NULL ? NGX_ERROR : NGX_OK;
}

static ngx_int_t
request_id_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
                ngx_str_t *text)
{
    text->data = (u_char *) ctx->request_id_text;
    text->len = sizeof(ctx->request_id_text);

    return NGX_OK;
}

static ngx_int_t
trace_id_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
              ngx_str_t *text)
{
    if (text_take(r, text, 2 * DP_TRACE_ID_SIZE) != NGX_OK) {
        return NGX_ERROR;
    }

    dp_hex_format((char *) text->data, ctx->trace.trace_id, DP_TRACE_ID_SIZE);

    return NGX_OK;
}

static ngx_int_t
traceparent_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
                 ngx_str_t *text)
{
    if (text_take(r, text, DP_TRACE_TEXT_SIZE) != NGX_OK) {
        return NGX_ERROR;
    }

    dp_trace_format((char *) text->data, &ctx->trace);

    return NGX_OK;
}

/* Of whoever the credential belongs to; empty before that is known. */
static ngx_int_t
principal_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
               const uint8_t *id, ngx_str_t *text)
{
    if (ctx->principal.kind == DP_PRINCIPAL_NONE) {
        ngx_str_null(text);
        return NGX_OK;
    }

    if (text_take(r, text, DP_ID_TEXT_SIZE) != NGX_OK) {
        return NGX_ERROR;
    }

    dp_id_format((char *) text->data, id);

    return NGX_OK;
}

static ngx_int_t
user_id_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
             ngx_str_t *text)
{
    return principal_text(r, ctx, ctx->principal.user_id, text);
}

static ngx_int_t
org_id_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
            ngx_str_t *text)
{
    return principal_text(r, ctx, ctx->principal.org_id, text);
}

static ngx_int_t
credential_id_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
                   ngx_str_t *text)
{
    return principal_text(r, ctx, ctx->principal.credential_id, text);
}

static ngx_int_t
static_text(const char *value, ngx_str_t *text)
{
    text->data = (u_char *) value;
    text->len = ngx_strlen(value);

    return NGX_OK;
}

static ngx_int_t
code_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
          ngx_str_t *text)
{
    return static_text(ctx->code == DP_OK ? "" : dp_error_row(ctx->code)->code,
                       text);
}

static ngx_int_t
operation_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
               ngx_str_t *text)
{
    return static_text(ctx->match.route == NULL ? ""
                                                : ctx->match.route->operation,
                       text);
}

static ngx_int_t
abuse_tier_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
                ngx_str_t *text)
{
    return static_text(
        dp_abuse_tier_name(ngx_http_devpilot_abuse_tier(&ctx->abuse)), text);
}

static ngx_int_t
log_line_text(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
              ngx_str_t *text)
{
    return ngx_http_devpilot_log_line(r, text);
}

static const struct {
    ngx_str_t  name;
    text_pt    text;
    ngx_uint_t flags;
} variables[] = {
    {ngx_string("devpilot_request_id"), request_id_text, 0},
    {ngx_string("devpilot_trace_id"), trace_id_text, 0},
    {ngx_string("devpilot_traceparent"), traceparent_text, 0},
    {ngx_string("devpilot_tracestate"), ngx_http_devpilot_tracestate_text, 0},
    {ngx_string("devpilot_user_id"), user_id_text, NGX_HTTP_VAR_NOCACHEABLE},
    {ngx_string("devpilot_org_id"), org_id_text, NGX_HTTP_VAR_NOCACHEABLE},
    {ngx_string("devpilot_credential_id"), credential_id_text,
     NGX_HTTP_VAR_NOCACHEABLE},
    {ngx_string("devpilot_operation"), operation_text,
     NGX_HTTP_VAR_NOCACHEABLE},
    {ngx_string("devpilot_code"), code_text, NGX_HTTP_VAR_NOCACHEABLE},
    {ngx_string("devpilot_abuse_tier"), abuse_tier_text,
     NGX_HTTP_VAR_NOCACHEABLE},
    {ngx_string("devpilot_log_line"), log_line_text, NGX_HTTP_VAR_NOCACHEABLE},
};

#define VARIABLES (sizeof(variables) / sizeof(variables[0]))

/* `row` is the variable's index in the table. */
static ngx_int_t
variable_get(ngx_http_request_t *r, ngx_http_variable_value_t *value,
             uintptr_t row)
{
    ngx_str_t                      text;
    const ngx_http_devpilot_ctx_t *ctx = ngx_http_devpilot_context(r);

    if (ctx == NULL || variables[row].text(r, ctx, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    value->data = text.data;
    value->len = (unsigned) text.len & 0xfffffff;
    value->valid = 1;
    value->no_cacheable = variables[row].flags != 0;
    value->not_found = text.len == 0;

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_variables_add(ngx_conf_t *cf)
{
    for (size_t i = 0; i < VARIABLES; i++) {
        ngx_str_t            name = variables[i].name;
        ngx_http_variable_t *variable =
            ngx_http_add_variable(cf, &name, variables[i].flags);

        if (variable == NULL) {
            return NGX_ERROR;
        }

        variable->get_handler = variable_get;
        variable->data = i;
    }

    return NGX_OK;
}
