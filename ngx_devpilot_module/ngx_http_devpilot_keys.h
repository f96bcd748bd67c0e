/*
 * The keys that tokens are verified with, and CSRF tokens made: pushed by workers,
 * kept in shared memory, so that neither a reload nor the death of a worker or of a
 * process loses them.
 *
 * Each process has a copy that is ready for use: contexts keyed once, public keys
 * read once.  The copy follows the zone, by a word that is compared before each
 * use.  Pages that hold secrets are in no core dump.
 */

#ifndef NGX_HTTP_DEVPILOT_KEYS_H
#define NGX_HTTP_DEVPILOT_KEYS_H

#include "dp_csrf.h"
#include "dp_jws.h"
#include "dp_jwt_claims.h"
#include "dp_key_store.h"
#include "ngx_http_devpilot.h"

/* ngx_http_devpilot_zone_keys.c */

ngx_int_t ngx_http_devpilot_keys_add(ngx_conf_t *cf,
                                     ngx_http_devpilot_main_conf_t *mcf);

/* Keeps the zone out of core dumps; called in init_module. */
void ngx_http_devpilot_keys_commit(const ngx_http_devpilot_main_conf_t *mcf);

dp_key_store_t *
ngx_http_devpilot_keys_store(const ngx_http_devpilot_main_conf_t *mcf);

/* ngx_http_devpilot_keys.c */

/* Called in init_process and exit_process. */
ngx_int_t ngx_http_devpilot_keys_open(
    const ngx_http_devpilot_main_conf_t *mcf, ngx_log_t *log);
void ngx_http_devpilot_keys_close(void);

/* Takes a record's lists, which are valid, for all processes. */
void ngx_http_devpilot_keys_apply(const dp_wire_control_t *record);

/* The generation of what this process verifies with; 0: nobody told it any. */
uint64_t ngx_http_devpilot_keys_generation(void);

/* Whose signature a token has. */
typedef struct {
    dp_jwt_expected_t expected; /* borrows from the copy, until the next call */
    ngx_uint_t        foreign;  /* an issuer's that is not ours */
} ngx_http_devpilot_signer_t;

/* Whether a key has this kid, and is of the token's algorithm. */
ngx_uint_t ngx_http_devpilot_keys_know(const dp_jwt_t *jwt);

/* Verifies the signature.  DP_JWT_KEY: by no key that we have. */
dp_jwt_fault_t ngx_http_devpilot_keys_verify(const dp_jwt_t *jwt,
                                             ngx_http_devpilot_signer_t *signer);

/* A session's CSRF token, DP_CSRF_TEXT_SIZE characters.  0: there is no key. */
ngx_uint_t ngx_http_devpilot_keys_csrf(const uint8_t session_id[DP_ID_SIZE],
                                       char *text);

/* Whether a token is the session's, by a key that signs or has its grace. */
ngx_uint_t ngx_http_devpilot_keys_csrf_good(
    const uint8_t session_id[DP_ID_SIZE], dp_slice_t token);

/* ngx_http_devpilot_csrf.c */

/* Answers getCsrfToken. */
ngx_int_t ngx_http_devpilot_csrf_answer(ngx_http_request_t *r,
                                        ngx_http_devpilot_ctx_t *ctx);

#endif /* NGX_HTTP_DEVPILOT_KEYS_H */
