/*
 * W3C Trace Context of a request: whose trace it continues, and what other
 * tracing systems say of it.
 */

#ifndef NGX_HTTP_DEVPILOT_TRACE_H
#define NGX_HTTP_DEVPILOT_TRACE_H

#include "ngx_http_devpilot.h"

/*
 * Reads the client's traceparent into the context: as the trace that goes on
 * (`trace_continued`), or as the one of a client who is not trusted with that
 * (`client_trace`).  Otherwise the context stays as it is.
 */
void ngx_http_devpilot_trace_read(ngx_http_request_t *r,
                                  ngx_http_devpilot_ctx_t *ctx);

/*
 * The tracestate to send on, from the request's pool; empty unless a trace is
 * continued that came with a valid one.
 */
ngx_int_t
ngx_http_devpilot_tracestate_text(ngx_http_request_t *r,
                                  const ngx_http_devpilot_ctx_t *ctx,
                                  ngx_str_t *text);

#endif /* NGX_HTTP_DEVPILOT_TRACE_H */
