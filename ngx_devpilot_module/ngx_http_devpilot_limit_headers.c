/*
 * What a client is told of its quotas, on allowed and on refused answers: the
 * X-RateLimit-* fields, and RateLimit and RateLimit-Policy as the draft
 * draft-ietf-httpapi-ratelimit-headers-10 has them.
 *
 * A pair without a bucket of its own repeats another: the project's the user's,
 * the user's that of the rule which refused before the user was known.  The
 * draft's fields are written into one piece of memory, and the others are the
 * numbers there.
 */

#include "dp_json_out.h"
#include "ngx_http_devpilot_charge.h"
#include "ngx_http_devpilot_headers.h"

#define NUMBER_BYTES NGX_INT32_LEN
#define NAME_BYTES 16 /* of a rule, "project_creation" */
#define POLICY_ITEM (NAME_BYTES + sizeof("\"\";q=;w=, ") - 1 + 2 * NUMBER_BYTES)
#define FIELD_BYTES (NGX_HTTP_DEVPILOT_QUOTAS * POLICY_ITEM)

/* One of the draft's fields, and the first number of each quota in it. */
typedef struct {
    dp_slice_t text;
    dp_slice_t numbers[NGX_HTTP_DEVPILOT_QUOTAS];
} field_t;

static dp_slice_t
number_write(dp_writer_t *out, uint32_t number)
{
    const uint8_t *start = out->pos;

    dp_json_uint(out, number);

    return dp_slice(start, (size_t) (out->pos - start));
}

/* `"user";q=120;w=120` or `"user";r=119;t=1` for each quota. */
static void
field_write(dp_writer_t *out, field_t *field,
            const ngx_http_devpilot_limits_t *limits, ngx_uint_t policy)
{
    const uint8_t *start = out->pos;

    for (ngx_uint_t i = 0; i < limits->quota_count; i++) {
        const ngx_http_devpilot_quota_t *quota = &limits->quotas[i];

        dp_write_text(out, i == 0 ? "\"" : ", \"");
        dp_write_text(out, ngx_http_devpilot_rules[quota->rule].name);
        dp_write_text(out, policy ? "\";q=" : "\";r=");
        field->numbers[i] = number_write(out, policy ? quota->limit
                                                     : quota->remaining);
        dp_write_text(out, policy ? ";w=" : ";t=");
        (void) number_write(out, policy ? quota->window_s : quota->full_s);
    }

    field->text = dp_slice(start, (size_t) (out->pos - start));
}

/* The index of a rule's quota, or the first one. */
static ngx_uint_t
quota_of(const ngx_http_devpilot_limits_t *limits, ngx_http_devpilot_rule_t rule)
{
    for (ngx_uint_t i = 0; i < limits->quota_count; i++) {
        if (limits->quotas[i].rule == rule) {
            return i;
        }
    }

    return 0;
}

static ngx_int_t
fields_add(ngx_http_request_t *r, const ngx_http_devpilot_limits_t *limits,
           const field_t *policy, const field_t *left)
{
    ngx_uint_t user = quota_of(limits, NGX_HTTP_DEVPILOT_RULE_USER);
    ngx_uint_t project = quota_of(limits, NGX_HTTP_DEVPILOT_RULE_PROJECT);
    const ngx_http_devpilot_header_t headers[] = {
        {DP_SLICE("X-RateLimit-Limit-User"), policy->numbers[user]},
        {DP_SLICE("X-RateLimit-Remaining-User"), left->numbers[user]},
        {DP_SLICE("X-RateLimit-Limit-Project"), policy->numbers[project]},
        {DP_SLICE("X-RateLimit-Remaining-Project"), left->numbers[project]},
        {DP_SLICE("RateLimit-Policy"), policy->text},
        {DP_SLICE("RateLimit"), left->text},
    };

    return ngx_http_devpilot_headers_add(r, headers,
                                         sizeof(headers) / sizeof(headers[0]));
}

ngx_int_t
ngx_http_devpilot_limit_headers_add(ngx_http_request_t *r,
                                    const ngx_http_devpilot_limits_t *limits)
{
    field_t     policy, left;
    dp_writer_t out;
    u_char     *memory;

    if (limits->quota_count == 0) {
        return NGX_OK;
    }

    memory = ngx_pnalloc(r->pool, 2 * FIELD_BYTES);
    if (memory == NULL) {
        return NGX_ERROR;
    }

    out = dp_writer(memory, 2 * FIELD_BYTES);
    field_write(&out, &policy, limits, 1);
    field_write(&out, &left, limits, 0);

    return out.failed ? NGX_ERROR : fields_add(r, limits, &policy, &left);
}
