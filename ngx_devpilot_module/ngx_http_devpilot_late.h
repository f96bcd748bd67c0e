/*
 * Answering clients whose request does not come in time.
 */

#ifndef NGX_HTTP_DEVPILOT_LATE_H
#define NGX_HTTP_DEVPILOT_LATE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

/* Adds the handler that answers them, where errors wear the envelope. */
ngx_int_t ngx_http_devpilot_late_install(ngx_conf_t *cf);

#endif /* NGX_HTTP_DEVPILOT_LATE_H */
