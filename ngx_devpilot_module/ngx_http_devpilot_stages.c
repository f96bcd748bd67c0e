/*
 * The way of a request, as one table, and the handlers that walk it.
 *
 * nginx calls one handler of ours in PREACCESS and one in CONTENT; each walks
 * the rows of its phase.  Several handlers would run in the reverse order of
 * their registration; the table keeps the order ours.  A new stage is a row
 * here and a file of its name.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_charge.h"
#include "ngx_http_devpilot_guard.h"
#include "ngx_http_devpilot_measure.h"

/* What kinds of request have a stage: operations of the contract, what is guarded. */
typedef enum {
    NOBODY = 0,
    API = 1,
    GUARD = 2,
    BOTH = API | GUARD,
} kind_t;

typedef struct {
    ngx_http_phases            phase;
    kind_t                     kinds;
    const char                *name; /* for log and metrics; each row has its own */
    ngx_http_devpilot_stage_pt run;
} stage_t;

static const stage_t stages[] = {
    {NGX_HTTP_PREACCESS_PHASE, API, "identify", ngx_http_devpilot_identify},
    {NGX_HTTP_PREACCESS_PHASE, GUARD, "guard_begin",
     ngx_http_devpilot_guard_begin},
    {NGX_HTTP_PREACCESS_PHASE, BOTH, "strip", ngx_http_devpilot_strip},
    {NGX_HTTP_PREACCESS_PHASE, API, "kill_switch",
     ngx_http_devpilot_kill_switch},
    {NGX_HTTP_PREACCESS_PHASE, GUARD, "guard_switch",
     ngx_http_devpilot_guard_switch},
    {NGX_HTTP_PREACCESS_PHASE, BOTH, "tier", ngx_http_devpilot_tier},
    {NGX_HTTP_PREACCESS_PHASE, BOTH, "address", ngx_http_devpilot_address},
    {NGX_HTTP_PREACCESS_PHASE, API, "route", ngx_http_devpilot_route},
    {NGX_HTTP_PREACCESS_PHASE, API, "authenticate",
     ngx_http_devpilot_authenticate},
    {NGX_HTTP_PREACCESS_PHASE, GUARD, "guard_credential",
     ngx_http_devpilot_guard_credential},
    {NGX_HTTP_PREACCESS_PHASE, BOTH, "csrf", ngx_http_devpilot_csrf},
    {NGX_HTTP_PREACCESS_PHASE, GUARD, "guard_take",
     ngx_http_devpilot_guard_take},
    {NGX_HTTP_PREACCESS_PHASE, BOTH, "credential_tier",
     ngx_http_devpilot_credential_tier},
    {NGX_HTTP_PREACCESS_PHASE, API, "scope", ngx_http_devpilot_scope},
    {NGX_HTTP_PREACCESS_PHASE, BOTH, "limits", ngx_http_devpilot_limits},
    {NGX_HTTP_CONTENT_PHASE, API, "accept", ngx_http_devpilot_accept},
    {NGX_HTTP_CONTENT_PHASE, API, "preconditions",
     ngx_http_devpilot_preconditions},
    {NGX_HTTP_CONTENT_PHASE, API, "idempotency_key",
     ngx_http_devpilot_idempotency_key},
    {NGX_HTTP_CONTENT_PHASE, API, "body", ngx_http_devpilot_body},
    {NGX_HTTP_CONTENT_PHASE, API, "validate", ngx_http_devpilot_validate},
    {NGX_HTTP_CONTENT_PHASE, API, "kill_switch_again",
     ngx_http_devpilot_kill_switch},
    {NGX_HTTP_CONTENT_PHASE, API, "feed", ngx_http_devpilot_feed},
    {NGX_HTTP_CONTENT_PHASE, API, "answer", ngx_http_devpilot_answer},
    {NGX_HTTP_CONTENT_PHASE, API, "forward", ngx_http_devpilot_forward},
};

#define STAGES (sizeof(stages) / sizeof(stages[0]))

_Static_assert(STAGES <= NGX_HTTP_DEVPILOT_STAGES, "no room in the metrics");

static kind_t
kind_of(ngx_http_request_t *r)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    if (lcf->enable) {
        return API;
    }

    return lcf->guard.enable ? GUARD : NOBODY;
}

const char *
ngx_http_devpilot_stage_name(ngx_uint_t index)
{
    return index < STAGES ? stages[index].name : NULL;
}

/* NEXT when the phase has no rows left. */
static ngx_int_t
stages_walk(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
            ngx_http_phases phase)
{
    ngx_int_t rc;
    kind_t    kind = kind_of(r);

    for ( ; ctx->stage < STAGES; ctx->stage++) {
        if (stages[ctx->stage].phase != phase) {
            break;
        }

        if (!(stages[ctx->stage].kinds & kind)) {
            continue;
        }

        ngx_http_devpilot_measure_stage(ctx);
        rc = stages[ctx->stage].run(r, ctx);

        if (rc == NGX_HTTP_DEVPILOT_WAIT) {
            ctx->waiting = 1;
            return rc;
        }

        ngx_http_devpilot_measure_stage_end(ctx);

        if (rc != NGX_HTTP_DEVPILOT_NEXT) {
            return rc;
        }
    }

    return NGX_HTTP_DEVPILOT_NEXT;
}

