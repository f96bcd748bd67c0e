/*
 * This nginx process's part in the control feed: it reports to every worker
 * where it stands, and applies what they say of the control state.
 */

#ifndef NGX_HTTP_DEVPILOT_CONTROL_H
#define NGX_HTTP_DEVPILOT_CONTROL_H

#include "ngx_http_devpilot.h"

/*
 * Makes the channels of `mcf` carry reports and records; called in
 * init_process, before the channels are opened.  NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_devpilot_control_init(ngx_http_devpilot_main_conf_t *mcf,
                                         ngx_cycle_t *cycle);

#endif /* NGX_HTTP_DEVPILOT_CONTROL_H */
