/*
 * The directives of guard mode.
 *
 * What cannot work is refused with the configuration: a credential that nobody
 * could be asked about, a cost that no bucket holds.  What does nothing is warned
 * of: a `return` is older than we are, and ends the request before us.
 */

#include "ngx_http_devpilot_directives.h"
#include "ngx_http_devpilot_guard.h"

extern ngx_module_t ngx_http_rewrite_module;

static ngx_conf_enum_t credentials[] = {
    {ngx_string("off"), NGX_HTTP_DEVPILOT_CREDENTIAL_OFF},
    {ngx_string("optional"), NGX_HTTP_DEVPILOT_CREDENTIAL_OPTIONAL},
    {ngx_string("required"), NGX_HTTP_DEVPILOT_CREDENTIAL_REQUIRED},
    {ngx_null_string, 0},
};

char *
ngx_http_devpilot_guard_credential_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                       void *conf)
{
    ngx_str_t                      *value = cf->args->elts;
    ngx_http_devpilot_guard_conf_t *guard =
        (void *) ((char *) conf + cmd->offset);

    if (guard->credential != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    ngx_http_devpilot_in_use(cf);

    for (ngx_uint_t i = 0; credentials[i].name.len != 0; i++) {
        if (ngx_strcmp(value[1].data, credentials[i].name.data) == 0) {
            guard->credential = credentials[i].value;
            return NGX_CONF_OK;
        }
    }

    return ngx_http_devpilot_refuse_value(cf, cmd, &value[1],
                                          "off, optional or required");
}

/* Those that words 1 to `last` name; 0 after a message. */
static uint32_t
switches_parse(ngx_conf_t *cf, ngx_command_t *cmd, ngx_uint_t last)
{
    ngx_str_t *value = cf->args->elts;
    uint32_t   switches = 0;

    for (ngx_uint_t i = 1; i <= last; i++) {
        uint32_t bit =
            dp_kill_switch_bit(dp_slice(value[i].data, value[i].len));

        if (bit == 0) {
            (void) ngx_http_devpilot_refuse_value(cf, cmd, &value[i],
                                                  DP_KILL_SWITCH_NAMES);
            return 0;
        }

        switches |= bit;
    }

    return switches;
}

/* "GLOBAL_WRITE AI methods=all", or "off" alone. */
char *
ngx_http_devpilot_guard_switch_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                   void *conf)
{
    static const ngx_str_t methods = ngx_string("methods=");

    ngx_str_t *value = cf->args->elts;
    ngx_uint_t last = cf->args->nelts - 1;
    ngx_uint_t off = last == 1 && ngx_strcmp(value[1].data, "off") == 0;
    uint32_t   switches;
    ngx_http_devpilot_guard_conf_t *guard =
        (void *) ((char *) conf + cmd->offset);
    uint32_t *slot = &guard->closing_changes;

    ngx_http_devpilot_in_use(cf);

    if (guard->switches_off || (off && guard->switches_named)) {
        return "cannot be off and on";
    }

    if (off) {
        guard->switches_off = 1;
        return NGX_CONF_OK;
    }

    if (last > 1
        && ngx_strncmp(value[last].data, methods.data, methods.len) == 0)
    {
        if (ngx_strcmp(value[last].data, "methods=all") != 0) {
            return ngx_http_devpilot_refuse_value(cf, cmd, &value[last],
                                                  "methods=all");
        }

        slot = &guard->closing;
        last--;
    }

    switches = switches_parse(cf, cmd, last);
    guard->switches_named = 1;
    *slot |= switches;

    return switches == 0 ? NGX_CONF_ERROR : NGX_CONF_OK;
}

void
ngx_http_devpilot_guard_conf_unset(ngx_http_devpilot_guard_conf_t *conf)
{
    conf->enable = NGX_CONF_UNSET;
    conf->credential = NGX_CONF_UNSET_UINT;
    conf->pass_credential = NGX_CONF_UNSET;
    conf->cost = NGX_CONF_UNSET_UINT;
}

