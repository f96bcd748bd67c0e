/*
 * Stage: who is calling?
 *
 * Public operations pass.  For others shared memory is looked at first, which
 * costs neither an allocation nor a message; then a worker is asked, once for
 * all who wait.  It learns the credential's digest: the key itself never leaves
 * this process.
 */

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
worker_ask(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
           const dp_api_key_t *key, const dp_principal_record_t *record)
{
    ngx_int_t                      rc;
    ngx_http_devpilot_credential_t credential;
    dp_error_t code = ngx_http_devpilot_credential_digest(key, &credential);

    if (code != DP_OK) {
        return ngx_http_devpilot_refuse(r, code);
    }

    rc = question_ask(r, ctx, &credential, record);
    ngx_explicit_memzero(&credential, sizeof(credential));

    return rc;
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

static ngx_int_t
authentication_begin(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    dp_api_key_t                         key;
    dp_principal_record_t                record = {.refused = DP_OK};
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);
    dp_error_t code = ngx_http_devpilot_credential_find(r, &key);

    if (code != DP_OK) {
        return ngx_http_devpilot_refuse(r, code);
    }

    ngx_http_devpilot_principals_name(mcf, key.text, &record);

    if (!ngx_http_devpilot_principals_find(mcf, &record)) {
        return worker_ask(r, ctx, &key, &record);
    }

    ngx_http_devpilot_metrics_process()->principals.found++;

    return record_take(r, ctx, &record, dp_slice(NULL, 0));
}

ngx_int_t
ngx_http_devpilot_authenticate_key(ngx_http_request_t *r,
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

ngx_int_t
ngx_http_devpilot_authenticate(ngx_http_request_t *r,
                               ngx_http_devpilot_ctx_t *ctx)
{
    return ctx->match.route->role_scope == DP_ROLE_PUBLIC
               ? NGX_HTTP_DEVPILOT_NEXT
               : ngx_http_devpilot_authenticate_key(r, ctx);
}
