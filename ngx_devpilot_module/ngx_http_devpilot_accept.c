/*
 * Stage: would the client take what the operation answers?  And which form of
 * error it prefers.
 *
 * A client that accepts problem details only may have the operation's own type
 * as well: it says how it wants its errors.  Without Accept everything is
 * accepted.
 */

#include "dp_accept.h"
#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_headers.h"

#define PROBLEM "application/problem+json"

static void
headers_read(ngx_http_request_t *r, dp_accept_t *accept)
{
    const ngx_table_elt_t            *header;
    ngx_http_devpilot_header_search_t search = {&r->headers_in.headers.part, 0};

    while ((header = ngx_http_devpilot_header_next(&search, DP_SLICE("accept")))
           != NULL)
    {
        dp_accept_read(accept, dp_slice(header->value.data, header->value.len));
    }
}

ngx_uint_t
ngx_http_devpilot_wants_problem(ngx_http_request_t *r)
{
    dp_accept_offer_t offers[] = {
        {.media_type = "application/json"},
        {.media_type = PROBLEM},
    };
    dp_accept_t accept = {.offers = offers, .count = 2};

    headers_read(r, &accept);

    return dp_accept_quality(&accept, 1) > dp_accept_quality(&accept, 0);
}

static ngx_int_t
refuse(ngx_http_request_t *r, const char *produces)
{
    char        text[128];
    dp_writer_t hint = dp_writer(text, sizeof(text));

    dp_write_text(&hint, "Accept ");
    dp_write_text(&hint, produces);
    dp_write_text(&hint, ".");

    return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
        .code = DP_ERR_NOT_ACCEPTABLE,
        .hint = dp_written(&hint),
    });
}

ngx_int_t
ngx_http_devpilot_accept(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    const char       *produces = ctx->match.route->produces;
    dp_accept_offer_t offers[] = {
        {.media_type = produces},
        {.media_type = PROBLEM},
    };
    dp_accept_t accept = {.offers = offers, .count = 2};

    if (produces == NULL) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    headers_read(r, &accept);

    if (dp_accept_quality(&accept, 0) == 0
        && dp_accept_quality(&accept, 1) == 0)
    {
        return refuse(r, produces);
    }

    return NGX_HTTP_DEVPILOT_NEXT;
}
