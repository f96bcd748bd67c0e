/*
 * The rules, one row each, and the directive that changes them.
 *
 * A rate that an operation could never pay is an error of the configuration.
 * Rules of classes that no operation has are configured all the same, and take
 * effect with the operations.
 */

#include "dp_routes.h"
#include "ngx_http_devpilot_directives.h"
#include "ngx_http_devpilot_limit.h"

#define HOUR_NS (60 * DP_GCRA_MINUTE_NS)
#define DAY_NS (24 * HOUR_NS)
#define SPAN_LIMIT_NS (366 * DAY_NS)
#define COUNT_MAX 1000000000
#define INTERVAL_MIN_NS 1000

#define RATE(count, unit_ns, size) \
    {.interval_ns = (unit_ns) / (count), .burst = (size)}

const ngx_http_devpilot_rule_row_t
    ngx_http_devpilot_rules[NGX_HTTP_DEVPILOT_RULES] = {
    [NGX_HTTP_DEVPILOT_RULE_ADDRESS] = {
        .name = "address",
        .code = DP_ERR_RATE_LIMIT_IP,
        .subject = NGX_HTTP_DEVPILOT_PER_ADDRESS,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_REQUESTS,
        .standard = RATE(600, DP_GCRA_MINUTE_NS, 1200),
    },
    [NGX_HTTP_DEVPILOT_RULE_USER] = {
        .name = "user",
        .code = DP_ERR_RATE_LIMIT_USER,
        .subject = NGX_HTTP_DEVPILOT_PER_USER,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_COSTS,
        .standard = RATE(60, DP_GCRA_MINUTE_NS, 120),
    },
    [NGX_HTTP_DEVPILOT_RULE_PROJECT] = {
        .name = "project",
        .code = DP_ERR_RATE_LIMIT_PROJECT,
        .subject = NGX_HTTP_DEVPILOT_PER_PROJECT,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_COSTS,
        .standard = RATE(300, DP_GCRA_MINUTE_NS, 600),
    },
    [NGX_HTTP_DEVPILOT_RULE_GLOBAL] = {
        .name = "global",
        .code = DP_ERR_RATE_LIMIT_GLOBAL,
        .subject = NGX_HTTP_DEVPILOT_PER_SERVICE,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_COSTS,
        .standard = RATE(60000, DP_GCRA_MINUTE_NS, 120000),
    },
    [NGX_HTTP_DEVPILOT_RULE_AUTH] = {
        .name = "auth",
        .code = DP_ERR_RATE_LIMIT_AUTH,
        .subject = NGX_HTTP_DEVPILOT_PER_ADDRESS,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_CLASS,
        .cost_class = DP_COST_AUTH,
        .standard = RATE(10, DP_GCRA_MINUTE_NS, 10),
    },
    [NGX_HTTP_DEVPILOT_RULE_AUTH_HOUR] = {
        .name = "auth_hour",
        .code = DP_ERR_RATE_LIMIT_AUTH,
        .subject = NGX_HTTP_DEVPILOT_PER_ADDRESS,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_CLASS,
        .cost_class = DP_COST_AUTH,
        .standard = RATE(60, HOUR_NS, 60),
    },
    [NGX_HTTP_DEVPILOT_RULE_SIGNUP] = {
        .name = "signup",
        .code = DP_ERR_RATE_LIMIT_SIGNUP,
        .subject = NGX_HTTP_DEVPILOT_PER_ADDRESS,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_CLASS,
        .cost_class = DP_COST_SIGNUP,
        .standard = RATE(5, HOUR_NS, 5),
    },
    [NGX_HTTP_DEVPILOT_RULE_SIGNUP_DAY] = {
        .name = "signup_day",
        .code = DP_ERR_RATE_LIMIT_SIGNUP,
        .subject = NGX_HTTP_DEVPILOT_PER_ADDRESS,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_CLASS,
        .cost_class = DP_COST_SIGNUP,
        .standard = RATE(20, DAY_NS, 20),
    },
    [NGX_HTTP_DEVPILOT_RULE_AI] = {
        .name = "ai",
        .code = DP_ERR_RATE_LIMIT_AI,
        .subject = NGX_HTTP_DEVPILOT_PER_USER,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_CLASS,
        .cost_class = NGX_HTTP_DEVPILOT_NO_CLASS,
        .standard = RATE(20, DP_GCRA_MINUTE_NS, 20),
    },
    [NGX_HTTP_DEVPILOT_RULE_RESTART] = {
        .name = "restart",
        .code = DP_ERR_RATE_LIMIT_RESTART,
        .subject = NGX_HTTP_DEVPILOT_PER_USER_AND_PROJECT,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_CLASS,
        .cost_class = NGX_HTTP_DEVPILOT_NO_CLASS,
        .standard = RATE(10, HOUR_NS, 10),
    },
    [NGX_HTTP_DEVPILOT_RULE_PROJECT_CREATION] = {
        .name = "project_creation",
        .code = DP_ERR_RATE_LIMIT_PROJECT_CREATION,
        .subject = NGX_HTTP_DEVPILOT_PER_USER,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_CLASS,
        .cost_class = DP_COST_CREATE_PROJECT,
        .standard = RATE(10, HOUR_NS, 10),
    },
    [NGX_HTTP_DEVPILOT_RULE_WEBHOOK] = {
        .name = "webhook",
        .code = DP_ERR_RATE_LIMIT_WEBHOOK,
        .subject = NGX_HTTP_DEVPILOT_PER_ADDRESS,
        .charging = NGX_HTTP_DEVPILOT_CHARGES_CLASS,
        .cost_class = NGX_HTTP_DEVPILOT_NO_CLASS,
        .standard = RATE(600, DP_GCRA_MINUTE_NS, 1200),
    },
};

