/*
 * The client's address, for all that counts by address, and lists of such.
 */

#ifndef NGX_HTTP_DEVPILOT_CLIENT_H
#define NGX_HTTP_DEVPILOT_CLIENT_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "dp_bytes.h"

/* ngx_http_devpilot_client.c */

/*
 * The address: IPv4 mapped into IPv6, IPv6 with zeros behind its /64.
 * NGX_DECLINED: it comes through a unix socket and has none.
 */
ngx_int_t ngx_http_devpilot_client_address(const ngx_http_request_t *r,
                                           uint8_t address[16]);

/* The bytes of it that tell clients apart: 4 or 8. */
dp_slice_t ngx_http_devpilot_client_network(const uint8_t address[16]);

/*
 * For directives: adds an address, a network or unix: to `list`, of ngx_cidr_t.
 * `allowed` says what else the directive takes, where it takes none of these.
 */
char *ngx_http_devpilot_cidr_add(ngx_conf_t *cf, ngx_command_t *cmd,
                                 ngx_array_t *list, ngx_str_t *text,
                                 const char *allowed);

#endif /* NGX_HTTP_DEVPILOT_CLIENT_H */
