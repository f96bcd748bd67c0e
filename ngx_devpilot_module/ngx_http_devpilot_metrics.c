/*
 * getMetrics: asks a worker for its metrics and answers with the edge's and its.
 *
 * A worker that does not answer within a second costs the answer its part only,
 * and devpilot_worker_up is 0.
 */

#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_probe.h"

#define WORKER_TIMEOUT_MS 1000

struct ngx_http_devpilot_scrape_s {
    ngx_http_devpilot_exchange_t exchange;
    ngx_http_request_t          *request;
    dp_wire_measures_t           reply;
    ngx_event_t                  timer;
    unsigned                     done:1;
    unsigned                     worker_up:1;
};

static ngx_int_t
metrics_respond(ngx_http_request_t *r, ngx_uint_t worker_up, dp_slice_t worker)
{
    dp_slice_t text;

    if (ngx_http_devpilot_metrics_text(r, worker_up, worker, &text) != NGX_OK) {
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }

    return ngx_http_devpilot_respond_text(
        r, DP_SLICE("text/plain; version=0.0.4; charset=utf-8"), text);
}

static void
scrape_end(ngx_http_devpilot_scrape_t *scrape)
{
    if (scrape->timer.timer_set) {
        ngx_del_timer(&scrape->timer);
    }

    ngx_http_devpilot_exchange_cancel(&scrape->exchange);
    scrape->done = 1;
}

static void
scrape_answered(ngx_http_devpilot_exchange_t *exchange, dp_error_t outcome)
{
    ngx_http_devpilot_scrape_t *scrape = exchange->data;

    scrape->worker_up = outcome == DP_OK;

    if (scrape->worker_up) {
        ngx_http_devpilot_probe_note(&scrape->reply,
                                     ngx_http_devpilot_exchange_age_us(exchange));
    }

    scrape_end(scrape);
    ngx_http_devpilot_resume(scrape->request);
}

static void
scrape_timer(ngx_event_t *event)
{
    ngx_http_devpilot_scrape_t *scrape = event->data;

    scrape_end(scrape);
    ngx_http_devpilot_resume(scrape->request);
}

static void
scrape_cleanup(void *data)
{
    scrape_end(data);
}

static ngx_http_devpilot_scrape_t *
scrape_make(ngx_http_request_t *r)
{
    ngx_http_devpilot_scrape_t *scrape;
    ngx_http_cleanup_t         *cln = ngx_http_cleanup_add(r, sizeof(*scrape));

    if (cln == NULL) {
        return NULL;
    }

    scrape = cln->data;
    ngx_memzero(scrape, sizeof(*scrape));
    scrape->request = r;
    scrape->exchange.handler = scrape_answered;
    scrape->exchange.data = scrape;
    scrape->exchange.reply_spec = &dp_wire_measures;
    scrape->exchange.reply = &scrape->reply;
    scrape->exchange.repeatable = 1;
    scrape->timer.handler = scrape_timer;
    scrape->timer.data = scrape;
    scrape->timer.log = r->connection->log;
    cln->handler = scrape_cleanup;

    return scrape;
}

static ngx_int_t
scrape_begin(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t                      rc;
    const dp_wire_measure_t        message = {.format = DP_WIRE_PROMETHEUS};
    ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    ctx->scrape = scrape_make(r);
    if (ctx->scrape == NULL) {
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }

    rc = ngx_http_devpilot_exchange_send(&mcf->channels, &ctx->scrape->exchange,
                                         &dp_wire_measure, &message);
    if (rc != NGX_OK) {
        return metrics_respond(r, 0, dp_slice(NULL, 0));
    }

    ngx_add_timer(&ctx->scrape->timer, WORKER_TIMEOUT_MS);
    ngx_http_devpilot_watch_client(r);

    return NGX_HTTP_DEVPILOT_WAIT;
}

ngx_int_t
ngx_http_devpilot_metrics(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    const ngx_http_devpilot_scrape_t *scrape = ctx->scrape;

    if (scrape == NULL) {
        return scrape_begin(r, ctx);
    }

    if (!scrape->done) {
        return NGX_HTTP_DEVPILOT_WAIT;
    }

    return metrics_respond(r, scrape->worker_up,
                           scrape->worker_up ? scrape->reply.text
                                             : dp_slice(NULL, 0));
}