/* Both rules charge what a guarded location costs; a plan must allow it, too. */
static ngx_int_t
cost_check(ngx_conf_t *cf, ngx_http_devpilot_limit_conf_t *limits,
           uint32_t cost)
{
    static const ngx_uint_t rules[] = {
        NGX_HTTP_DEVPILOT_RULE_USER, NGX_HTTP_DEVPILOT_RULE_GLOBAL,
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const dp_gcra_policy_t *policies[] = {
            &limits->enforced[rules[i]], &limits->shadow[rules[i]],
        };

        for (size_t j = 0; j < sizeof(policies) / sizeof(policies[0]); j++) {
            if (policies[j]->burst != 0 && cost > policies[j]->burst) {
                ngx_conf_log_error(
                    NGX_LOG_EMERG, cf, 0,
                    "\"devpilot_guard_cost %uD\" is more than burst=%uD of "
                    "\"devpilot_limit %s\"",
                    cost, policies[j]->burst,
                    ngx_http_devpilot_rules[rules[i]].name);
                return NGX_ERROR;
            }
        }

        limits->dearest[rules[i]] = ngx_max(limits->dearest[rules[i]], cost);
    }

    return NGX_OK;
}

/*
 * A location that begins with `return`.  nginx keeps the type of this
 * configuration in a .c file; its first member is the list of what it compiled.
 */
static ngx_uint_t
returns_at_once(ngx_conf_t *cf)
{
    ngx_array_t *const *rewrite =
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_rewrite_module);
    const ngx_array_t *codes = rewrite == NULL ? NULL : *rewrite;

    return codes != NULL && codes->nelts != 0
           && *(ngx_http_script_code_pt *) codes->elts
                  == ngx_http_script_return_code;
}

static char *
workers_check(ngx_conf_t *cf, const ngx_http_devpilot_main_conf_t *mcf,
              ngx_http_devpilot_guard_conf_t *conf)
{
    if (mcf->channels.endpoints != NULL) {
        return NGX_CONF_OK;
    }

    if (conf->credential == NGX_HTTP_DEVPILOT_CREDENTIAL_REQUIRED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"devpilot_guard_credential required\" needs a "
                           "\"devpilot_worker\" that knows credentials");
        return NGX_CONF_ERROR;
    }

    conf->credential = NGX_HTTP_DEVPILOT_CREDENTIAL_OFF;

    return NGX_CONF_OK;
}

static void
switches_merge(const ngx_http_devpilot_guard_conf_t *prev,
               ngx_http_devpilot_guard_conf_t       *conf)
{
    if (conf->switches_off || conf->switches_named) {
        return;
    }

    conf->switches_off = prev->switches_off;
    conf->switches_named = prev->switches_named;
    conf->closing = prev->closing;
    conf->closing_changes = prev->closing_changes;

    if (!conf->switches_off && !conf->switches_named) {
        conf->closing_changes = DP_KILL_GLOBAL_WRITE;
    }
}

char *
ngx_http_devpilot_guard_conf_merge(ngx_conf_t *cf,
    const ngx_http_devpilot_guard_conf_t *prev,
    ngx_http_devpilot_guard_conf_t *conf)
{
    ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_devpilot_module);

    if (conf->enable == 1 && returns_at_once(cf)) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"devpilot_guard\" does nothing where \"return\" "
                           "ends the request before it");
    }

    ngx_conf_merge_value(conf->enable, prev->enable, 0);
    ngx_conf_merge_uint_value(conf->credential, prev->credential,
                              NGX_HTTP_DEVPILOT_CREDENTIAL_OPTIONAL);
    ngx_conf_merge_value(conf->pass_credential, prev->pass_credential, 0);
    ngx_conf_merge_uint_value(conf->cost, prev->cost, 1);
    switches_merge(prev, conf);

    if (!conf->enable) {
        return NGX_CONF_OK;
    }

    return cost_check(cf, &mcf->limits, (uint32_t) conf->cost) != NGX_OK
               ? NGX_CONF_ERROR
               : workers_check(cf, mcf, conf);
}
