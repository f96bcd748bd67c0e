/*
 * Counting requests as they end, and timing the stages of some of them.
 */

#ifndef NGX_HTTP_DEVPILOT_MEASURE_H
#define NGX_HTTP_DEVPILOT_MEASURE_H

#include "ngx_http_devpilot.h"

#define NGX_HTTP_DEVPILOT_STAGES 32 /* rows of the table of stages, at most */

/* ngx_http_devpilot_measure.c */

/* Adds the handler that counts each request as it ends. */
ngx_int_t ngx_http_devpilot_measure_install(ngx_conf_t *cf);

/* The request is in flight until it is counted. */
void ngx_http_devpilot_measure_begin(ngx_http_devpilot_ctx_t *ctx);

/* Around each stage; one that was waited for begins once and ends once. */
void ngx_http_devpilot_measure_stage(ngx_http_devpilot_ctx_t *ctx);
void ngx_http_devpilot_measure_stage_end(ngx_http_devpilot_ctx_t *ctx);

/* The status that the client was told. */
ngx_uint_t ngx_http_devpilot_status_sent(const ngx_http_request_t *r);

/* Milliseconds since nginx began to read the request. */
uint64_t ngx_http_devpilot_duration_ms(const ngx_http_request_t *r);

#endif /* NGX_HTTP_DEVPILOT_MEASURE_H */