/* --- the directive ---------------------------------------------------------- */

/* What one line says. */
typedef struct {
    dp_gcra_policy_t policy;
    unsigned         shadow:1;
    unsigned         off:1;
} line_t;

static ngx_uint_t
starts_with(const ngx_str_t *text, const char *start)
{
    size_t len = ngx_strlen(start);

    return text->len > len && ngx_strncmp(text->data, start, len) == 0;
}

static ngx_int_t
count_parse(const u_char *text, size_t len)
{
    ngx_int_t count = ngx_atoi((u_char *) text, len);

    return count >= 1 && count <= COUNT_MAX ? count : NGX_ERROR;
}

/* "rate=60/m" */
static ngx_int_t
rate_parse(const ngx_str_t *value, line_t *line)
{
    static const struct {
        u_char   letter;
        uint64_t ns;
    } units[] = {
        {'s', DP_GCRA_SECOND_NS}, {'m', DP_GCRA_MINUTE_NS},
        {'h', HOUR_NS},           {'d', DAY_NS},
    };
    const size_t  name = sizeof("rate=") - 1;
    const u_char *last = value->data + value->len - 1;
    ngx_int_t     count;

    if (value->len < name + sizeof("1/m") - 1 || last[-1] != '/') {
        return NGX_ERROR;
    }

    count = count_parse(value->data + name, value->len - name - 2);

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (count != NGX_ERROR && units[i].letter == *last) {
            line->policy.interval_ns = units[i].ns / (uint64_t) count;
        }
    }

    return line->policy.interval_ns < INTERVAL_MIN_NS ? NGX_ERROR : NGX_OK;
}

static ngx_int_t
burst_parse(const ngx_str_t *value, line_t *line)
{
    const size_t name = sizeof("burst=") - 1;
    ngx_int_t    count = count_parse(value->data + name, value->len - name);

    if (count == NGX_ERROR) {
        return NGX_ERROR;
    }

    line->policy.burst = (uint32_t) count;

    return NGX_OK;
}

