/*
 * The directive that names a worker's endpoint, in nginx's spelling of a unix
 * socket or in libzmq's.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_directives.h"

/* libzmq's spelling of a unix socket in nginx's: ipc:///path is unix:/path. */
static ngx_int_t
worker_url(ngx_conf_t *cf, ngx_str_t *text, ngx_url_t *url)
{
    static const ngx_str_t ipc = ngx_string("ipc:///");
    static const ngx_str_t nix = ngx_string("unix:/");

    ngx_memzero(url, sizeof(*url));
    url->url = *text;

    if (text->len > ipc.len && ngx_strncmp(text->data, ipc.data, ipc.len) == 0) {
        url->url.len = text->len - ipc.len + nix.len;
        url->url.data = ngx_pnalloc(cf->pool, url->url.len);
        if (url->url.data == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(ngx_cpymem(url->url.data, nix.data, nix.len),
                   text->data + ipc.len, text->len - ipc.len);
    }

    if (url->url.len <= nix.len
        || ngx_strncmp(url->url.data, nix.data, nix.len) != 0)
    {
        return NGX_ERROR;
    }

    return ngx_parse_url(cf->pool, url);
}

static ngx_uint_t
worker_known(const ngx_array_t *endpoints, const ngx_addr_t *worker)
{
    const ngx_addr_t *known = endpoints->elts;

    for (ngx_uint_t i = 0; i < endpoints->nelts; i++) {
        if (ngx_cmp_sockaddr(known[i].sockaddr, known[i].socklen,
                             worker->sockaddr, worker->socklen, 0)
            == NGX_OK)
        {
            return 1;
        }
    }

    return 0;
}

char *
ngx_http_devpilot_worker_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_devpilot_main_conf_t *mcf = conf;
    ngx_str_t                     *value = cf->args->elts;
    ngx_addr_t                    *worker;
    ngx_url_t                      url;

    if (worker_url(cf, &value[1], &url) != NGX_OK) {
        return ngx_http_devpilot_refuse_value(
            cf, cmd, &value[1],
            "unix:/path or ipc:///path of at most 107 characters");
    }

    if (mcf->channels.endpoints == NULL) {
        mcf->channels.endpoints =
            ngx_array_create(cf->pool, 2, sizeof(ngx_addr_t));
        if (mcf->channels.endpoints == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (worker_known(mcf->channels.endpoints, &url.addrs[0])) {
        return "is duplicate";
    }

    worker = ngx_array_push(mcf->channels.endpoints);
    if (worker == NULL) {
        return NGX_CONF_ERROR;
    }

    *worker = url.addrs[0];
    ngx_http_devpilot_in_use(cf);

    return NGX_CONF_OK;
}
