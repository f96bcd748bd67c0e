/*
 * Guard mode: the stages that protect what nginx serves by itself, such as a
 * proxy_pass or files.
 *
 * A guarded location has no operations of the contract.  What the route's row is
 * there, the directives of this file are here.
 */

#ifndef NGX_HTTP_DEVPILOT_GUARD_H
#define NGX_HTTP_DEVPILOT_GUARD_H

#include "ngx_http_devpilot.h"

/* ngx_http_devpilot_guard.c: stages */

ngx_int_t ngx_http_devpilot_guard_begin(ngx_http_request_t *r,
                                        ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_guard_switch(ngx_http_request_t *r,
                                         ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_guard_credential(ngx_http_request_t *r,
                                             ngx_http_devpilot_ctx_t *ctx);

/* ngx_http_devpilot_guard_take.c: a stage */

ngx_int_t ngx_http_devpilot_guard_take(ngx_http_request_t *r,
                                       ngx_http_devpilot_ctx_t *ctx);

/* ngx_http_devpilot_guard_conf.c */

/* Sets devpilot_guard_credential and devpilot_guard_switch. */
char *ngx_http_devpilot_guard_credential_set(ngx_conf_t *cf,
                                             ngx_command_t *cmd, void *conf);
char *ngx_http_devpilot_guard_switch_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                         void *conf);

void ngx_http_devpilot_guard_conf_unset(ngx_http_devpilot_guard_conf_t *conf);

/* Inherits, and judges what only the whole configuration tells. */
char *ngx_http_devpilot_guard_conf_merge(ngx_conf_t *cf,
    const ngx_http_devpilot_guard_conf_t *prev,
    ngx_http_devpilot_guard_conf_t *conf);

#endif /* NGX_HTTP_DEVPILOT_GUARD_H */
