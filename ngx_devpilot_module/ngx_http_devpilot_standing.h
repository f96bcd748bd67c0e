/*
 * Headers that answers have whatever they say.
 */

#ifndef NGX_HTTP_DEVPILOT_STANDING_H
#define NGX_HTTP_DEVPILOT_STANDING_H

#include "ngx_http_devpilot.h"

/* ngx_http_devpilot_standing.c */

/* Adds what every answer has; `ours`: it is none that we pass on. */
ngx_int_t ngx_http_devpilot_standing_add(ngx_http_request_t *r,
                                         const ngx_http_devpilot_ctx_t *ctx,
                                         ngx_uint_t ours);

/* ngx_http_devpilot_cors.c */

/* Adds what browsers ask of answers to scripts of other origins. */
ngx_int_t ngx_http_devpilot_cors_add(ngx_http_request_t *r,
                                     const ngx_http_devpilot_ctx_t *ctx);

/* Whether the configuration lists that origin here. */
ngx_uint_t ngx_http_devpilot_cors_knows(ngx_http_request_t *r,
                                        dp_slice_t          origin);

#endif /* NGX_HTTP_DEVPILOT_STANDING_H */
