/*
 * A request's context and its ids.
 *
 * The context belongs to the main request.  nginx forgets modules' contexts at
 * an internal redirect, so ours also hangs on the pool's list of cleanups, where
 * it is found again: the ids of a request never change.
 *
 * Random bytes are drawn in bulk, since every request needs forty.  Deterministic
 * ids count the requests that change something apart from all others: how often
 * somebody polls must not matter to them.
 */

#include <openssl/rand.h>

#include "dp_headers.h"
#include "dp_id.h"
#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_trace.h"
#include "ngx_http_devpilot_zone.h"

static ngx_int_t
random_bytes(uint8_t *bytes, size_t len)
{
    static uint8_t drawn[4096];
    static size_t  left;

    if (left < len) {
        if (RAND_bytes(drawn, sizeof(drawn)) != 1) {
            return NGX_ERROR;
        }

        left = sizeof(drawn);
    }

    left -= len;
    ngx_memcpy(bytes, drawn + left, len);

    return NGX_OK;
}

/* Of at most DP_ID_SIZE bytes. */
static ngx_int_t
id_bytes(ngx_http_request_t *r, uint8_t *bytes, size_t len)
{
    uint8_t    id[DP_ID_SIZE];
    ngx_uint_t changes = !(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD));
    const uint8_t                        seed[DP_ID_SIZE] = {(uint8_t) changes};
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    if (!mcf->deterministic_ids) {
        return random_bytes(bytes, len);
    }

    dp_id_derive(id, seed, ngx_http_devpilot_ids_count(mcf, changes));
    ngx_memcpy(bytes, id, len);

    return NGX_OK;
}

/* Marks our entry in a pool's list; the pool itself frees the context. */
static void
context_cleanup(void *data)
{
}

/*
 * What the request had before its redirect stays, but for a worker's answer: it
 * went with its frame, and was the answer to another operation.
 */
static ngx_http_devpilot_ctx_t *
context_recover(ngx_http_request_t *r)
{
    ngx_http_devpilot_ctx_t *ctx;

    for (ngx_pool_cleanup_t *cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == context_cleanup) {
            ctx = cln->data;
            ctx->stage = 0;
            ctx->forwarding = NULL;
            ctx->scrape = NULL;
            return ctx;
        }
    }

    return NULL;
}

/* Continues the client's trace with a span of our own, or begins one. */
static ngx_int_t
trace_make(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    dp_trace_t *trace = &ctx->trace;

    ngx_http_devpilot_trace_read(r, ctx);

    if (!ctx->trace_continued
        && id_bytes(r, trace->trace_id, sizeof(trace->trace_id)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return id_bytes(r, trace->span_id, sizeof(trace->span_id));
}

/* An id that the client made up, for its own search in our answers. */
static dp_slice_t
client_request_id(ngx_http_request_t *r)
{
    dp_slice_t id;

    if (ngx_http_devpilot_header_get(r, DP_SLICE("x-request-id"), &id) != NGX_OK
        || !dp_client_request_id_valid(id))
    {
        return dp_slice(NULL, 0);
    }

    return id;
}

static ngx_http_devpilot_ctx_t *
context_make(ngx_http_request_t *r)
{
    ngx_http_devpilot_ctx_t *ctx;
    ngx_pool_cleanup_t      *cln;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(*ctx));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(*ctx));

    if (id_bytes(r, ctx->request_id, sizeof(ctx->request_id)) != NGX_OK
        || trace_make(r, ctx) != NGX_OK)
    {
        return NULL;
    }

    dp_id_from_random(ctx->request_id);
    dp_id_format(ctx->request_id_text, ctx->request_id);
    ctx->client_request_id = client_request_id(r);
    cln->handler = context_cleanup;

    return ctx;
}

ngx_http_devpilot_ctx_t *
ngx_http_devpilot_context_known(ngx_http_request_t *r)
{
    ngx_http_devpilot_ctx_t *ctx;

    r = r->main;
    ctx = ngx_http_get_module_ctx(r, ngx_http_devpilot_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {
        ctx = context_recover(r);
        ngx_http_set_ctx(r, ctx, ngx_http_devpilot_module);
    }

    return ctx;
}

ngx_http_devpilot_ctx_t *
ngx_http_devpilot_context(ngx_http_request_t *r)
{
    ngx_http_devpilot_ctx_t *ctx = ngx_http_devpilot_context_known(r);

    if (ctx == NULL) {
        ctx = context_make(r->main);
        ngx_http_set_ctx(r->main, ctx, ngx_http_devpilot_module);
    }

    return ctx;
}
