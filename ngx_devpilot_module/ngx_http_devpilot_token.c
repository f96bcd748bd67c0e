/*
 * Tokens that a client sends: verified here, by the keys that workers have pushed.
 *
 * One of ours names its principal, so nobody is asked, unless something about that
 * principal was revoked after the token's facts were read.  A foreign issuer's
 * names a subject of that issuer's, and a worker says who that is here.  A token
 * whose kid nobody has is refused at once; one whose signature took a public key's
 * work to judge is charged to the address, and remembered when it was no good.
 */

#include "dp_access_claims.h"
#include "ngx_http_devpilot_charge.h"
#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_keys.h"
#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_principals.h"

/* As much as a worker's answer. */
#define PUBLIC_KEY_COST 1

static const ngx_http_devpilot_main_conf_t *
main_conf(ngx_http_request_t *r)
{
    return ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);
}

static ngx_int_t
refused(ngx_http_request_t *r, const dp_jwt_t *jwt, dp_jwt_fault_t fault,
        dp_principal_record_t *record)
{
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "token refused: %s",
                  dp_jwt_fault_name(fault));

    record->refused = fault == DP_JWT_EXPIRED ? DP_ERR_AUTH_TOKEN_EXPIRED
                                              : DP_ERR_AUTH_TOKEN_INVALID;

    if (fault == DP_JWT_SIGNATURE && jwt->algorithm != DP_JWT_HS256) {
        (void) ngx_http_devpilot_principals_keep(main_conf(r), record);
    }

    return NGX_DECLINED;
}

static uint64_t
claims_end_us(const dp_jwt_claims_t *claims)
{
    return claims->expires_us + DP_JWT_LEEWAY_S * UINT64_C(1000000);
}

/* It is kept for all processes, unless it is older than a revocation. */
static ngx_int_t
own_examine(ngx_http_request_t *r, const dp_jwt_claims_t *claims,
            const dp_access_claims_t *access, dp_principal_record_t *record,
            ngx_http_devpilot_credential_t *credential)
{
    record->principal = access->principal;
    record->scopes = access->scopes;
    record->plan = access->plan;
    record->generation = access->generation;
    record->expires_us = claims_end_us(claims);

    if (ngx_http_devpilot_principals_keep(main_conf(r), record)) {
        return NGX_OK;
    }

    credential->kind = DP_WIRE_ASK_TOKEN;
    credential->principal = access->principal;
    credential->scopes = access->scopes;
    credential->expires_us = record->expires_us;

    return NGX_AGAIN;
}

static ngx_int_t
foreign_examine(const dp_jwt_claims_t          *claims,
                ngx_http_devpilot_credential_t *credential)
{
    credential->kind = DP_WIRE_ASK_EXTERNAL;
    credential->expires_us = claims_end_us(claims);
    credential->issuer_len = claims->issuer.len;
    credential->subject_len = claims->subject.len;
    ngx_memcpy(credential->issuer, claims->issuer.data, claims->issuer.len);
    ngx_memcpy(credential->subject, claims->subject.data, claims->subject.len);

    return NGX_AGAIN;
}

static dp_jwt_fault_t
signature_judge(ngx_http_request_t *r, const dp_jwt_t *jwt,
                ngx_http_devpilot_signer_t *signer)
{
    dp_jwt_fault_t fault = ngx_http_devpilot_keys_verify(jwt, signer);

    ngx_http_devpilot_metrics_process()->principals.verified++;

    if (fault != DP_JWT_KEY && jwt->algorithm != DP_JWT_HS256) {
        ngx_http_devpilot_address_charge(r, PUBLIC_KEY_COST);
    }

    return fault;
}

static dp_jwt_fault_t
claims_judge(const dp_jwt_t *jwt, const ngx_http_devpilot_signer_t *signer,
             dp_jwt_claims_t *claims, dp_access_claims_t *access)
{
    dp_jwt_fault_t fault = dp_jwt_claims_read(claims, jwt->claims);

    if (fault == DP_JWT_OK) {
        fault = dp_jwt_judge(claims, &signer->expected,
                             ngx_http_devpilot_wall_us());
    }

    if (fault != DP_JWT_OK) {
        return fault;
    }

    if (signer->foreign) {
        return claims->subject.len == 0 ? DP_JWT_CLAIMS : DP_JWT_OK;
    }

    return dp_access_claims_read(access, claims) ? DP_JWT_OK : DP_JWT_CLAIMS;
}

ngx_int_t
ngx_http_devpilot_token_examine(ngx_http_request_t *r,
    const ngx_http_devpilot_sent_t *sent, dp_principal_record_t *record,
    ngx_http_devpilot_credential_t *credential)
{
    dp_jwt_t                   jwt;
    dp_jwt_claims_t            claims;
    dp_access_claims_t         access;
    ngx_http_devpilot_signer_t signer;
    dp_jwt_fault_t             fault = dp_jwt_parse(&jwt, sent->text);

    record->asked_ms = ngx_current_msec;

    if (fault == DP_JWT_OK) {
        fault = signature_judge(r, &jwt, &signer);
    }

    if (fault == DP_JWT_OK) {
        fault = claims_judge(&jwt, &signer, &claims, &access);
    }

    if (fault != DP_JWT_OK) {
        return refused(r, &jwt, fault, record);
    }

    return signer.foreign ? foreign_examine(&claims, credential)
                          : own_examine(r, &claims, &access, record, credential);
}

ngx_uint_t
ngx_http_devpilot_token_ours(dp_slice_t text)
{
    dp_jwt_t jwt;

    return dp_jwt_parse(&jwt, text) == DP_JWT_OK
           && ngx_http_devpilot_keys_know(&jwt);
}
