/*
 * Headers that nginx has no member for: finding a client's, adding ours.
 */

#ifndef NGX_HTTP_DEVPILOT_HEADERS_H
#define NGX_HTTP_DEVPILOT_HEADERS_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "dp_bytes.h"

/*
 * The value of a client's header by its lower-case name.  NGX_DECLINED: not
 * sent; NGX_ERROR: sent more than once.
 */
ngx_int_t ngx_http_devpilot_header_get(ngx_http_request_t *r, dp_slice_t name,
                                       dp_slice_t *value);

/* Where a search among the client's headers has got to. */
typedef struct {
    const ngx_list_part_t *part; /* begin: &r->headers_in.headers.part */
    ngx_uint_t             index;
} ngx_http_devpilot_header_search_t;

/* The next header of a lower-case name, or NULL. */
const ngx_table_elt_t *ngx_http_devpilot_header_next(
    ngx_http_devpilot_header_search_t *search, dp_slice_t name);

typedef struct {
    dp_slice_t key;
    dp_slice_t value; /* empty: the header is left out */
} ngx_http_devpilot_header_t;

/*
 * Adds a header to the response, which borrows both until it is sent.  NULL: no
 * memory.
 */
ngx_table_elt_t *ngx_http_devpilot_header_add(ngx_http_request_t *r,
                                              dp_slice_t key, dp_slice_t value);

/* Adds several, as above. */
ngx_int_t ngx_http_devpilot_headers_add(
    ngx_http_request_t *r, const ngx_http_devpilot_header_t *headers,
    ngx_uint_t count);

/* The same bytes in the request's pool; NGX_ERROR: no memory. */
ngx_int_t ngx_http_devpilot_slice_keep(ngx_http_request_t *r,
                                       dp_slice_t *slice);

/*
 * Adds a header that lists methods (DP_METHOD_*), and OPTIONS, which every path
 * has.
 */
ngx_int_t ngx_http_devpilot_methods_add(ngx_http_request_t *r, dp_slice_t key,
                                        uint32_t methods);

/* ngx_http_devpilot_strip.c */

/* Takes the client's headers that are unwanted out of the request. */
ngx_int_t ngx_http_devpilot_headers_remove(ngx_http_request_t *r,
    ngx_uint_t (*unwanted)(const ngx_table_elt_t *header));

/* ngx_http_devpilot_accept.c */

/* The client would rather have problem details than the plain envelope. */
ngx_uint_t ngx_http_devpilot_wants_problem(ngx_http_request_t *r);

#endif /* NGX_HTTP_DEVPILOT_HEADERS_H */
