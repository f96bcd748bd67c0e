/*
 * Clients whose request does not come in time: 408, where nginx says nothing.
 *
 * nginx ends a request whose headers stop coming, or whose body stops in a
 * location of another module, by closing its connection.  In the log phase of
 * such a request the connection is still whole: there it is answered, ahead of
 * the handlers that log.  What the socket does not take at once goes unsent.
 *
 * A connection that has sent nothing is no request, and is closed in silence: a
 * client may have opened it in advance.  So is one of HTTP/2, by its own means.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_late.h"

static ngx_uint_t
request_late(const ngx_http_request_t *r)
{
#if (NGX_HTTP_V2)
    if (r->stream != NULL) {
        return 0;
    }
#endif

    return r->headers_out.status == NGX_HTTP_REQUEST_TIME_OUT
           && r->connection->timedout && !r->header_sent
           && r->connection->data == r;
}

static ngx_int_t
log_handler(ngx_http_request_t *r)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    if (!lcf->envelope || !request_late(r)) {
        return NGX_OK;
    }

    r->err_status = NGX_HTTP_REQUEST_TIME_OUT;
    r->keepalive = 0;
    r->header_only = r->method == NGX_HTTP_HEAD;

    if (ngx_http_send_header(r) == NGX_OK && !r->header_only) {
        (void) ngx_http_send_special(r, NGX_HTTP_LAST);
    }

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_late_install(ngx_conf_t *cf)
{
    ngx_http_core_main_conf_t *cmcf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_array_t         *handlers = &cmcf->phases[NGX_HTTP_LOG_PHASE].handlers;
    ngx_http_handler_pt *first;

    if (ngx_array_push(handlers) == NULL) {
        return NGX_ERROR;
    }

    first = handlers->elts;
    ngx_memmove(first + 1, first, (handlers->nelts - 1) * sizeof(*first));
    *first = log_handler;

    return NGX_OK;
}
