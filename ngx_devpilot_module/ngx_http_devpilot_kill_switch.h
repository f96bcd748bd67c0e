/*
 * The kill switches that this host itself turns on: by a directive, by the
 * environment of nginx's master, by a file.
 *
 * All three are read with the configuration and put in force when it is
 * committed (ngx_http_devpilot_zone_control.c); the file is looked at again by
 * each nginx process, twice a second.  What the database says comes with the
 * worker's feed and is none of this header's.
 */

#ifndef NGX_HTTP_DEVPILOT_KILL_SWITCH_H
#define NGX_HTTP_DEVPILOT_KILL_SWITCH_H

#include "ngx_http_devpilot.h"

/* ngx_http_devpilot_kill_switch_conf.c */

/* Sets devpilot_kill_switch. */
char *ngx_http_devpilot_kill_switch_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                        void *conf);

/*
 * Reads OPS_KILL_SWITCH and the file, once all directives are known.  NGX_ERROR
 * after an error message.
 */
ngx_int_t ngx_http_devpilot_kill_switch_conf(ngx_conf_t *cf,
                                             ngx_http_devpilot_main_conf_t *mcf);

/* ngx_http_devpilot_kill_switch_file.c */

#define NGX_HTTP_DEVPILOT_SWITCH_FILE_MAX 8192

/* A file as it was read; `lines` borrows from `text`. */
typedef struct {
    dp_kill_switch_file_t lines;
    uid_t                 owner;
    size_t                length;
    u_char                text[NGX_HTTP_DEVPILOT_SWITCH_FILE_MAX];
} ngx_http_devpilot_switch_file_t;

/*
 * Reads the file at `path`, which ends with a zero byte; one that is missing
 * has no lines.  Returns NULL, or what is wrong, with ngx_errno or 0 in `err`
 * and the line or 0 in file->lines.line.
 */
const char *ngx_http_devpilot_switch_file_read(const ngx_str_t *path,
    ngx_http_devpilot_switch_file_t *file, ngx_err_t *err);

/* Begins to look at the configured file; called in init_process. */
void ngx_http_devpilot_switch_file_watch(ngx_http_devpilot_main_conf_t *mcf,
                                         ngx_cycle_t *cycle);

/* The file as this process read it last; NULL: none is configured. */
const ngx_http_devpilot_switch_file_t *ngx_http_devpilot_switch_file(void);

#endif /* NGX_HTTP_DEVPILOT_KILL_SWITCH_H */
