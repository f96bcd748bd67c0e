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
           && header->lowcase_key[0] == name.data[0]
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
    const ngx_table_elt_t *found = NULL;

    for (const ngx_list_part_t *part = &r->headers_in.headers.part;
         part != NULL; part = part->next)
    {
        const ngx_table_elt_t *headers = part->elts;

        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            if (!header_is(&headers[i], name)) {
                continue;
            }

            if (found != NULL) {
                return NGX_ERROR;
            }

            found = &headers[i];
        }
    }

    if (found == NULL) {
        return NGX_DECLINED;
    }

    *value = dp_slice(found->value.data, found->value.len);

    return NGX_OK;
}

ngx_table_elt_t *
ngx_http_devpilot_header_add(ngx_http_request_t *r, dp_slice_t key,
                             dp_slice_t value)
{
    ngx_table_elt_t *header = ngx_list_push(&r->headers_out.headers);

    if (header != NULL) {
        *header = (ngx_table_elt_t) {
            .hash = 1,
            .key = {key.len, (u_char *) key.data},
            .value = {value.len, (u_char *) value.data},
        };
    }

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
ngx_http_devpilot_slice_keep(ngx_http_request_t *r, dp_slice_t *slice)
{
    u_char *data;

    if (slice->len == 0) {
        *slice = dp_slice(NULL, 0);
        return NGX_OK;
    }

    data = ngx_pnalloc(r->pool, slice->len);
    if (data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(data, slice->data, slice->len);
    slice->data = data;

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_methods_add(ngx_http_request_t *r, dp_slice_t key,
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
    dp_slice_t  list;
    dp_writer_t writer = dp_writer(text, sizeof(text));

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (methods & names[i].method) {
            dp_write_text(&writer, names[i].text);
        }
    }

    dp_write_text(&writer, "OPTIONS");
    list = dp_written(&writer);

    return ngx_http_devpilot_slice_keep(r, &list) != NGX_OK
                   || ngx_http_devpilot_header_add(r, key, list) == NULL
               ? NGX_ERROR
               : NGX_OK;
}