/*
 * Ours are main requests of these kinds, but not a post_action.  A configured
 * error_page means no operation of the contract; a guard judges it as nginx's
 * own access checks do, since it may be anything.
 */
static ngx_http_devpilot_ctx_t *
request_ours(ngx_http_request_t *r, kind_t kinds, ngx_int_t *rc)
{
    ngx_http_devpilot_ctx_t *ctx;

    *rc = NGX_DECLINED;

    if (r != r->main || !(kind_of(r) & kinds) || r->post_action) {
        return NULL;
    }

    ctx = ngx_http_devpilot_context(r);
    if (ctx == NULL) {
        *rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
        return NULL;
    }

    return ctx->error_page && kind_of(r) == API ? NULL : ctx;
}

static ngx_int_t
preaccess_handler(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_devpilot_ctx_t *ctx = request_ours(r, BOTH, &rc);

    if (ctx == NULL) {
        return rc;
    }

    rc = stages_walk(r, ctx, NGX_HTTP_PREACCESS_PHASE);

    return rc == NGX_HTTP_DEVPILOT_WAIT ? NGX_AGAIN : rc;
}

/* The table ends with a stage that answers everything. */
static ngx_int_t
content_walk(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t rc = stages_walk(r, ctx, NGX_HTTP_CONTENT_PHASE);

    return rc == NGX_HTTP_DEVPILOT_NEXT ? NGX_HTTP_INTERNAL_SERVER_ERROR : rc;
}

static ngx_int_t
content_handler(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_devpilot_ctx_t *ctx = request_ours(r, API, &rc);

    if (ctx == NULL) {
        return rc;
    }

    rc = content_walk(r, ctx);

    if (rc == NGX_HTTP_DEVPILOT_WAIT) {
        r->main->count++; /* nginx gives it back for NGX_DONE */
    }

    return rc;
}

static void
content_resume(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t rc = content_walk(r, ctx);

    if (rc != NGX_HTTP_DEVPILOT_WAIT) {
        ngx_http_finalize_request(r, rc);
    }
}

void
ngx_http_devpilot_resume(ngx_http_request_t *r)
{
    ngx_connection_t        *c = r->connection;
    ngx_http_devpilot_ctx_t *ctx =
        ngx_http_get_module_ctx(r, ngx_http_devpilot_module);

    ctx->waiting = 0;

    if (stages[ctx->stage].phase == NGX_HTTP_CONTENT_PHASE) {
        content_resume(r, ctx);

    } else {
        r->read_event_handler = ngx_http_block_reading;
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
    }

    ngx_http_run_posted_requests(c);
}

void
ngx_http_devpilot_watch_client(ngx_http_request_t *r)
{
    ngx_event_t *rev = r->connection->read;

    r->write_event_handler = ngx_http_request_empty_handler;

    /* while nginx discards a body it is nginx that sees the client go */
    if (r->discard_body) {
        return;
    }

    r->read_event_handler = ngx_http_test_reading;

    /* what came together with the request is not announced again */
    if (rev->ready && !rev->posted) {
        ngx_post_event(rev, &ngx_posted_events);
    }
}

/*
 * An error whose page the configuration names comes through here on the way to
 * that page; an error that nginx answers by itself does not.
 */
static ngx_int_t
rewrite_handler(ngx_http_request_t *r)
{
    ngx_http_devpilot_ctx_t *ctx;

    if (r->err_status != 0 && r == r->main) {
        ctx = ngx_http_devpilot_context(r);
        if (ctx == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ctx->error_page = 1;
        ngx_str_null(&ctx->envelope); /* the page takes its place */
    }

    return NGX_DECLINED;
}

ngx_int_t
ngx_http_devpilot_stages_install(ngx_conf_t *cf)
{
    static const struct {
        ngx_http_phases     phase;
        ngx_http_handler_pt handler;
    } handlers[] = {
        {NGX_HTTP_SERVER_REWRITE_PHASE, rewrite_handler},
        {NGX_HTTP_REWRITE_PHASE, rewrite_handler},
        {NGX_HTTP_PREACCESS_PHASE, preaccess_handler},
        {NGX_HTTP_CONTENT_PHASE, content_handler},
    };

    ngx_http_handler_pt       *handler;
    ngx_http_core_main_conf_t *cmcf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        handler = ngx_array_push(&cmcf->phases[handlers[i].phase].handlers);
        if (handler == NULL) {
            return NGX_ERROR;
        }

        *handler = handlers[i].handler;
    }

    return NGX_OK;
}
