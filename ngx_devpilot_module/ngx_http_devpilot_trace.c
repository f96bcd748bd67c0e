/*
 * Trace context of clients: whether it is heard, and reading it.
 *
 * devpilot_trace_trust says whose traces are continued.  With others a new trace
 * begins, and their tracestate goes no further; their trace id is in the log, so
 * that the two can be put together.  tracestate is read when it is asked for.
 */

#include "dp_tracestate.h"
#include "ngx_http_devpilot_client.h"
#include "ngx_http_devpilot_directives.h"
#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_trace.h"

static ngx_uint_t
client_trusted(ngx_http_request_t *r)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    return lcf->trace_trusted == NULL
           || ngx_cidr_match(r->connection->sockaddr, lcf->trace_trusted)
                  == NGX_OK;
}

void
ngx_http_devpilot_trace_read(ngx_http_request_t *r,
                             ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t  rc;
    dp_slice_t header;
    dp_trace_t trace;

    rc = ngx_http_devpilot_header_get(r, DP_SLICE("traceparent"), &header);

    if (rc != NGX_OK || !dp_trace_parse(&trace, header)) {
        return;
    }

    if (client_trusted(r)) {
        ctx->trace = trace;
        ctx->trace_continued = 1;

    } else {
        ctx->client_trace = trace;
    }
}

ngx_int_t
ngx_http_devpilot_tracestate_text(ngx_http_request_t *r,
                                  const ngx_http_devpilot_ctx_t *ctx,
                                  ngx_str_t *text)
{
    const dp_slice_t                  name = DP_SLICE("tracestate");
    ngx_http_devpilot_header_search_t search = {&r->headers_in.headers.part, 0};
    const ngx_table_elt_t *header;
    dp_tracestate_t        state;
    dp_slice_t             list;
    size_t                 size = 0;
    u_char                *buffer;

    ngx_str_null(text);

    if (!ctx->trace_continued) {
        return NGX_OK;
    }

    while ((header = ngx_http_devpilot_header_next(&search, name)) != NULL) {
        size += header->value.len + 1;
    }

    if (size == 0) {
        return NGX_OK;
    }

    buffer = ngx_pnalloc(r->pool, size);
    if (buffer == NULL) {
        return NGX_ERROR;
    }

    dp_tracestate_begin(&state, buffer, size);
    search.part = &r->headers_in.headers.part;
    search.index = 0;

    while ((header = ngx_http_devpilot_header_next(&search, name)) != NULL) {
        dp_tracestate_add(&state,
                          dp_slice(header->value.data, header->value.len));
    }

    list = dp_tracestate_end(&state);
    text->data = (u_char *) list.data;
    text->len = list.len;

    return NGX_OK;
}

/* --- the directive ---------------------------------------------------------- */

char *
ngx_http_devpilot_trace_trust(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                         *rc;
    ngx_str_t                    *value = cf->args->elts;
    ngx_uint_t                    alone = cf->args->nelts == 2;
    ngx_http_devpilot_loc_conf_t *lcf = conf;

    if (lcf->trace_trusted != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    ngx_http_devpilot_in_use(cf);

    if (alone && ngx_strcmp(value[1].data, "all") == 0) {
        lcf->trace_trusted = NULL;
        return NGX_CONF_OK;
    }

    lcf->trace_trusted = ngx_array_create(cf->pool, 2, sizeof(ngx_cidr_t));
    if (lcf->trace_trusted == NULL) {
        return NGX_CONF_ERROR;
    }

    if (alone && ngx_strcmp(value[1].data, "none") == 0) {
        return NGX_CONF_OK;
    }

    for (ngx_uint_t i = 1; i < cf->args->nelts; i++) {
        rc = ngx_http_devpilot_cidr_add(
            cf, cmd, lcf->trace_trusted, &value[i],
            "all, none, or addresses, networks such as 10.0.0.0/8, or unix:");
        if (rc != NGX_CONF_OK) {
            return rc;
        }
    }

    return NGX_CONF_OK;
}
