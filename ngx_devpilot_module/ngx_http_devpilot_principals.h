/*
 * Who credentials belong to: read from the client's headers, remembered in
 * shared memory, asked of a worker.
 *
 * A credential itself is in the client's request only.  Its name in shared memory
 * is a keyed digest; SHA-256 of it goes to the worker, when one is asked, or what a
 * verified token says.
 */

#ifndef NGX_HTTP_DEVPILOT_PRINCIPALS_H
#define NGX_HTTP_DEVPILOT_PRINCIPALS_H

#include "dp_headers.h"
#include "dp_jwt_claims.h"
#include "dp_principal_table.h"
#include "ngx_http_devpilot.h"

/* ngx_http_devpilot_credential.c */

#define NGX_HTTP_DEVPILOT_DIGEST 32

/* How a client says who it is; rows of a table in ngx_http_devpilot_credential.c. */
typedef enum {
    NGX_HTTP_DEVPILOT_BY_KEY,
    NGX_HTTP_DEVPILOT_BY_TOKEN,
    NGX_HTTP_DEVPILOT_BY_COOKIE,
    NGX_HTTP_DEVPILOT_WAYS
} ngx_http_devpilot_way_t;

/* It borrows from the client's headers. */
typedef struct {
    ngx_http_devpilot_way_t way;
    dp_slice_t              text; /* all of it */
    dp_api_key_t            key;  /* its parts, if it is one */
} ngx_http_devpilot_sent_t;

/* What a worker is asked, and what its answer may not go beyond. */
typedef struct {
    dp_wire_ask_t  kind;
    uint8_t        prefix[DP_API_KEY_PREFIX];
    uint8_t        digest[NGX_HTTP_DEVPILOT_DIGEST];
    dp_principal_t principal;
    u_char         issuer[DP_JWT_TEXT_SIZE];
    u_char         subject[DP_JWT_TEXT_SIZE];
    size_t         issuer_len;
    size_t         subject_len;
    uint64_t       scopes;
    uint64_t       expires_us; /* 0: when the answer says */
} ngx_http_devpilot_credential_t;

/* Fetches the digest that credentials are sent as; called in init_process. */
ngx_int_t ngx_http_devpilot_digest_init(ngx_cycle_t *cycle);

/*
 * Finds the request's credential.  Authorization comes before the cookie, which is
 * not looked at beside it.  AUTH_REQUIRED: there is none; another code: there is,
 * and it is no good, or there are two.
 */
dp_error_t ngx_http_devpilot_credential_find(ngx_http_request_t       *r,
                                             ngx_http_devpilot_sent_t *sent);

/*
 * Looks at one that nothing is known of.
 *
 * NGX_OK        `record` says whose it is
 * NGX_AGAIN     a worker must be asked: `credential`, which the caller wipes
 * NGX_DECLINED  record->refused says why it is no good
 */
ngx_int_t ngx_http_devpilot_credential_examine(ngx_http_request_t *r,
    const ngx_http_devpilot_sent_t *sent, dp_principal_record_t *record,
    ngx_http_devpilot_credential_t *credential);

/* A code that says of a credential that it is no good, whoever sends it. */
ngx_uint_t ngx_http_devpilot_credential_refused(dp_error_t code);

/* The client's cookie of that name, whose value is a secret of that brand. */
ngx_int_t ngx_http_devpilot_cookie_get(ngx_http_request_t *r, dp_slice_t name,
                                       dp_slice_t brand, dp_slice_t *value);

/* ngx_http_devpilot_token.c: the way BY_TOKEN of the above */

ngx_int_t ngx_http_devpilot_token_examine(ngx_http_request_t *r,
    const ngx_http_devpilot_sent_t *sent, dp_principal_record_t *record,
    ngx_http_devpilot_credential_t *credential);

/* Whether somebody whose keys we have seems to have signed it. */
ngx_uint_t ngx_http_devpilot_token_ours(dp_slice_t text);

/* ngx_http_devpilot_authenticate.c */

/* A stage's work: whose the request's credential is, which it must have. */
ngx_int_t ngx_http_devpilot_authenticate_sent(ngx_http_request_t *r,
                                              ngx_http_devpilot_ctx_t *ctx);

/* ngx_http_devpilot_zone_principals.c */

ngx_int_t ngx_http_devpilot_principals_add(ngx_conf_t *cf,
                                           ngx_http_devpilot_main_conf_t *mcf);

/* The table, to be looked at as a whole. */
const dp_principal_table_t *
ngx_http_devpilot_principals(const ngx_http_devpilot_main_conf_t *mcf);

/* The name of a credential, by its text, in the zone, as record->name. */
void ngx_http_devpilot_principals_name(const ngx_http_devpilot_main_conf_t *mcf,
                                       dp_slice_t             credential,
                                       dp_principal_record_t *record);

/* Fills the record of record->name.  0: there is none that holds now. */
ngx_uint_t ngx_http_devpilot_principals_find(
    const ngx_http_devpilot_main_conf_t *mcf, dp_principal_record_t *record);

/*
 * Stores what a worker said, for all processes.  0, and nothing is stored, when
 * it was read before a revocation that the edge knows of.
 */
ngx_uint_t ngx_http_devpilot_principals_keep(
    const ngx_http_devpilot_main_conf_t *mcf,
    const dp_principal_record_t         *record);

/* ngx_http_devpilot_questions.c */

/*
 * A request that waits for an answer.  It lives in the request and leaves before
 * that memory goes.  The handler is called once, unless the waiter leaves, with
 * the record filled: record.refused is DP_OK, or why there is no principal, and
 * what is behind that is in `causes` during the call.
 */
typedef struct ngx_http_devpilot_waiter_s ngx_http_devpilot_waiter_t;

struct ngx_http_devpilot_waiter_s {
    void (*handler)(ngx_http_devpilot_waiter_t *waiter);
    void                 *data;
    dp_principal_record_t record; /* its name is the waiter's own */
    dp_slice_t            causes; /* names, separated by commas */

    /* private */
    ngx_queue_t           queue;
    ngx_uint_t            waiting; /* is in `queue` */
};

/* Called in init_process and in exit_process. */
void ngx_http_devpilot_questions_open(void);
void ngx_http_devpilot_questions_close(void);

/*
 * Waits for the answer to a question that this process has asked, or asks it.
 * The request's id is for the worker's log.
 *
 * NGX_OK        the handler will be called, but not before this returns
 * NGX_AGAIN     likewise, and nobody had asked before
 * NGX_BUSY      too much in flight or unsent: WORKER_BUSY
 * NGX_DECLINED  no worker: WORKER_UNAVAILABLE
 * NGX_ERROR     no memory: INTERNAL
 */
ngx_int_t ngx_http_devpilot_question_join(ngx_http_devpilot_main_conf_t *mcf,
    ngx_http_devpilot_waiter_t *waiter,
    const ngx_http_devpilot_credential_t *credential,
    const uint8_t request_id[DP_ID_SIZE]);

/* Harmless for one that does not wait.  The question stays for the others. */
void ngx_http_devpilot_question_leave(ngx_http_devpilot_waiter_t *waiter);

#endif /* NGX_HTTP_DEVPILOT_PRINCIPALS_H */
