/*
 * The directives: one row each, and their values.
 *
 * A value that is not allowed stops nginx -t with a message that names the
 * directive, the value and what is allowed.  docs/directives.md has a section
 * for each row.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_directives.h"
#include "ngx_http_devpilot_guard.h"
#include "ngx_http_devpilot_kill_switch.h"
#include "ngx_http_devpilot_status.h"

/* How a number is written, and its bounds, as said in the error message. */
typedef struct {
    ngx_uint_t (*parse)(ngx_str_t *text);
    ngx_uint_t  min;
    ngx_uint_t  max;
    const char *allowed;
} range_t;

static ngx_uint_t time_parse(ngx_str_t *text);
static ngx_uint_t count_parse(ngx_str_t *text);
static ngx_uint_t size_parse(ngx_str_t *text);

static range_t deadline_range = {
    time_parse, 10, 300000, "a time from 10ms to 5m",
};
static range_t max_in_flight_range = {
    count_parse, 1, 65535, "a number from 1 to 65535",
};
static range_t max_reply_range = {
    size_parse, 4096, 64 * 1024 * 1024, "a size from 4k to 64m",
};
static range_t zone_range = {
    size_parse, 64 * 1024, 256 * 1024 * 1024, "a size from 64k to 256m",
};
static range_t ttl_range = {
    time_parse, 100, 3600000, "a time from 100ms to 1h",
};
static range_t feed_timeout_range = {
    time_parse, 1000, 3600000, "a time from 1s to 1h",
};

static range_t cost_range = {
    count_parse, 0, 1000000, "a number from 0 to 1000000",
};

static range_t abuse_zone_range = {
    size_parse, 64 * 1024, 1024 * 1024 * 1024, "a size from 64k to 1024m",
};

static range_t bucket_zone_range = {
    size_parse, 64 * 1024, 1024 * 1024 * 1024, "a size from 64k to 1024m",
};

/* What a text may be, and how the error message says it. */
typedef struct {
    ngx_uint_t (*valid)(const ngx_str_t *text);
    const char  *allowed;
} form_t;

static ngx_uint_t path_valid(const ngx_str_t *text);
static ngx_uint_t instance_valid(const ngx_str_t *text);
static ngx_uint_t name_valid(const ngx_str_t *text);

static form_t path_form = {path_valid, "a path"};
static form_t instance_form = {
    instance_valid, "1 to 64 letters, digits and .-_:",
};
static form_t name_form = {
    name_valid, "1 to 255 characters of ASCII that are no blanks",
};

static char *flag_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *range_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *text_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

