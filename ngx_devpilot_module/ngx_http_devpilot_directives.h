/*
 * The directives: their table, the configurations they fill, and the setters of
 * those whose values are read in the file of their feature.
 */

#ifndef NGX_HTTP_DEVPILOT_DIRECTIVES_H
#define NGX_HTTP_DEVPILOT_DIRECTIVES_H

#include <ngx_config.h>
#include <ngx_core.h>

extern ngx_command_t ngx_http_devpilot_commands[];

void *ngx_http_devpilot_create_main_conf(ngx_conf_t *cf);
char *ngx_http_devpilot_init_main_conf(ngx_conf_t *cf, void *conf);
void *ngx_http_devpilot_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_devpilot_merge_loc_conf(ngx_conf_t *cf, void *parent,
                                       void *child);

/* Called by a setter: a directive is set, the module is not inert. */
void ngx_http_devpilot_in_use(ngx_conf_t *cf);

/* Says which value of which directive is wrong, and what is allowed. */
char *ngx_http_devpilot_refuse_value(ngx_conf_t *cf, ngx_command_t *cmd,
                                     ngx_str_t *value, const char *allowed);

/* ngx_http_devpilot_worker_conf.c */

char *ngx_http_devpilot_worker_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                   void *conf);

/* ngx_http_devpilot_cors.c */

char *ngx_http_devpilot_cors_origin(ngx_conf_t *cf, ngx_command_t *cmd,
                                    void *conf);

/* ngx_http_devpilot_trace.c */

char *ngx_http_devpilot_trace_trust(ngx_conf_t *cf, ngx_command_t *cmd,
                                    void *conf);

#endif /* NGX_HTTP_DEVPILOT_DIRECTIVES_H */