static ngx_int_t
refill_parse(const ngx_str_t *value, line_t *line)
{
    line->policy.refill = ngx_strcmp(value->data, "refill=minute") == 0
                              ? DP_GCRA_MINUTE
                              : DP_GCRA_CONTINUOUS;

    return line->policy.refill == DP_GCRA_MINUTE
                   || ngx_strcmp(value->data, "refill=continuous") == 0
               ? NGX_OK
               : NGX_ERROR;
}

static ngx_int_t
word_parse(const ngx_str_t *value, line_t *line)
{
    if (starts_with(value, "rate=")) {
        return rate_parse(value, line);
    }

    if (starts_with(value, "burst=")) {
        return burst_parse(value, line);
    }

    if (starts_with(value, "refill=")) {
        return refill_parse(value, line);
    }

    if (ngx_strcmp(value->data, "shadow") == 0) {
        line->shadow = 1;
        return NGX_OK;
    }

    line->off = ngx_strcmp(value->data, "off") == 0;

    return line->off ? NGX_OK : NGX_ERROR;
}

static char *
refuse_word(ngx_conf_t *cf, ngx_command_t *cmd, const ngx_str_t *word)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, it must be "
                       "rate=N/s, N/m, N/h or N/d of at most 1000000 a second, "
                       "burst=N up to 1000000000, refill=continuous, "
                       "refill=minute, shadow, or nothing but off",
                       word, &cmd->name);

    return NGX_CONF_ERROR;
}

static char *
line_parse(ngx_conf_t *cf, ngx_command_t *cmd, line_t *line)
{
    const ngx_str_t *value = cf->args->elts;

    for (ngx_uint_t i = 2; i < cf->args->nelts; i++) {
        if (word_parse(&value[i], line) != NGX_OK
            || (line->off && cf->args->nelts > 3))
        {
            return refuse_word(cf, cmd, &value[i]);
        }
    }

    if (line->off) {
        return NGX_CONF_OK;
    }

    if (line->policy.interval_ns == 0 || line->policy.burst == 0) {
        return "needs both rate= and burst=, or off";
    }

    return line->policy.interval_ns > SPAN_LIMIT_NS / line->policy.burst
               ? "has a burst that takes longer than a year to come back"
               : NGX_CONF_OK;
}

/* NGX_HTTP_DEVPILOT_NO_RULE after a message that names all of them. */
static ngx_uint_t
rule_find(ngx_conf_t *cf, ngx_command_t *cmd, const ngx_str_t *name)
{
    u_char  names[256];
    u_char *end = names;

    for (ngx_uint_t i = 0; i < NGX_HTTP_DEVPILOT_RULES; i++) {
        if (ngx_strcmp(name->data, ngx_http_devpilot_rules[i].name) == 0) {
            return i;
        }

        end = ngx_slprintf(end, names + sizeof(names), "%s%s", i ? ", " : "",
                           ngx_http_devpilot_rules[i].name);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, "
                       "it must be one of %*s",
                       name, &cmd->name, (size_t) (end - names), names);

    return NGX_HTTP_DEVPILOT_NO_RULE;
}

/* A rule has one line, or one of each kind, or it is off. */
static ngx_uint_t
line_fits(const ngx_http_devpilot_limit_conf_t *conf, ngx_uint_t rule,
          const line_t *line)
{
    ngx_uint_t enforced = conf->enforced[rule].burst != 0;
    ngx_uint_t shadow = conf->shadow[rule].burst != 0;

    if (!(conf->named & (uint32_t) 1 << rule)) {
        return 1;
    }

    return !line->off && (line->shadow ? enforced && !shadow
                                       : shadow && !enforced);
}

