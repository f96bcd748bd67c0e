/*
 * What nginx's error_log adds about a request of ours: server, request line,
 * upstream, host, referrer.
 *
 * nginx asks the request's own handler for it.  Ours lets nginx's write, takes
 * queries and secrets out, and adds the request's id.  The message in front of
 * it is nginx's alone.
 */

#include "dp_id.h"
#include "dp_redact.h"
#include "ngx_http_devpilot_variables.h"

#define STARS 3

static ngx_http_log_handler_pt nginx_handler; /* the same for all requests */

/* Where the query ends that begins at `start`; not the quote behind it. */
static u_char *
query_end(u_char *start, u_char *end)
{
    u_char *last = start;

    while (last < end && *last != ' ') {
        last++;
    }

    if (last > start && last[-1] == ',') {
        last--;
    }

    if (last > start && last[-1] == '"') {
        last--;
    }

    return last;
}

/* Each query becomes stars, in place; returns the new end. */
static u_char *
queries_cut(u_char *text, u_char *end)
{
    u_char *out = text;

    while (text < end) {
        u_char *query = text + 1;
        size_t  stars;

        *out++ = *text++;

        if (out[-1] == '?') {
            text = query_end(query, end);
            stars = (size_t) ngx_min(text - query, STARS);
            ngx_memset(out, '*', stars);
            out += stars;
        }
    }

    return out;
}

static u_char *
log_handler(ngx_http_request_t *r, ngx_http_request_t *sr, u_char *buf,
            size_t len)
{
    char                           id[DP_ID_TEXT_SIZE];
    u_char                        *end = nginx_handler(r, sr, buf, len);
    const ngx_http_devpilot_ctx_t *ctx =
        ngx_http_get_module_ctx(r, ngx_http_devpilot_module);
    u_char                        *last = queries_cut(buf, end);

    last = buf + dp_redact(buf, (size_t) (last - buf));

    if (ctx == NULL) {
        return last;
    }

    dp_id_format(id, ctx->request_id);

    return ngx_slprintf(last, buf + len, ", requestId: \"%*s\"", sizeof(id), id);
}

/* By the server's configuration; nothing is known yet but the request. */
static ngx_int_t
post_read_handler(ngx_http_request_t *r)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    if (r == r->main && r->log_handler != log_handler
        && (lcf->enable || lcf->guard.enable || lcf->envelope))
    {
        nginx_handler = r->log_handler;
        r->log_handler = log_handler;
    }

    return NGX_DECLINED;
}

/*
 * By the location's.  Where errors are dressed the ids are made here, so that an
 * upstream that fails has them.
 */
static ngx_int_t
rewrite_handler(ngx_http_request_t *r)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    if (r == r->main && lcf->envelope && ngx_http_devpilot_context(r) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return post_read_handler(r);
}

ngx_int_t
ngx_http_devpilot_error_log_install(ngx_conf_t *cf)
{
    ngx_http_handler_pt       *post_read, *rewrite;
    ngx_http_core_main_conf_t *cmcf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    post_read =
        ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
    rewrite = ngx_array_push(&cmcf->phases[NGX_HTTP_REWRITE_PHASE].handlers);

    if (post_read == NULL || rewrite == NULL) {
        return NGX_ERROR;
    }

    *post_read = post_read_handler;
    *rewrite = rewrite_handler;

    return NGX_OK;
}
