/*
 * Stage: reads the body, within the operation's limit and of its media type.
 *
 * A body that is announced too large is refused before it is read, one that
 * turns out too large while it arrives.  nginx discards what still comes and
 * lingers, so that the client reads the answer.  A body that an operation does
 * not take is discarded.  A client that stops sending is told so, which nginx
 * by itself would not do.
 */

#include "dp_contract.h"
#include "dp_media_type.h"
#include "ngx_http_devpilot.h"

static ngx_http_request_body_filter_pt next_body_filter;

/* What the operation takes: JSON, or a form. */
static ngx_uint_t
type_fits(const dp_route_t *route, const ngx_table_elt_t *header)
{
    dp_slice_t value;

    if (header == NULL) {
        return 0;
    }

    value = dp_slice(header->value.data, header->value.len);

    return dp_contract_operation(route)->field_count == 0
               ? dp_media_type_is_json(value)
               : dp_media_type_is_form(value);
}

static dp_error_t
headers_judge(ngx_http_request_t *r, const dp_route_t *route)
{
    if (r->headers_in.content_length_n > (off_t) route->body_limit) {
        return DP_ERR_REQUEST_TOO_LARGE;
    }

    if ((r->headers_in.content_length_n > 0 || r->headers_in.chunked)
        && !type_fits(route, r->headers_in.content_type))
    {
        return DP_ERR_MEDIA_TYPE_UNSUPPORTED;
    }

    return DP_OK;
}

/* nginx's reader, but a time-out gets an answer. */
static void
read_handler(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_devpilot_ctx_t *ctx =
        ngx_http_get_module_ctx(r, ngx_http_devpilot_module);

    if (!r->connection->read->timedout) {
        ctx->body_reader(r);
        return;
    }

    r->connection->read->timedout = 0;
    r->keepalive = 0;
    r->lingering_close = 0;

    rc = ngx_http_devpilot_refuse(r, DP_ERR_REQUEST_TIMEOUT);
    if (rc != NGX_ERROR) {
        rc = ngx_http_special_response_handler(r, rc);
    }

    ngx_http_finalize_request(r, rc);
}

/* Called by nginx when the body is complete, maybe while the stage runs. */
static void
body_complete(ngx_http_request_t *r)
{
    ngx_http_devpilot_ctx_t *ctx =
        ngx_http_get_module_ctx(r, ngx_http_devpilot_module);

    ctx->body_read = 1;

    if (ctx->waiting) {
        ngx_http_devpilot_resume(r);
    }
}

static ngx_int_t
body_read(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t rc;

    r->request_body_in_single_buf = 1;
    rc = ngx_http_read_client_request_body(r, body_complete);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE); /* the reference of reading */

    if (ctx->body_read) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    ctx->body_reader = r->read_event_handler;
    r->read_event_handler = read_handler;

    return NGX_HTTP_DEVPILOT_WAIT;
}

ngx_int_t
ngx_http_devpilot_body(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t  rc;
    dp_error_t code;

    if (ctx->body_read) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    if (ctx->match.route->body_limit == 0) {
        rc = ngx_http_discard_request_body(r);
        return rc == NGX_OK ? NGX_HTTP_DEVPILOT_NEXT : rc;
    }

    code = headers_judge(r, ctx->match.route);
    if (code != DP_OK) {
        return ngx_http_devpilot_refuse(r, code);
    }

    return body_read(r, ctx);
}

/* Sees each part of a body as it comes: Content-Length need not be there. */
static ngx_int_t
body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_devpilot_ctx_t *ctx =
        ngx_http_get_module_ctx(r, ngx_http_devpilot_module);

    if (ctx == NULL || ctx->match.route == NULL || ctx->error_page) {
        return next_body_filter(r, in);
    }

    for (ngx_chain_t *cl = in; cl; cl = cl->next) {
        ctx->body_bytes += ngx_buf_size(cl->buf);
    }

    if (ctx->body_bytes > (off_t) ctx->match.route->body_limit) {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    return next_body_filter(r, in);
}

ngx_int_t
ngx_http_devpilot_body_install(ngx_conf_t *cf)
{
    next_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = body_filter;

    return NGX_OK;
}

/* A body in chunks ends with an empty buffer that points nowhere. */
static ngx_int_t
buffer_copy(ngx_buf_t *b, u_char **to)
{
    ssize_t n;
    size_t  size = (size_t) ngx_buf_size(b);

    if (size == 0) {
        return NGX_OK;
    }

    if (!b->in_file) {
        *to = ngx_cpymem(*to, b->pos, size);
        return NGX_OK;
    }

    n = ngx_read_file(b->file, *to, size, b->file_pos);
    if (n != (ssize_t) size) {
        return NGX_ERROR;
    }

    *to += size;

    return NGX_OK;
}

static off_t
chain_size(ngx_chain_t *chain)
{
    off_t size = 0;

    for ( ; chain; chain = chain->next) {
        size += ngx_buf_size(chain->buf);
    }

    return size;
}

ngx_int_t
ngx_http_devpilot_body_slice(ngx_http_request_t *r, dp_slice_t *body)
{
    u_char      *start, *pos;
    ngx_chain_t *bufs = r->request_body == NULL ? NULL : r->request_body->bufs;
    size_t       size = (size_t) chain_size(bufs);

    *body = dp_slice(NULL, 0);

    if (size == 0) {
        return NGX_OK;
    }

    if (bufs->next == NULL && !bufs->buf->in_file) {
        *body = dp_slice(bufs->buf->pos, size);
        return NGX_OK;
    }

    start = ngx_pnalloc(r->pool, size);
    if (start == NULL) {
        return NGX_ERROR;
    }

    pos = start;

    for ( ; bufs; bufs = bufs->next) {
        if (buffer_copy(bufs->buf, &pos) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    *body = dp_slice(start, size);

    return NGX_OK;
}