ngx_command_t ngx_http_devpilot_commands[] = {
    {
        ngx_string("devpilot"),
        NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_FLAG,
        flag_set,
        NGX_HTTP_LOC_CONF_OFFSET,
        offsetof(ngx_http_devpilot_loc_conf_t, enable),
        NULL,
    },
    {
        ngx_string("devpilot_guard"),
        NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
            | NGX_CONF_FLAG,
        flag_set,
        NGX_HTTP_LOC_CONF_OFFSET,
        offsetof(ngx_http_devpilot_loc_conf_t, guard.enable),
        NULL,
    },
    {
        ngx_string("devpilot_guard_credential"),
        NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
            | NGX_CONF_TAKE1,
        ngx_http_devpilot_guard_credential_set,
        NGX_HTTP_LOC_CONF_OFFSET,
        offsetof(ngx_http_devpilot_loc_conf_t, guard),
        NULL,
    },
    {
        ngx_string("devpilot_guard_pass_credential"),
        NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
            | NGX_CONF_FLAG,
        flag_set,
        NGX_HTTP_LOC_CONF_OFFSET,
        offsetof(ngx_http_devpilot_loc_conf_t, guard.pass_credential),
        NULL,
    },
    {
        ngx_string("devpilot_guard_switch"),
        NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
            | NGX_CONF_1MORE,
        ngx_http_devpilot_guard_switch_set,
        NGX_HTTP_LOC_CONF_OFFSET,
        offsetof(ngx_http_devpilot_loc_conf_t, guard),
        NULL,
    },
    {
        ngx_string("devpilot_guard_cost"),
        NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
            | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_LOC_CONF_OFFSET,
        offsetof(ngx_http_devpilot_loc_conf_t, guard.cost),
        &cost_range,
    },
    {
        ngx_string("devpilot_error_envelope"),
        NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_FLAG,
        flag_set,
        NGX_HTTP_LOC_CONF_OFFSET,
        offsetof(ngx_http_devpilot_loc_conf_t, error_envelope),
        NULL,
    },
    {
        ngx_string("devpilot_cors_origin"),
        NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_1MORE,
        ngx_http_devpilot_cors_origin,
        NGX_HTTP_LOC_CONF_OFFSET,
        0,
        NULL,
    },
    {
        ngx_string("devpilot_trace_trust"),
        NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_1MORE,
        ngx_http_devpilot_trace_trust,
        NGX_HTTP_LOC_CONF_OFFSET,
        0,
        NULL,
    },
    {
        ngx_string("devpilot_worker"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        ngx_http_devpilot_worker_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        0,
        NULL,
    },
    {
        ngx_string("devpilot_deadline"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, channels.deadline),
        &deadline_range,
    },
    {
        ngx_string("devpilot_max_in_flight"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, channels.max_in_flight),
        &max_in_flight_range,
    },
    {
        ngx_string("devpilot_max_reply"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, channels.max_reply),
        &max_reply_range,
    },
    {
        ngx_string("devpilot_kill_switch"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE2,
        ngx_http_devpilot_kill_switch_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        0,
        NULL,
    },
    {
        ngx_string("devpilot_kill_switch_file"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        text_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, switch_file),
        &path_form,
    },
    {
        ngx_string("devpilot_instance"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        text_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, instance),
        &instance_form,
    },
    {
        ngx_string("devpilot_feed_timeout"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, feed_timeout),
        &feed_timeout_range,
    },
    {
        ngx_string("devpilot_limit"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_2MORE,
        ngx_http_devpilot_limit_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, limits),
        NULL,
    },
    {
        ngx_string("devpilot_bucket_zone"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, limits.zone_size),
        &bucket_zone_range,
    },
    {
        ngx_string("devpilot_abuse"),
        NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
            | NGX_CONF_TAKE1,
        ngx_http_devpilot_abuse_mode_set,
        NGX_HTTP_LOC_CONF_OFFSET,
        offsetof(ngx_http_devpilot_loc_conf_t, abuse),
        ngx_http_devpilot_abuse_modes,
    },
    {
        ngx_string("devpilot_abuse_threshold"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_2MORE,
        ngx_http_devpilot_abuse_threshold_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, abuse),
        NULL,
    },
    {
        ngx_string("devpilot_abuse_tiers"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_1MORE,
        ngx_http_devpilot_abuse_tiers_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, abuse),
        NULL,
    },
    {
        ngx_string("devpilot_abuse_honeypot"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_1MORE,
        ngx_http_devpilot_abuse_honeypot_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, abuse),
        NULL,
    },
    {
        ngx_string("devpilot_abuse_probes"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12,
        ngx_http_devpilot_abuse_probes_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, abuse),
        NULL,
    },
    {
        ngx_string("devpilot_abuse_exempt"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_1MORE,
        ngx_http_devpilot_abuse_exempt_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, abuse),
        NULL,
    },
    {
        ngx_string("devpilot_abuse_zone"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, abuse.zone_size),
        &abuse_zone_range,
    },
    {
        ngx_string("devpilot_principal_zone"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, principal_zone),
        &zone_range,
    },
    {
        ngx_string("devpilot_principal_ttl"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, principal_ttl),
        &ttl_range,
    },
    {
        ngx_string("devpilot_principal_refused_ttl"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        range_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, principal_refused_ttl),
        &ttl_range,
    },
    {
        ngx_string("devpilot_token_issuer"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        text_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, token_issuer),
        &name_form,
    },
    {
        ngx_string("devpilot_token_audience"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
        text_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, token_audience),
        &name_form,
    },
    {
        ngx_string("devpilot_log_mask_user"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_FLAG,
        flag_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, log_mask_user),
        NULL,
    },
    {
        ngx_string("devpilot_spool"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12,
        ngx_http_devpilot_spool_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, events),
        NULL,
    },
    {
        ngx_string("devpilot_status"),
        NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
        ngx_http_devpilot_status_set,
        NGX_HTTP_LOC_CONF_OFFSET,
        0,
        NULL,
    },
    {
        ngx_string("devpilot_deterministic_ids"),
        NGX_HTTP_MAIN_CONF | NGX_CONF_FLAG,
        flag_set,
        NGX_HTTP_MAIN_CONF_OFFSET,
        offsetof(ngx_http_devpilot_main_conf_t, deterministic_ids),
        NULL,
    },
    ngx_null_command,
};

void
ngx_http_devpilot_in_use(ngx_conf_t *cf)
{
    ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_devpilot_module);

    mcf->in_use = 1;
}

char *
ngx_http_devpilot_refuse_value(ngx_conf_t *cf, ngx_command_t *cmd,
                               ngx_str_t *value, const char *allowed)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, "
                       "it must be %s",
                       value, &cmd->name, allowed);

    return NGX_CONF_ERROR;
}