char *
ngx_http_devpilot_limit_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_devpilot_limit_conf_t *limit_conf =
        (void *) ((char *) conf + cmd->offset);
    const ngx_str_t *value = cf->args->elts;
    line_t           line = {.off = 0};
    char            *rc;
    ngx_uint_t       rule = rule_find(cf, cmd, &value[1]);

    if (rule == NGX_HTTP_DEVPILOT_NO_RULE) {
        return NGX_CONF_ERROR;
    }

    rc = line_parse(cf, cmd, &line);
    if (rc != NGX_CONF_OK) {
        return rc;
    }

    if (!line_fits(limit_conf, rule, &line)) {
        return "is duplicate";
    }

    (line.shadow ? limit_conf->shadow
                 : limit_conf->enforced)[rule] = line.policy;
    limit_conf->named |= (uint32_t) 1 << rule;
    ngx_http_devpilot_in_use(cf);

    return NGX_CONF_OK;
}

/* --- all rules together ------------------------------------------------------ */

static ngx_uint_t
route_has_project(const dp_route_t *route)
{
    return ngx_strstr(route->path, "{projectId}") != NULL;
}

/* The dearest charge of a rule, and the operation that makes it or NULL. */
static uint32_t
dearest_find(ngx_http_devpilot_rule_t rule, const char **operation)
{
    uint32_t                            cost = 1;
    const ngx_http_devpilot_rule_row_t *row = &ngx_http_devpilot_rules[rule];

    *operation = NULL;

    if (row->charging != NGX_HTTP_DEVPILOT_CHARGES_COSTS) {
        return cost;
    }

    for (size_t i = 0; i < dp_routes_count; i++) {
        const dp_route_t *route = &dp_routes[i];

        if (route->cost > cost
            && (row->subject != NGX_HTTP_DEVPILOT_PER_PROJECT
                || route_has_project(route)))
        {
            cost = route->cost;
            *operation = route->operation;
        }
    }

    return cost;
}

static ngx_int_t
burst_check(ngx_conf_t *cf, ngx_http_devpilot_rule_t rule,
            const dp_gcra_policy_t *policy)
{
    const char *operation;
    uint32_t    cost = dearest_find(rule, &operation);

    if (policy->burst == 0 || cost <= policy->burst) {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"devpilot_limit %s\" has burst=%uD, but the operation "
                       "%s costs %uD",
                       ngx_http_devpilot_rules[rule].name, policy->burst,
                       operation, cost);

    return NGX_ERROR;
}

/* The bit of a rule, if it can refuse anything. */
static uint32_t
effective_bit(ngx_http_devpilot_rule_t rule, const dp_gcra_policy_t *policy)
{
    const ngx_http_devpilot_rule_row_t *row = &ngx_http_devpilot_rules[rule];

    return policy->burst == 0
                   || (row->charging == NGX_HTTP_DEVPILOT_CHARGES_CLASS
                       && row->cost_class == NGX_HTTP_DEVPILOT_NO_CLASS)
               ? 0
               : (uint32_t) 1 << rule;
}

ngx_int_t
ngx_http_devpilot_limit_conf_init(ngx_conf_t *cf,
                                  ngx_http_devpilot_limit_conf_t *conf)
{
    const char *operation;

    for (ngx_uint_t i = 0; i < NGX_HTTP_DEVPILOT_RULES; i++) {
        conf->dearest[i] = dearest_find(i, &operation);

        if (!(conf->named & (uint32_t) 1 << i)) {
            conf->enforced[i] = ngx_http_devpilot_rules[i].standard;
        }

        if (burst_check(cf, i, &conf->enforced[i]) != NGX_OK
            || burst_check(cf, i, &conf->shadow[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }

        conf->in_force |= effective_bit(i, &conf->enforced[i]);
        conf->in_shadow |= effective_bit(i, &conf->shadow[i]);

        if (conf->enforced[i].refill == DP_GCRA_MINUTE
            || conf->shadow[i].refill == DP_GCRA_MINUTE)
        {
            conf->by_minute = 1;
        }
    }

    return NGX_OK;
}
