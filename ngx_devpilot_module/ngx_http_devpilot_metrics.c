/*
 * getMetrics: asks all workers for their metrics and answers with the edge's and
 * theirs.
 *
 * A worker that does not answer within a second costs the answer its part only,
 * and its devpilot_worker_up is 0.
 */

#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_probe.h"

#define WORKER_TIMEOUT_MS 1000

typedef struct {
    ngx_http_devpilot_scrape_t  *scrape;
    ngx_http_devpilot_exchange_t exchange;
    dp_wire_measures_t           reply;
    dp_slice_t                   text; /* of the pool; NULL: no answer */
} question_t;

struct ngx_http_devpilot_scrape_s {
    ngx_http_request_t *request;
    ngx_event_t         timer;
    question_t         *questions; /* one for each worker */
    ngx_uint_t          count;
    ngx_uint_t          open; /* answers that are waited for */
};

static ngx_int_t
metrics_respond(ngx_http_request_t *r, const ngx_http_devpilot_scrape_t *scrape)
{
    dp_slice_t  text;
    dp_slice_t *answers = ngx_pcalloc(r->pool,
                                      (scrape->count + 1) * sizeof(*answers));

    if (answers == NULL) {
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }

    for (ngx_uint_t i = 0; i < scrape->count; i++) {
        answers[i] = scrape->questions[i].text;
    }

    if (ngx_http_devpilot_metrics_text(r, answers, &text) != NGX_OK) {
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

    for (ngx_uint_t i = 0; i < scrape->count; i++) {
        ngx_http_devpilot_exchange_cancel(&scrape->questions[i].exchange);
    }

    scrape->open = 0;
}

static void
answer_keep(question_t *question)
{
    dp_slice_t reply = question->reply.text;
    u_char    *copy = ngx_pnalloc(question->scrape->request->pool,
                                  reply.len + 1);

    if (copy == NULL) {
        return;
    }

    if (reply.len != 0) {
        ngx_memcpy(copy, reply.data, reply.len);
    }

    question->text = dp_slice(copy, reply.len);
}

static void
scrape_answered(ngx_http_devpilot_exchange_t *exchange, dp_error_t outcome)
{
    question_t                 *question = exchange->data;
    ngx_http_devpilot_scrape_t *scrape = question->scrape;

    if (outcome == DP_OK) {
        answer_keep(question);
        ngx_http_devpilot_probe_note(&question->reply,
                                     ngx_http_devpilot_exchange_age_us(exchange));
    }

    if (--scrape->open == 0) {
        scrape_end(scrape);
        ngx_http_devpilot_resume(scrape->request);
    }
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

static ngx_int_t
questions_make(ngx_http_devpilot_scrape_t *scrape, ngx_pool_t *pool,
               ngx_uint_t count)
{
    scrape->questions = ngx_pcalloc(pool,
                                    (count + 1) * sizeof(*scrape->questions));
    if (scrape->questions == NULL) {
        return NGX_ERROR;
    }

    for ( ; scrape->count < count; scrape->count++) {
        question_t *question = &scrape->questions[scrape->count];

        question->scrape = scrape;
        question->exchange.handler = scrape_answered;
        question->exchange.data = question;
        question->exchange.reply_spec = &dp_wire_measures;
        question->exchange.reply = &question->reply;
        question->exchange.repeatable = 1;
    }

    return NGX_OK;
}

static ngx_http_devpilot_scrape_t *
scrape_make(ngx_http_request_t *r, ngx_uint_t workers)
{
    ngx_http_devpilot_scrape_t *scrape;
    ngx_http_cleanup_t         *cln = ngx_http_cleanup_add(r, sizeof(*scrape));

    if (cln == NULL) {
        return NULL;
    }

    scrape = cln->data;
    ngx_memzero(scrape, sizeof(*scrape));
    scrape->request = r;
    scrape->timer.handler = scrape_timer;
    scrape->timer.data = scrape;
    scrape->timer.log = r->connection->log;
    cln->handler = scrape_cleanup;

    return questions_make(scrape, r->pool, workers) == NGX_OK ? scrape : NULL;
}

static ngx_int_t
scrape_begin(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    const dp_wire_measure_t        message = {.format = DP_WIRE_PROMETHEUS};
    ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);
    ngx_http_devpilot_scrape_t *scrape = scrape_make(r, mcf->channels.count);

    ctx->scrape = scrape;
    if (scrape == NULL) {
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }

    for (ngx_uint_t i = 0; i < scrape->count; i++) {
        scrape->open += ngx_http_devpilot_channel_ask(
                            &mcf->channels, i, &scrape->questions[i].exchange,
                            &dp_wire_measure, &message)
                        == NGX_OK;
    }

    if (scrape->open == 0) {
        return metrics_respond(r, scrape);
    }

    ngx_add_timer(&scrape->timer, WORKER_TIMEOUT_MS);
    ngx_http_devpilot_watch_client(r);

    return NGX_HTTP_DEVPILOT_WAIT;
}

ngx_int_t
ngx_http_devpilot_metrics(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    if (ctx->scrape == NULL) {
        return scrape_begin(r, ctx);
    }

    return ctx->scrape->open == 0 ? metrics_respond(r, ctx->scrape)
                                  : NGX_HTTP_DEVPILOT_WAIT;
}
