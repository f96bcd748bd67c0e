/*
 * Which build of the module this process runs: its version, and the id that the
 * linker gave the file.
 *
 * A file that was replaced on the disk has another id than the one nginx has
 * loaded: a reload does not load it, a restart does.
 */

#ifndef NGX_HTTP_DEVPILOT_BUILD_H
#define NGX_HTTP_DEVPILOT_BUILD_H

#include <ngx_config.h>
#include <ngx_core.h>

/* The GNU build id in lower-case hexadecimal; empty: it was linked without. */
const char *ngx_http_devpilot_build_id(void);

/* Tells nginx's error log, as a configuration is put in force. */
void ngx_http_devpilot_build_log(ngx_log_t *log);

#endif /* NGX_HTTP_DEVPILOT_BUILD_H */
