/*
 * The edge's frame: configuration, the request's context and its stages.
 *
 * A request for a location with `devpilot on` or `devpilot_guard on` walks the
 * table of stages in ngx_http_devpilot_stages.c.  Each stage is a function in a file of its own
 * and leaves what it found in the context.  Prototypes are grouped by the file
 * that defines them; some parts have headers of their own.
 */

#ifndef NGX_HTTP_DEVPILOT_H
#define NGX_HTTP_DEVPILOT_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "dp_error.h"
#include "dp_id.h"
#include "dp_kill_switch.h"
#include "dp_routes.h"
#include "dp_trace.h"
#include "dp_wire.h"
#include "ngx_http_devpilot_conf.h"

typedef struct ngx_http_devpilot_authentication_s
    ngx_http_devpilot_authentication_t;
typedef struct ngx_http_devpilot_scrape_s ngx_http_devpilot_scrape_t;
typedef struct ngx_http_devpilot_forwarding_s ngx_http_devpilot_forwarding_t;

/* What is said beyond the error's row; empty slices and 0 are left out. */
typedef struct {
    dp_error_t code;
    ngx_uint_t status; /* where nginx chose another one than the row's */
    uint32_t   retry_after_s; /* instead of the row's */
    uint32_t   allowed;       /* methods for the header Allow */
    dp_slice_t causes;        /* names, separated by commas */
    dp_slice_t message;
    dp_slice_t hint;
    dp_slice_t context; /* a JSON object */
    dp_slice_t details; /* a JSON object */
    const char *reason; /* who decided, for the log; NULL: the stage */
} ngx_http_devpilot_refusal_t;

/*
 * One per main request, from its pool; it survives internal redirects.  Ids
 * are made with it, so that an error before the first stage has them too.
 */
typedef struct {
    uint8_t    request_id[DP_ID_SIZE];
    char       request_id_text[DP_ID_TEXT_SIZE];
    dp_trace_t trace; /* span_id: the edge's own span */
    dp_trace_t client_trace; /* that was not continued; zero: none */
    dp_slice_t client_request_id; /* of its making; empty: none, or no good */

    /* identify */
    dp_match_result_t match_result;
    dp_match_t        match; /* parameters borrow from `path` */

    /* authenticate */
    dp_principal_t                      principal;
    uint64_t scopes; /* bits of dp_scopes[] */
    uint16_t plan;   /* of the organisation */
    unsigned by_cookie:1; /* so a page may have been made to send it */
    ngx_http_devpilot_authentication_t *authentication;

    ngx_http_devpilot_limits_t limits; /* address, limits */
    ngx_http_devpilot_abuse_t  abuse;  /* tier, credential_tier */

    /* idempotency_key: empty when not sent or of no use to the route */
    dp_slice_t idempotency_key;

    /* body */
    off_t                     body_bytes;  /* that came so far */
    ngx_http_event_handler_pt body_reader; /* nginx's own */

    /* validate: empty when the operation takes none */
    dp_slice_t body;

    /* forward, and answers that ask the worker on the side */
    ngx_http_devpilot_forwarding_t *forwarding;
    ngx_http_devpilot_scrape_t     *scrape;
    uint64_t                        worker_us; /* spent waiting for workers */

    /* refuse */
    dp_error_t code; /* DP_OK: not refused */
    const char *reason; /* who decided so */
    uint32_t   retry_after_s;
    uint32_t   allowed;
    ngx_str_t  envelope; /* empty: errors do not wear it here */
    unsigned   problem:1; /* it is written as problem details */

    unsigned   trace_continued:1; /* it is the client's */

    /* the walk */
    ngx_uint_t stage;
    ngx_uint_t stages_begun; /* the last one's index, plus 1 */
    uint64_t   stage_ns;     /* when that was, if it is timed */
    unsigned   timed:1;      /* one of those whose stages are */
    unsigned   waiting:1;    /* for ngx_http_devpilot_resume() */
    unsigned   in_flight:1;  /* is counted as such */
    unsigned   error_page:1; /* a configured error_page is being served */
    unsigned   body_read:1;
    unsigned   dressed:1; /* the header told of the envelope's length */
    unsigned   envelope_sent:1;
} ngx_http_devpilot_ctx_t;

/*
 * A stage returns NEXT; or WAIT, to be entered again when it has called
 * ngx_http_devpilot_resume(); or the request's result as nginx's
 * ngx_http_finalize_request() takes it, such as what
 * ngx_http_devpilot_refuse() or ngx_http_devpilot_respond() returned.
 */
#define NGX_HTTP_DEVPILOT_NEXT NGX_DECLINED
#define NGX_HTTP_DEVPILOT_WAIT NGX_DONE

