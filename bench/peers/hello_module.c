/*
 * The other side of proxy_pass in the forward hop: an nginx module whose
 * content handler answers at once, from memory, and discards the body.
 *
 *     location / { bench_hello; }
 *
 * It is loaded as it is: the arrays that nginx's build writes for a dynamic
 * module are at the end of this file.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "answer.h"

static char *hello_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

static ngx_command_t commands[] = {
    {ngx_string("bench_hello"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, hello_set,
     0, 0, NULL},
    ngx_null_command,
};

static ngx_http_module_t module_context;

static ngx_module_t ngx_http_bench_hello_module = {
    NGX_MODULE_V1,
    &module_context,
    commands,
    NGX_HTTP_MODULE,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NGX_MODULE_V1_PADDING,
};

static ngx_int_t
hello_handler(ngx_http_request_t *r)
{
    ngx_int_t   rc;
    ngx_buf_t  *b;
    ngx_chain_t out;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = (u_char *) BENCH_ANSWER;
    b->last = b->pos + sizeof(BENCH_ANSWER) - 1;
    b->memory = 1;
    b->last_buf = 1;
    out.buf = b;
    out.next = NULL;

    r->headers_out.status = NGX_HTTP_CREATED;
    r->headers_out.content_length_n = sizeof(BENCH_ANSWER) - 1;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    rc = ngx_http_send_header(r);
    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_output_filter(r, &out);
}

static char *
hello_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t *location =
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    location->handler = hello_handler;

    return NGX_CONF_OK;
}

#define EXPORT __attribute__((visibility("default")))

extern ngx_module_t *ngx_modules[];
extern char         *ngx_module_names[];
extern char         *ngx_module_order[];

EXPORT ngx_module_t *ngx_modules[] = {&ngx_http_bench_hello_module, NULL};
EXPORT char *ngx_module_names[] = {"ngx_http_bench_hello_module", NULL};
EXPORT char *ngx_module_order[] = {NULL};
