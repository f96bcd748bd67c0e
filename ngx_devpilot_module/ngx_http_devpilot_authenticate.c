/*
 * Stage: who is calling?
 *
 * Public operations pass.  For others shared memory is looked at first, which
 * costs neither an allocation nor a message; then a token is verified by the keys
 * that we have, and for all else a worker is asked, once for all who wait.  The
 * credential itself never leaves this process.
 */

#include "dp_scope.h"
#include "ngx_http_devpilot_charge.h"
#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_principals.h"

/* What a question costs the client's address, beside the request itself. */
#define QUESTION_COST 1

struct ngx_http_devpilot_authentication_s {
    ngx_http_devpilot_waiter_t waiter;
    uint64_t                   begun_us;
    unsigned                   done:1;
};

static void
answered(ngx_http_devpilot_waiter_t *waiter)
{
    ngx_http_request_t                 *r = waiter->data;
    ngx_http_devpilot_ctx_t            *ctx = ngx_http_devpilot_context(r);
    ngx_http_devpilot_authentication_t *auth = ctx->authentication;

    auth->done = 1;
    ctx->worker_us += ngx_http_devpilot_monotonic_us() - auth->begun_us;

    ngx_http_devpilot_resume(r);
}

static void
authentication_cleanup(void *data)
{
    ngx_http_devpilot_authentication_t *auth = data;

    ngx_http_devpilot_question_leave(&auth->waiter);
}

static ngx_http_devpilot_authentication_t *
authentication_make(ngx_http_request_t *r, const dp_principal_record_t *record)
{
    ngx_http_devpilot_authentication_t *auth;
    ngx_http_cleanup_t                 *cln;

    cln = ngx_http_cleanup_add(r, sizeof(*auth));
    if (cln == NULL) {
        return NULL;
    }

    auth = cln->data;
    ngx_memzero(auth, sizeof(*auth));
    auth->waiter.handler = answered;
    auth->waiter.data = r;
    auth->waiter.record = *record;
    auth->begun_us = ngx_http_devpilot_monotonic_us();
    cln->handler = authentication_cleanup;

    return auth;
}

static ngx_int_t
question_ask(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
             const ngx_http_devpilot_credential_t *credential,
             const dp_principal_record_t          *record)
{
    ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);
    ngx_http_devpilot_authentication_t *auth = authentication_make(r, record);

    if (auth == NULL) {
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }

    switch (ngx_http_devpilot_question_join(mcf, &auth->waiter, credential,
                                            ctx->request_id))
    {
    case NGX_AGAIN:
        ngx_http_devpilot_address_charge(r, QUESTION_COST);
        /* fall through */
    case NGX_OK:
        ctx->authentication = auth;
        ngx_http_devpilot_watch_client(r);
        return NGX_HTTP_DEVPILOT_WAIT;
    case NGX_BUSY:
        return ngx_http_devpilot_refuse(r, DP_ERR_WORKER_BUSY);
    case NGX_DECLINED:
        return ngx_http_devpilot_refuse(r, DP_ERR_WORKER_UNAVAILABLE);
    default:
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }
}

static ngx_int_t
record_take(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
            const dp_principal_record_t *record, dp_slice_t causes)
{
    if (record->refused != DP_OK) {
        return ngx_http_devpilot_refuse_with(r,
            &(ngx_http_devpilot_refusal_t) {
                .code = (dp_error_t) record->refused,
                .causes = causes,
            });
    }

    ctx->principal = record->principal;
    ctx->scopes = record->scopes;
    ctx->plan = record->plan;

    return NGX_HTTP_DEVPILOT_NEXT;
}

/* Nothing is known of it: it is looked at, or a worker is asked. */
static ngx_int_t
sent_examine(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
             const ngx_http_devpilot_sent_t *sent, dp_principal_record_t *record)
{
    ngx_int_t                      rc;
    ngx_http_devpilot_credential_t credential = {.scopes = DP_SCOPES_ALL};

    rc = ngx_http_devpilot_credential_examine(r, sent, record, &credential);

    if (rc == NGX_AGAIN) {
        rc = question_ask(r, ctx, &credential, record);

    } else {
        rc = record_take(r, ctx, record, dp_slice(NULL, 0));
    }

    ngx_explicit_memzero(&credential, sizeof(credential));

    return rc;
}

static ngx_int_t
authentication_begin(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_http_devpilot_sent_t             sent;
    dp_principal_record_t                record = {.refused = DP_OK};
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);
    dp_error_t code = ngx_http_devpilot_credential_find(r, &sent);

    if (code != DP_OK) {
        return ngx_http_devpilot_refuse(r, code);
    }

    ctx->by_cookie = sent.way == NGX_HTTP_DEVPILOT_BY_COOKIE;
    ngx_http_devpilot_principals_name(mcf, sent.text, &record);

    if (!ngx_http_devpilot_principals_find(mcf, &record)) {
        return sent_examine(r, ctx, &sent, &record);
    }

    ngx_http_devpilot_metrics_process()->principals.found++;

    return record_take(r, ctx, &record, dp_slice(NULL, 0));
}

ngx_int_t
ngx_http_devpilot_authenticate_sent(ngx_http_request_t *r,
                                    ngx_http_devpilot_ctx_t *ctx)
{
    const ngx_http_devpilot_authentication_t *auth = ctx->authentication;

    if (auth == NULL) {
        return authentication_begin(r, ctx);
    }

    if (!auth->done) {
        return NGX_HTTP_DEVPILOT_WAIT;
    }

    return record_take(r, ctx, &auth->waiter.record, auth->waiter.causes);
}

/* Who is known stays known behind a redirect, which may have taken his credential. */
ngx_int_t
ngx_http_devpilot_authenticate(ngx_http_request_t *r,
                               ngx_http_devpilot_ctx_t *ctx)
{
    return ctx->match.route->role_scope == DP_ROLE_PUBLIC
                   || ctx->principal.kind != DP_PRINCIPAL_NONE
               ? NGX_HTTP_DEVPILOT_NEXT
               : ngx_http_devpilot_authenticate_sent(r, ctx);
}
