/*
 * Headers that nginx has no member for: finding a client's, adding ours.
 *
 * The only file that knows of differences between versions of nginx: from
 * 1.23.0 on, headers of one name are linked.
 */

#include "ngx_http_devpilot.h"

static ngx_uint_t
header_is(const ngx_table_elt_t *header, dp_slice_t name)
{
    return header->key.len == name.len
           && ngx_memcmp(header->lowcase_key, name.data, name.len) == 0;
}

ngx_int_t
ngx_http_devpilot_header_get(ngx_http_request_t *r, dp_slice_t name,
                             dp_slice_t *value)
{
    ngx_int_t rc = NGX_DECLINED;

    for (ngx_list_part_t *part = &r->headers_in.headers.part; part;
         part = part->next)
    {
        const ngx_table_elt_t *headers = part->elts;

        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            if (!header_is(&headers[i], name)) {
                continue;
            }

            if (rc == NGX_OK) {
                return NGX_ERROR;
            }

            *value = dp_slice(headers[i].value.data, headers[i].value.len);
            rc = NGX_OK;
        }
    }

    return rc;
}

ngx_table_elt_t *
ngx_http_devpilot_header_add(ngx_http_request_t *r, const char *key,
                             dp_slice_t value)
{
    ngx_table_elt_t *header = ngx_list_push(&r->headers_out.headers);

    if (header == NULL) {
        return NULL;
    }

    ngx_memzero(header, sizeof(*header));
    header->value.data = ngx_pnalloc(r->pool, value.len);
    if (header->value.data == NULL) {
        return NULL; /* its hash of 0 keeps it from being sent */
    }

    header->hash = 1;
    header->key.data = (u_char *) key;
    header->key.len = ngx_strlen(key);
    header->value.len = value.len;
    ngx_memcpy(header->value.data, value.data, value.len);

    return header;
}
