/*
 * Stage: which operation of the contract does the request mean?  From here on it
 * counts as in flight.
 *
 * The path is nginx's normalised and decoded one.  A path or method that the
 * contract does not have is remembered here and refused by the route stage,
 * after the stages that come before it.
 */

#include "dp_id.h"
#include "ngx_http_devpilot_measure.h"

#define KNOWN 64

static uint32_t
method_bit(ngx_uint_t method)
{
    static const struct {
        ngx_uint_t  nginx;
        dp_method_t ours;
    } methods[] = {
        {NGX_HTTP_GET, DP_METHOD_GET},       {NGX_HTTP_POST, DP_METHOD_POST},
        {NGX_HTTP_PUT, DP_METHOD_PUT},       {NGX_HTTP_PATCH, DP_METHOD_PATCH},
        {NGX_HTTP_DELETE, DP_METHOD_DELETE}, {NGX_HTTP_HEAD, DP_METHOD_HEAD},
    };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (methods[i].nginx == method) {
            return methods[i].ours;
        }
    }

    return 0;
}

/*
 * The operations without parameters that were asked for last, by a hash of their
 * paths.  A path that is a row's to the letter is that row's: literal segments
 * win over parameters.
 */
static dp_match_t known[KNOWN];

static dp_match_t *
known_place(uint32_t method, dp_slice_t path)
{
    size_t hash = method + 7 * path.len;

    if (path.len != 0) {
        hash += path.data[path.len / 2] + 31u * path.data[path.len - 1];
    }

    return &known[hash % KNOWN];
}

static ngx_uint_t
route_is(const dp_route_t *route, uint32_t method, dp_slice_t path)
{
    return route != NULL && route->method == method
           && ngx_strncmp(route->path, path.data, path.len) == 0
           && route->path[path.len] == '\0';
}

static dp_match_result_t
route_find(dp_match_t *match, uint32_t method, dp_slice_t path)
{
    dp_match_result_t result;
    dp_match_t       *place = known_place(method, path);

    if (route_is(place->route, method, path)) {
        *match = *place;
        return DP_MATCH_FOUND;
    }

    result = dp_route_match(match, method, path);

    if (result == DP_MATCH_FOUND && match->route->param_count == 0) {
        *place = *match;
    }

    return result;
}

ngx_int_t
ngx_http_devpilot_identify(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ctx->match_result = route_find(&ctx->match, method_bit(r->method),
                                   dp_slice(r->uri.data, r->uri.len));

    ngx_http_devpilot_measure_begin(ctx);

    return NGX_HTTP_DEVPILOT_NEXT;
}

ngx_int_t
ngx_http_devpilot_project_id(const ngx_http_devpilot_ctx_t *ctx,
                             uint8_t id[DP_ID_SIZE])
{
    const dp_route_t *route = ctx->match.route;

    for (uint8_t i = 0; route != NULL && i < route->param_count; i++) {
        if (strcmp(route->param_names[i], "projectId") == 0
            && dp_id_parse(id, ctx->match.params[i]))
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}
