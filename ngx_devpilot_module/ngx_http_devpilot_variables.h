/*
 * nginx's variables of a request, the log line that one of them is, and what
 * nginx's error_log says of a request.
 */

#ifndef NGX_HTTP_DEVPILOT_VARIABLES_H
#define NGX_HTTP_DEVPILOT_VARIABLES_H

#include "ngx_http_devpilot.h"

/* ngx_http_devpilot_variables.c */

ngx_int_t ngx_http_devpilot_variables_add(ngx_conf_t *cf);

/* ngx_http_devpilot_log.c */

/* The request's log line, without its end, from the request's pool. */
ngx_int_t ngx_http_devpilot_log_line(ngx_http_request_t *r, ngx_str_t *line);

/* ngx_http_devpilot_error_log.c */

/* Adds the handlers that keep queries and secrets of our requests out of it. */
ngx_int_t ngx_http_devpilot_error_log_install(ngx_conf_t *cf);

#endif /* NGX_HTTP_DEVPILOT_VARIABLES_H */