static char *
flag_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_devpilot_in_use(cf);

    return ngx_conf_set_flag_slot(cf, cmd, conf);
}

/* Each gives a huge number for text it cannot read. */
static ngx_uint_t
time_parse(ngx_str_t *text)
{
    return (ngx_uint_t) ngx_parse_time(text, 0);
}

static ngx_uint_t
count_parse(ngx_str_t *text)
{
    return (ngx_uint_t) ngx_atoi(text->data, text->len);
}

static ngx_uint_t
size_parse(ngx_str_t *text)
{
    return (ngx_uint_t) ngx_parse_size(text);
}

/* Milliseconds, numbers and sizes are all of nginx's one unsigned width. */
static char *
range_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t     *value = cf->args->elts;
    const range_t *range = cmd->post;
    ngx_uint_t    *slot = (ngx_uint_t *) ((char *) conf + cmd->offset);
    ngx_uint_t     number = range->parse(&value[1]);

    if (*slot != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    if (number < range->min || number > range->max) {
        return ngx_http_devpilot_refuse_value(cf, cmd, &value[1],
                                              range->allowed);
    }

    *slot = number;
    ngx_http_devpilot_in_use(cf);

    return NGX_CONF_OK;
}

static ngx_uint_t
path_valid(const ngx_str_t *text)
{
    return text->len != 0;
}

static ngx_uint_t
instance_valid(const ngx_str_t *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";

    return text->len != 0 && text->len <= 64
           && strspn((const char *) text->data, allowed) == text->len;
}

static ngx_uint_t
name_valid(const ngx_str_t *text)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] <= ' ' || text->data[i] > '~') {
            return 0;
        }
    }

    return text->len != 0 && text->len <= 255;
}

static char *
text_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t    *value = cf->args->elts;
    const form_t *form = cmd->post;
    ngx_str_t    *slot = (ngx_str_t *) ((char *) conf + cmd->offset);

    if (slot->len != 0) {
        return "is duplicate";
    }

    if (!form->valid(&value[1])) {
        return ngx_http_devpilot_refuse_value(cf, cmd, &value[1], form->allowed);
    }

    *slot = value[1];
    ngx_http_devpilot_in_use(cf);

    return NGX_CONF_OK;
}