typedef ngx_int_t (*ngx_http_devpilot_stage_pt)(ngx_http_request_t *r,
                                                ngx_http_devpilot_ctx_t *ctx);

extern ngx_module_t ngx_http_devpilot_module;

/* ngx_http_devpilot_stages.c */

/* Adds the handlers that walk the table of stages. */
ngx_int_t ngx_http_devpilot_stages_install(ngx_conf_t *cf);

/* By index in the table; NULL: it has no such row. */
const char *ngx_http_devpilot_stage_name(ngx_uint_t index);

/* Goes on with a request whose stage returned WAIT; may end the request. */
void ngx_http_devpilot_resume(ngx_http_request_t *r);

/*
 * Called by a stage before it waits for a worker: a client that goes away ends
 * the request, and events of writing are ignored.
 */
void ngx_http_devpilot_watch_client(ngx_http_request_t *r);

/* ngx_http_devpilot_context.c */

/* The main request's context, made at the first call; NULL: no memory. */
ngx_http_devpilot_ctx_t *ngx_http_devpilot_context(ngx_http_request_t *r);

/* The same, if it has been made, behind a redirect too; else NULL. */
ngx_http_devpilot_ctx_t *ngx_http_devpilot_context_known(ngx_http_request_t *r);

/* The stages, in the order of their table */

ngx_int_t ngx_http_devpilot_identify(ngx_http_request_t *r,
                                     ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_strip(ngx_http_request_t *r,
                                  ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_kill_switch(ngx_http_request_t *r,
                                        ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_route(ngx_http_request_t *r,
                                  ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_authenticate(ngx_http_request_t *r,
                                         ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_csrf(ngx_http_request_t *r,
                                 ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_scope(ngx_http_request_t *r,
                                  ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_accept(ngx_http_request_t *r,
                                   ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_preconditions(ngx_http_request_t *r,
                                          ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_idempotency_key(ngx_http_request_t *r,
                                            ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_body(ngx_http_request_t *r,
                                 ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_validate(ngx_http_request_t *r,
                                     ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_feed(ngx_http_request_t *r,
                                 ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_answer(ngx_http_request_t *r,
                                   ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_forward(ngx_http_request_t *r,
                                    ngx_http_devpilot_ctx_t *ctx);

/* ngx_http_devpilot_feed.c */

/* Refuses, unless it is known which of these switches are on. */
ngx_int_t ngx_http_devpilot_feed_judge(ngx_http_request_t *r,
                                       uint32_t switches);

/* ngx_http_devpilot_identify.c */

/* The path's project id; NGX_DECLINED: it has none that is well-formed. */
ngx_int_t ngx_http_devpilot_project_id(const ngx_http_devpilot_ctx_t *ctx,
                                       uint8_t id[DP_ID_SIZE]);

/* ngx_http_devpilot_body.c */

/* Limits a body that comes without Content-Length. */
ngx_int_t ngx_http_devpilot_body_install(ngx_conf_t *cf);

/*
 * The body as one slice from the request's pool, read back from its temporary
 * file where need be.  NGX_ERROR: no memory or the file cannot be read.
 */
ngx_int_t ngx_http_devpilot_body_slice(ngx_http_request_t *r, dp_slice_t *body);

/* ngx_http_devpilot_refuse.c */

/*
 * Remembers why and renders the envelope; slices may go after the call.
 * Returns the HTTP status, or NGX_ERROR without memory: a stage returns it.
 */
ngx_int_t ngx_http_devpilot_refuse(ngx_http_request_t *r, dp_error_t code);
ngx_int_t ngx_http_devpilot_refuse_with(ngx_http_request_t *r,
    const ngx_http_devpilot_refusal_t *refusal);

/* ngx_http_devpilot_envelope.c */

/* Adds the filters that put errors into the envelope. */
ngx_int_t ngx_http_devpilot_envelope_install(ngx_conf_t *cf);

/* ngx_http_devpilot_respond.c */

/*
 * Sends a worker's reply; its slices may go after the call.  An error becomes a
 * refusal.  Returns what the stage returns.
 */
ngx_int_t ngx_http_devpilot_respond(ngx_http_request_t *r,
                                    const dp_wire_reply_t *reply);

/* Sends a 200 with `body`, which the pool or the program owns. */
ngx_int_t ngx_http_devpilot_respond_bytes(ngx_http_request_t *r,
    dp_slice_t content_type, dp_slice_t body);

/* The same, of the moment: nobody may keep it. */
ngx_int_t ngx_http_devpilot_respond_text(ngx_http_request_t *r,
    dp_slice_t content_type, dp_slice_t body);

#endif /* NGX_HTTP_DEVPILOT_H */
