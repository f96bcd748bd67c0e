/*
 * Stage: what a client says of itself is not heard.
 *
 * Headers by which proxies tell servers behind them who somebody is are taken
 * out of the request, before anything may pass them on or look at them.  An
 * underscore is as good as a hyphen: CGI knows no difference.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_headers.h"

/* Behind "x-"; all that begin so: X-User, X-User-Id, X-Users. */
static const ngx_str_t claims[] = {
    ngx_string("devpilot-"),       ngx_string("user"),
    ngx_string("org"),             ngx_string("tenant"),
    ngx_string("role"),            ngx_string("scope"),
    ngx_string("principal"),       ngx_string("credential"),
    ngx_string("auth-"),           ngx_string("authenticated-"),
    ngx_string("forwarded-user"),  ngx_string("forwarded-email"),
    ngx_string("forwarded-group"), ngx_string("forwarded-preferred-username"),
    ngx_string("remote-user"),
};

static ngx_uint_t
begins_with(ngx_str_t text, ngx_str_t name)
{
    if (text.len < name.len) {
        return 0;
    }

    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] != (text.data[i] == '_' ? '-' : text.data[i])) {
            return 0;
        }
    }

    return 1;
}

static ngx_uint_t
header_claims(const ngx_table_elt_t *header)
{
    static const ngx_str_t extension = ngx_string("x-");
    static const ngx_str_t remote_user = ngx_string("remote-user");

    ngx_str_t name = {header->key.len, header->lowcase_key};

    if (name.data[0] != 'x' && name.data[0] != 'r') {
        return 0; /* as most do */
    }

    if (!begins_with(name, extension)) {
        return begins_with(name, remote_user);
    }

    name.data += extension.len;
    name.len -= extension.len;

    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        if (begins_with(name, claims[i])) {
            return 1;
        }
    }

    return 0;
}

/*
 * nginx points at elements, so they stay where they are: it is the part that
 * begins behind the element, ends before it, or is cut in two.  And nginx takes
 * no part but the first one for empty.
 */
static ngx_int_t
header_remove(ngx_http_request_t *r, ngx_list_part_t *part, ngx_uint_t index)
{
    ngx_table_elt_t *headers = part->elts;
    ngx_list_part_t *rest;

    if (index == part->nelts - 1) {
        part->nelts--;
        return NGX_OK;
    }

    if (index == 0) {
        part->elts = headers + 1;
        part->nelts--;
        return NGX_OK;
    }

    rest = ngx_palloc(r->pool, sizeof(*rest));
    if (rest == NULL) {
        return NGX_ERROR;
    }

    rest->elts = headers + index + 1;
    rest->nelts = part->nelts - index - 1;
    rest->next = part->next;
    part->nelts = index;
    part->next = rest;

    return NGX_OK;
}

/* Ends the list where it ends now, so that nobody adds to a part that was cut. */
static ngx_int_t
list_mend(ngx_http_request_t *r, ngx_list_t *list)
{
    ngx_list_part_t *last = &list->part;

    while (last->next != NULL) {
        if (last->next->nelts == 0) {
            last->next = last->next->next;
        } else {
            last = last->next;
        }
    }

    list->last = last;

    if (last->nelts != 0) {
        list->nalloc = last->nelts; /* full: the next one gets a new part */
        return NGX_OK;
    }

    last->elts = ngx_palloc(r->pool, list->nalloc * list->size);

    return last->elts == NULL ? NGX_ERROR : NGX_OK;
}

ngx_int_t
ngx_http_devpilot_headers_remove(ngx_http_request_t *r,
    ngx_uint_t (*unwanted)(const ngx_table_elt_t *header))
{
    ngx_uint_t       i = 0;
    ngx_uint_t       removed = 0;
    ngx_list_part_t *part = &r->headers_in.headers.part;

    while (part != NULL) {
        ngx_table_elt_t *headers = part->elts;

        if (i >= part->nelts) {
            part = part->next;
            i = 0;

        } else if (!unwanted(&headers[i])) {
            i++;

        } else if (header_remove(r, part, i) != NGX_OK) {
            return NGX_ERROR;

        } else {
            removed = 1;
        }
    }

    return removed ? list_mend(r, &r->headers_in.headers) : NGX_OK;
}

ngx_int_t
ngx_http_devpilot_strip(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    return ngx_http_devpilot_headers_remove(r, header_claims) == NGX_OK
               ? NGX_HTTP_DEVPILOT_NEXT
               : ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
}
