/*
 * What a client is told of its quotas, on allowed and on refused answers: the
 * X-RateLimit-* fields, and RateLimit and RateLimit-Policy as the draft
 * draft-ietf-httpapi-ratelimit-headers-10 has them.
 *
 * A pair without a bucket of its own repeats another: the project's the user's,
 * the user's that of the rule which refused before the user was known.  All
 * values are written into one piece of memory.
 */

#include "ngx_http_devpilot_charge.h"

#define NUMBER_BYTES NGX_INT32_LEN
#define NAME_BYTES 16 /* of a rule, "project_creation" */
#define POLICY_ITEM (NAME_BYTES + sizeof("\"\";q=;w=, ") - 1 + 2 * NUMBER_BYTES)
#define FIELD_BYTES (NGX_HTTP_DEVPILOT_QUOTAS * POLICY_ITEM)
#define VALUES_BYTES (4 * NUMBER_BYTES + 2 * FIELD_BYTES)

static u_char *
number_write(u_char *to, uint32_t number)
{
    u_char  digits[NUMBER_BYTES];
    u_char *first = digits + sizeof(digits);

    do {
        *--first = (u_char) ('0' + number % 10);
        number /= 10;
    } while (number != 0);

    return ngx_cpymem(to, first, (size_t) (digits + sizeof(digits) - first));
}

static u_char *
text_write(u_char *to, const char *text)
{
    while (*text != '\0') {
        *to++ = (u_char) *text++;
    }

    return to;
}

/* Adds a header whose value lies between `value` and `end`; returns `end`. */
static u_char *
header_add(ngx_http_request_t *r, const char *key, u_char *value, u_char *end)
{
    ngx_table_elt_t *header = ngx_list_push(&r->headers_out.headers);

    if (header == NULL) {
        return NULL;
    }

    ngx_memzero(header, sizeof(*header));
    header->hash = 1;
    header->key.data = (u_char *) key;
    header->key.len = ngx_strlen(key);
    header->value.data = value;
    header->value.len = (size_t) (end - value);

    return end;
}

static u_char *
number_add(ngx_http_request_t *r, const char *key, u_char *to, uint32_t number)
{
    return to == NULL ? NULL
                      : header_add(r, key, to, number_write(to, number));
}

/* `"user";q=120;w=120` or `"user";r=119;t=1` for each quota. */
static u_char *
field_add(ngx_http_request_t *r, const ngx_http_devpilot_limits_t *limits,
          u_char *to, ngx_uint_t policy)
{
    u_char *end = to;

    if (to == NULL) {
        return NULL;
    }

    for (ngx_uint_t i = 0; i < limits->quota_count; i++) {
        const ngx_http_devpilot_quota_t *quota = &limits->quotas[i];

        end = text_write(end, i == 0 ? "\"" : ", \"");
        end = text_write(end, ngx_http_devpilot_rules[quota->rule].name);
        end = text_write(end, policy ? "\";q=" : "\";r=");
        end = number_write(end, policy ? quota->limit : quota->remaining);
        end = text_write(end, policy ? ";w=" : ";t=");
        end = number_write(end, policy ? quota->window_s : quota->full_s);
    }

    return header_add(r, policy ? "RateLimit-Policy" : "RateLimit", to, end);
}

/* The quota of a rule, or the first one. */
static const ngx_http_devpilot_quota_t *
quota_of(const ngx_http_devpilot_limits_t *limits, ngx_http_devpilot_rule_t rule)
{
    for (ngx_uint_t i = 0; i < limits->quota_count; i++) {
        if (limits->quotas[i].rule == rule) {
            return &limits->quotas[i];
        }
    }

    return &limits->quotas[0];
}

ngx_int_t
ngx_http_devpilot_limit_headers_add(ngx_http_request_t *r,
                                    const ngx_http_devpilot_limits_t *limits)
{
    u_char                          *to;
    const ngx_http_devpilot_quota_t *user, *project;

    if (limits->quota_count == 0) {
        return NGX_OK;
    }

    user = quota_of(limits, NGX_HTTP_DEVPILOT_RULE_USER);
    project = quota_of(limits, NGX_HTTP_DEVPILOT_RULE_PROJECT);

    to = ngx_pnalloc(r->pool, VALUES_BYTES);
    to = number_add(r, "X-RateLimit-Limit-User", to, user->limit);
    to = number_add(r, "X-RateLimit-Remaining-User", to, user->remaining);
    to = number_add(r, "X-RateLimit-Limit-Project", to, project->limit);
    to = number_add(r, "X-RateLimit-Remaining-Project", to, project->remaining);
    to = field_add(r, limits, to, 1);
    to = field_add(r, limits, to, 0);

    return to == NULL ? NGX_ERROR : NGX_OK;
}
