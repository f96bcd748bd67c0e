/*
 * Whose tiers a request meets: its address and its credential.
 */

#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_client.h"

ngx_int_t
ngx_http_devpilot_abuse_address(const ngx_http_request_t *r,
                                dp_abuse_party_t         *party)
{
    ngx_memzero(party, sizeof(*party));
    party->kind = DP_ABUSE_ADDRESS;

    return ngx_http_devpilot_client_address(r, party->id);
}

ngx_int_t
ngx_http_devpilot_abuse_credential(const ngx_http_devpilot_ctx_t *ctx,
                                   dp_abuse_party_t              *party)
{
    if (ctx->principal.kind == DP_PRINCIPAL_NONE) {
        return NGX_DECLINED;
    }

    party->kind = DP_ABUSE_CREDENTIAL;
    ngx_memcpy(party->id, ctx->principal.credential_id, DP_ID_SIZE);
    ngx_memcpy(party->org_id, ctx->principal.org_id, DP_ID_SIZE);

    return NGX_OK;
}

ngx_uint_t
ngx_http_devpilot_abuse_exempt(const ngx_http_request_t *r)
{
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    return mcf->abuse.exempt != NULL
           && ngx_cidr_match(r->connection->sockaddr, mcf->abuse.exempt)
                  == NGX_OK;
}
