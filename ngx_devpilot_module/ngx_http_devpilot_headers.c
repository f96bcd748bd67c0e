/*
 * Headers that nginx has no member for: finding a client's, adding ours.
 *
 * The only file that knows of differences between versions of nginx: from
 * 1.23.0 on, headers of one name are linked.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_headers.h"

static ngx_uint_t
header_is(const ngx_table_elt_t *header, dp_slice_t name)
{
    return header->key.len == name.len
           && ngx_memcmp(header->lowcase_key, name.data, name.len) == 0;
}

const ngx_table_elt_t *
ngx_http_devpilot_header_next(ngx_http_devpilot_header_search_t *search,
                              dp_slice_t name)
{
    for ( ; search->part != NULL; search->part = search->part->next) {
        const ngx_table_elt_t *headers = search->part->elts;

        while (search->index < search->part->nelts) {
            const ngx_table_elt_t *header = &headers[search->index++];

            if (header_is(header, name)) {
                return header;
            }
        }

        search->index = 0;
    }

    return NULL;
}

ngx_int_t
ngx_http_devpilot_header_get(ngx_http_request_t *r, dp_slice_t name,
                             dp_slice_t *value)
{
    ngx_http_devpilot_header_search_t search = {&r->headers_in.headers.part, 0};
    const ngx_table_elt_t *header = ngx_http_devpilot_header_next(&search, name);

    if (header == NULL) {
        return NGX_DECLINED;
    }

    *value = dp_slice(header->value.data, header->value.len);

    return ngx_http_devpilot_header_next(&search, name) == NULL ? NGX_OK
                                                                : NGX_ERROR;
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

ngx_int_t
ngx_http_devpilot_headers_add(ngx_http_request_t *r,
                              const ngx_http_devpilot_header_t *headers,
                              ngx_uint_t count)
{
    for (ngx_uint_t i = 0; i < count; i++) {
        if (headers[i].value.len != 0
            && ngx_http_devpilot_header_add(r, headers[i].key, headers[i].value)
                   == NULL)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_methods_add(ngx_http_request_t *r, const char *key,
                              uint32_t methods)
{
    static const struct {
        dp_method_t method;
        const char *text;
    } names[] = {
        {DP_METHOD_GET, "GET, "},     {DP_METHOD_HEAD, "HEAD, "},
        {DP_METHOD_POST, "POST, "},   {DP_METHOD_PUT, "PUT, "},
        {DP_METHOD_PATCH, "PATCH, "}, {DP_METHOD_DELETE, "DELETE, "},
    };
    char        text[64];
    dp_writer_t writer = dp_writer(text, sizeof(text));

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (methods & names[i].method) {
            dp_write_text(&writer, names[i].text);
        }
    }

    dp_write_text(&writer, "OPTIONS");

    return ngx_http_devpilot_header_add(r, key, dp_written(&writer)) == NULL
               ? NGX_ERROR
               : NGX_OK;
}
