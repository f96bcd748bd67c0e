/*
 * What an answer says of who asked: failed authentications, failing paths and
 * honeypots.
 *
 * A failed authentication is held against the address alone: nobody gets
 * somebody else's credential blocked by guessing.  What a caller does who is
 * known is held against the credential alone, and so within its organisation:
 * others behind the same address are none of it.  What we refuse ourselves, for
 * limits, tiers, switches or for want of a worker, is held against nobody.
 */

#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_metrics.h"

static ngx_uint_t
known(const ngx_http_devpilot_ctx_t *ctx)
{
    dp_abuse_party_t party;

    return ngx_http_devpilot_abuse_credential(ctx, &party) == NGX_OK;
}

/*
 * Of states, limits, switches and clients that went away say other codes.  A known
 * caller's mistakes with an operation of the contract are a faulty client's.
 */
static ngx_uint_t
path_failed(const ngx_http_devpilot_ctx_t *ctx, ngx_uint_t status)
{
    switch (status) {
    case NGX_HTTP_FORBIDDEN:
    case NGX_HTTP_NOT_FOUND:
        return 1;
    case NGX_HTTP_BAD_REQUEST:
    case NGX_HTTP_NOT_ALLOWED:
    case 406:
    case 410:
    case NGX_HTTP_REQUEST_ENTITY_TOO_LARGE:
    case NGX_HTTP_REQUEST_URI_TOO_LARGE:
    case NGX_HTTP_UNSUPPORTED_MEDIA_TYPE:
    case 422:
        return ctx->match.route == NULL || !known(ctx);
    default:
        return 0;
    }
}

/* Limits of nginx's own come with a status of the configuration's choice. */
static ngx_uint_t
own_denial(const ngx_http_devpilot_ctx_t *ctx)
{
    return ctx->abuse.refused || ctx->limits.refused
           || ctx->code == DP_ERR_RATE_LIMIT_CONFIGURED;
}

static ngx_uint_t
honeypot_is(const ngx_http_devpilot_abuse_conf_t *conf, dp_slice_t path)
{
    const ngx_str_t *honeypots;

    if (conf->honeypots == NULL) {
        return 0;
    }

    honeypots = conf->honeypots->elts;

    for (ngx_uint_t i = 0; i < conf->honeypots->nelts; i++) {
        const ngx_str_t *pot = &honeypots[i];
        ngx_uint_t       below = pot->data[pot->len - 1] == '/';

        if ((path.len == pot->len || (below && path.len > pot->len))
            && ngx_strncasecmp((u_char *) path.data, pot->data, pot->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}

static ngx_int_t
party_of(const ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
         dp_abuse_party_t *party)
{
    return ngx_http_devpilot_abuse_credential(ctx, party) == NGX_OK
               ? NGX_OK
               : ngx_http_devpilot_abuse_address(r, party);
}

static void
path_note(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
          const ngx_http_devpilot_abuse_keeper_t *keeper)
{
    dp_abuse_party_t                      party;
    ngx_uint_t                            listed;
    const ngx_http_devpilot_abuse_conf_t *conf = &keeper->mcf->abuse;

    if (party_of(r, ctx, &party) != NGX_OK) {
        return;
    }

    /* what the contract has is no scanner's path */
    listed = ctx->match.route == NULL
             && dp_probe_match(&conf->probes, ctx->abuse.path);

    if (dp_abuse_table_note_path(&keeper->base, &party, ctx->abuse.path,
                                 listed ? conf->probe_score : 1))
    {
        ngx_http_devpilot_metrics_abuse_signal(DP_ABUSE_PROBE);

        if (listed) {
            ngx_http_devpilot_metrics_abuse_pattern();
        }
    }
}

static void
note(const ngx_http_devpilot_abuse_keeper_t *keeper,
     const dp_abuse_party_t *party, dp_abuse_signal_t signal, uint32_t n)
{
    dp_abuse_table_note(&keeper->base, party, signal, n);
    ngx_http_devpilot_metrics_abuse_signal(signal);
}

void
ngx_http_devpilot_abuse_score(ngx_http_request_t      *r,
                              ngx_http_devpilot_ctx_t *ctx, ngx_uint_t status)
{
    dp_abuse_party_t                 party;
    ngx_uint_t                       failed = path_failed(ctx, status);
    ngx_http_devpilot_abuse_keeper_t keeper;

    if (!ctx->abuse.address_judged || own_denial(ctx)
        || (!failed && status != NGX_HTTP_UNAUTHORIZED
            && ctx->match.route != NULL)
        || ngx_http_devpilot_abuse_exempt(r))
    {
        return;
    }

    ngx_http_devpilot_abuse_keeper(&keeper, r);

    if (ctx->match.route == NULL
        && honeypot_is(&keeper.mcf->abuse, ctx->abuse.path)
        && party_of(r, ctx, &party) == NGX_OK)
    {
        note(&keeper, &party, DP_ABUSE_HONEYPOT,
             keeper.mcf->abuse.honeypot_score);

    } else if (failed) {
        path_note(r, ctx, &keeper);

    } else if (status == NGX_HTTP_UNAUTHORIZED
               && ngx_http_devpilot_abuse_address(r, &party) == NGX_OK)
    {
        note(&keeper, &party, DP_ABUSE_AUTH, 1);
    }
}
