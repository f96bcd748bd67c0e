/*
 * The stage "forward": sends the request to a worker and waits for its reply.
 *
 * It is entered twice: first it builds the message and sends it; when the
 * exchange has ended it answers the client.  The second entry happens within
 * the exchange's handler, while the reply's slices are valid.  A client that
 * goes away in between takes the request's pool with it, and the exchange is
 * cancelled; the worker finishes what it has begun.
 */

#include "dp_contract.h"
#include "dp_cookie.h"
#include "dp_routes_index.h"
#include "ngx_http_devpilot_principals.h"
#include "ngx_http_devpilot_probe.h"
#include "ngx_http_devpilot_zone.h"

struct ngx_http_devpilot_forwarding_s {
    ngx_http_devpilot_exchange_t exchange;
    ngx_http_request_t          *request;
    dp_wire_reply_t              reply;
    dp_error_t                   outcome;
};

static ngx_uint_t
is_readiness(const ngx_http_devpilot_ctx_t *ctx)
{
    return ctx->match.route == &dp_routes[DP_ROUTE_getReadiness];
}

static ngx_int_t
outcome_refuse(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
               dp_error_t outcome)
{
    ngx_http_devpilot_refusal_t refusal = {.code = outcome};

    if (is_readiness(ctx)) {
        refusal.code = DP_ERR_OPS_NOT_READY;
        refusal.details = DP_SLICE("{\"failing\":[\"worker\"]}");
    }

    return ngx_http_devpilot_refuse_with(r, &refusal);
}

static void
exchange_cancel(void *data)
{
    ngx_http_devpilot_exchange_cancel(data);
}

static void
exchange_ended(ngx_http_devpilot_exchange_t *exchange, dp_error_t outcome)
{
    ngx_http_devpilot_forwarding_t *forwarding = exchange->data;
    ngx_http_devpilot_ctx_t        *ctx;

    ctx = ngx_http_devpilot_context(forwarding->request);
    ctx->worker_us += ngx_http_devpilot_exchange_age_us(exchange);
    forwarding->outcome = outcome;

    if (is_readiness(ctx) && outcome == DP_OK
        && forwarding->reply.status == NGX_HTTP_OK)
    {
        ngx_http_devpilot_probe_note_ready(ctx->worker_us);
    }

    ngx_http_devpilot_resume(forwarding->request);
}

static ngx_int_t
forwarding_create(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_pool_cleanup_t             *cleanup;
    ngx_http_devpilot_forwarding_t *forwarding;

    forwarding = ngx_pcalloc(r->pool, sizeof(*forwarding));
    cleanup = ngx_pool_cleanup_add(r->pool, 0);

    if (forwarding == NULL || cleanup == NULL) {
        return NGX_ERROR;
    }

    forwarding->request = r;
    forwarding->exchange.handler = exchange_ended;
    forwarding->exchange.data = forwarding;
    forwarding->exchange.reply_spec = &dp_wire_reply;
    forwarding->exchange.reply = &forwarding->reply;
    forwarding->exchange.switches =
        ctx->match.route->mutates ? ctx->match.route->kill_classes : 0;
    forwarding->exchange.repeatable = ctx->idempotency_key.len != 0
                                      || !ctx->match.route->mutates;

    cleanup->handler = exchange_cancel;
    cleanup->data = &forwarding->exchange;

    ctx->forwarding = forwarding;

    return NGX_OK;
}

/* What a session is told apart by: how it came, from which device and program. */
static void
client_describe(ngx_http_request_t *r, dp_wire_request_t *message)
{
    dp_slice_t             device;
    const ngx_table_elt_t *agent = r->headers_in.user_agent;

    if (r->connection->ssl != NULL) {
        message->flags |= DP_WIRE_SECURE;
    }

    if (ngx_http_devpilot_cookie_get(r, DP_SLICE(DP_COOKIE_DEVICE),
                                     DP_SLICE("dpd_"), &device)
        == NGX_OK)
    {
        message->device = device;
    }

    if (agent != NULL) {
        message->user_agent =
            dp_slice(agent->value.data,
                     ngx_min(agent->value.len, DP_WIRE_USER_AGENT));
    }
}

/* How a client names itself to the token endpoint: the worker's to judge. */
static void
form_describe(ngx_http_request_t *r, const dp_route_t *route,
              dp_wire_request_t *message)
{
    const ngx_table_elt_t *header = r->headers_in.authorization;

    if (header != NULL && dp_contract_operation(route)->field_count != 0) {
        message->authorization = dp_slice(header->value.data,
                                          header->value.len);
    }
}

/* Everything is borrowed. */
static void
message_build(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
              const ngx_http_devpilot_main_conf_t *mcf,
              dp_wire_request_t *message)
{
    ngx_str_t       *client = &r->connection->addr_text;
    ngx_table_elt_t *if_match = r->headers_in.if_match;

    *message = (dp_wire_request_t) {
        .operation = dp_slice_text(ctx->match.route->operation),
        .trace_flags = ctx->trace.flags,
        .deadline_us = ngx_http_devpilot_channels_deadline_us(&mcf->channels),
        .switches = ngx_http_devpilot_switches(mcf),
        .principal = ctx->principal,
        .query = dp_slice(r->args.data, r->args.len),
        .body = ctx->body,
        .idempotency_key = ctx->idempotency_key,
        .client_address = dp_slice(client->data, client->len),
    };

    ngx_memcpy(message->request_id, ctx->request_id, DP_ID_SIZE);
    ngx_memcpy(message->trace_id, ctx->trace.trace_id, DP_TRACE_ID_SIZE);
    ngx_memcpy(message->span_id, ctx->trace.span_id, DP_TRACE_SPAN_SIZE);
    ngx_memcpy(message->params, ctx->match.params, sizeof(message->params));

    if (if_match != NULL) {
        message->if_match = dp_slice(if_match->value.data,
                                     if_match->value.len);
    }

    client_describe(r, message);
    form_describe(r, ctx->match.route, message);
}

static ngx_int_t
request_send(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    dp_wire_request_t              message;
    ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    if (forwarding_create(r, ctx) != NGX_OK) {
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }

    message_build(r, ctx, mcf, &message);

    switch (ngx_http_devpilot_exchange_send(&mcf->channels,
                                            &ctx->forwarding->exchange,
                                            &dp_wire_request, &message))
    {
    case NGX_OK:
        ngx_http_devpilot_watch_client(r);
        return NGX_HTTP_DEVPILOT_WAIT;
    case NGX_BUSY:
        return outcome_refuse(r, ctx, DP_ERR_WORKER_BUSY);
    case NGX_DECLINED:
        return outcome_refuse(r, ctx, DP_ERR_WORKER_UNAVAILABLE);
    default:
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }
}

ngx_int_t
ngx_http_devpilot_forward(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    if (ctx->forwarding == NULL) {
        return request_send(r, ctx);
    }

    if (ctx->forwarding->outcome != DP_OK) {
        return outcome_refuse(r, ctx, ctx->forwarding->outcome);
    }

    return ngx_http_devpilot_respond(r, &ctx->forwarding->reply);
}
