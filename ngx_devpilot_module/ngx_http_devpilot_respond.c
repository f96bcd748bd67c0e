/*
 * Responses: a worker's reply, or text of our own, as nginx sends it.
 *
 * Everything is copied out of the reply: its frame goes when the exchange's
 * handler returns, and a slow client may still be reading then.
 */

#include "dp_contract.h"
#include "dp_cookie.h"
#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_metrics.h"

static void
malformed_count(void)
{
    ngx_http_devpilot_metrics_process()->malformed++;
}

static ngx_uint_t
is_object(ngx_http_request_t *r, dp_slice_t text)
{
    ngx_uint_t valid;
    dp_json_t  json = {.capacity = dp_contract_tokens(text)};

    json.tokens = ngx_palloc(r->pool, json.capacity * sizeof(dp_json_token_t));
    if (json.tokens == NULL) {
        return 0;
    }

    valid = text.data[0] == '{' && dp_json_check(&json, text) == DP_JSON_OK
            && json.tokens[0].count != 0;
    (void) ngx_pfree(r->pool, json.tokens);

    return valid;
}

/*
 * A part of the envelope as the worker wrote it; what is no object with members
 * would break the envelope, and is left out.
 */
static dp_slice_t
object_or_none(ngx_http_request_t *r, dp_slice_t text)
{
    if (text.len == 0 || is_object(r, text)) {
        return text;
    }

    malformed_count();

    return dp_slice(NULL, 0);
}

static ngx_int_t
refuse_reply(ngx_http_request_t *r, const dp_wire_reply_t *reply)
{
    return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
        .code = dp_error_find(reply->code),
        .retry_after_s = reply->retry_after_s,
        .causes = reply->causes,
        .message = reply->message,
        .hint = reply->hint,
        .context = object_or_none(r, reply->context),
        .details = object_or_none(r, reply->details),
        .reason = "worker",
    });
}

/* Sends header and body; `body` stays where it is. */
static ngx_int_t
response_send(ngx_http_request_t *r, dp_slice_t body)
{
    ngx_int_t   rc;
    ngx_buf_t  *b;
    ngx_chain_t out = {NULL, NULL};

    r->headers_out.content_length_n = (off_t) body.len;

    if (body.len == 0) {
        r->header_only = 1;
    }

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->memory = 1;
    b->pos = (u_char *) body.data;
    b->last = b->pos + body.len;
    b->last_buf = 1;
    b->last_in_chain = 1;
    out.buf = b;

    return ngx_http_output_filter(r, &out);
}

static void
content_type_set(ngx_http_request_t *r, dp_slice_t type)
{
    r->headers_out.content_type.data = (u_char *) type.data;
    r->headers_out.content_type.len = type.len;
    r->headers_out.content_type_len = type.len;
    r->headers_out.content_type_lowcase = NULL;
}

static ngx_int_t
reply_headers_add(ngx_http_request_t *r, const dp_wire_reply_t *reply)
{
    const struct {
        dp_slice_t        key;
        dp_slice_t        value;
        ngx_table_elt_t **member; /* through which nginx's filters see it */
    } headers[] = {
        {DP_SLICE("Cache-Control"), DP_SLICE("no-store"), NULL},
        {DP_SLICE("Location"), reply->location, &r->headers_out.location},
        {DP_SLICE("ETag"), reply->etag, &r->headers_out.etag},
        {DP_SLICE("Link"), reply->link, NULL},
        {DP_SLICE("Idempotency-Replayed"),
         dp_slice("true", reply->replayed ? 4 : 0), NULL},
    };

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        ngx_table_elt_t *header;
        dp_slice_t       value = headers[i].value;

        if (value.len == 0) {
            continue;
        }

        if (ngx_http_devpilot_slice_keep(r, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        header = ngx_http_devpilot_header_add(r, headers[i].key, value);
        if (header == NULL) {
            return NGX_ERROR;
        }

        if (headers[i].member != NULL) {
            *headers[i].member = header;
        }
    }

    return NGX_OK;
}

/* Takes a cookie from the front of what a reply sets; 0: that was all. */
static ngx_uint_t
cookie_next(dp_slice_t *cookies, dp_slice_t *cookie)
{
    const uint8_t *end;
    size_t         len;

    if (cookies->len == 0) {
        return 0;
    }

    end = memchr(cookies->data, '\n', cookies->len);
    len = end == NULL ? cookies->len : (size_t) (end - cookies->data);
    *cookie = dp_slice(cookies->data, len);
    *cookies = end == NULL ? dp_slice(NULL, 0)
                           : dp_slice(end + 1, cookies->len - len - 1);

    return 1;
}

static ngx_int_t
cookies_add(ngx_http_request_t *r, dp_slice_t cookies)
{
    dp_slice_t cookie;

    while (cookie_next(&cookies, &cookie)) {
        if (ngx_http_devpilot_slice_keep(r, &cookie) != NGX_OK
            || ngx_http_devpilot_header_add(r, DP_SLICE("Set-Cookie"), cookie)
                   == NULL)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}

/* What leaves here is out of the reach of scripts and other sites. */
static ngx_uint_t
cookies_valid(dp_slice_t cookies)
{
    dp_slice_t cookie;

    while (cookie_next(&cookies, &cookie)) {
        if (!dp_cookie_set_valid(cookie)) {
            return 0;
        }
    }

    return 1;
}

/* A byte that ends a header's line would let its value add headers. */
static ngx_uint_t
header_value_valid(dp_slice_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] < ' ' || value.data[i] == 0x7f) {
            return 0;
        }
    }

    return 1;
}

static ngx_uint_t
reply_headers_valid(const dp_wire_reply_t *reply)
{
    return header_value_valid(reply->content_type)
           && header_value_valid(reply->location)
           && header_value_valid(reply->etag)
           && header_value_valid(reply->link)
           && cookies_valid(reply->cookies);
}

ngx_int_t
ngx_http_devpilot_respond(ngx_http_request_t *r, const dp_wire_reply_t *reply)
{
    dp_slice_t body = reply->body;
    dp_slice_t type = DP_SLICE("application/json");

    if (reply->code.len != 0) {
        return refuse_reply(r, reply);
    }

    if (reply->status < NGX_HTTP_OK || reply->status >= NGX_HTTP_BAD_REQUEST
        || !reply_headers_valid(reply))
    {
        malformed_count();
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }

    if (reply->content_type.len != 0) {
        type = reply->content_type;
    }

    if (ngx_http_devpilot_slice_keep(r, &type) != NGX_OK
        || ngx_http_devpilot_slice_keep(r, &body) != NGX_OK
        || reply_headers_add(r, reply) != NGX_OK
        || cookies_add(r, reply->cookies) != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_out.status = reply->status;
    content_type_set(r, type);

    /*
     * The worker judged If-Match before a change; nginx would compare it with
     * the ETag after the change.
     */
    r->disable_not_modified = !(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD));

    return response_send(r, body);
}

ngx_int_t
ngx_http_devpilot_respond_bytes(ngx_http_request_t *r, dp_slice_t content_type,
                                dp_slice_t body)
{
    r->headers_out.status = NGX_HTTP_OK;
    content_type_set(r, content_type);

    return response_send(r, body);
}

ngx_int_t
ngx_http_devpilot_respond_text(ngx_http_request_t *r, dp_slice_t content_type,
                               dp_slice_t body)
{
    if (ngx_http_devpilot_header_add(r, DP_SLICE("Cache-Control"),
                                     DP_SLICE("no-store"))
        == NULL)
    {
        return NGX_ERROR;
    }

    return ngx_http_devpilot_respond_bytes(r, content_type, body);
}
