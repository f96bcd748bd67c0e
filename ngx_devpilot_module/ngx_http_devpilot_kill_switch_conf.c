/*
 * What turns a kill switch on when nginx reads its configuration: the
 * directive, the variable OPS_KILL_SWITCH, the file.
 *
 * A name that is none stops nginx -t, wherever it stands: a switch that an
 * operator believes to be on must not be missing for a typing error.
 */

#include "ngx_http_devpilot_kill_switch.h"

#define VARIABLE "OPS_KILL_SWITCH"

static char *
refuse_name(ngx_conf_t *cf, const char *where, dp_slice_t name)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%*s\" in %s, it must be one of %s",
                       name.len, name.data, where, DP_KILL_SWITCH_NAMES);

    return NGX_CONF_ERROR;
}

char *
ngx_http_devpilot_kill_switch_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *conf)
{
    ngx_http_devpilot_main_conf_t *mcf = conf;
    ngx_str_t                     *value = cf->args->elts;
    dp_slice_t                     name = dp_slice(value[1].data, value[1].len);
    uint32_t                       bit = dp_kill_switch_bit(name);
    ngx_uint_t on = ngx_strcasecmp(value[2].data, (u_char *) "on") == 0;

    if (bit == 0) {
        return refuse_name(cf, "\"devpilot_kill_switch\" directive", name);
    }

    if (!on && ngx_strcasecmp(value[2].data, (u_char *) "off") != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive, "
                           "it must be \"on\" or \"off\"",
                           &value[2], &cmd->name);
        return NGX_CONF_ERROR;
    }

    if (mcf->switches_named & bit) {
        return "is duplicate";
    }

    mcf->switches_named |= bit;
    mcf->switches_on[DP_KILL_DIRECTIVE] |= on ? bit : 0;
    mcf->in_use = 1;

    return NGX_CONF_OK;
}

/*
 * nginx hands a new binary (USR2) only the variables that it was told to keep;
 * this one must not get lost on the way.
 */
static ngx_int_t
environment_keep(ngx_conf_t *cf)
{
    ngx_core_conf_t *ccf = (ngx_core_conf_t *) ngx_get_conf(cf->cycle->conf_ctx,
                                                            ngx_core_module);
    ngx_str_t       *name = ngx_array_push(&ccf->env);

    if (name == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(name, VARIABLE);

    return NGX_OK;
}

static ngx_int_t
environment_read(ngx_conf_t *cf, ngx_http_devpilot_main_conf_t *mcf)
{
    dp_slice_t  unknown;
    const char *text = getenv(VARIABLE);

    if (text == NULL) {
        return NGX_OK;
    }

    if (!dp_kill_switch_list(dp_slice_text(text),
                             &mcf->switches_on[DP_KILL_ENVIRONMENT],
                             &unknown))
    {
        refuse_name(cf, "the environment's " VARIABLE, unknown);
        return NGX_ERROR;
    }

    return environment_keep(cf);
}

static ngx_int_t
file_read(ngx_conf_t *cf, ngx_http_devpilot_main_conf_t *mcf)
{
    ngx_err_t                        err;
    const char                      *fault;
    ngx_http_devpilot_switch_file_t *file;

    if (mcf->switch_file.len == 0) {
        return NGX_OK;
    }

    if (ngx_conf_full_name(cf->cycle, &mcf->switch_file, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    file = ngx_palloc(cf->temp_pool, sizeof(*file));
    if (file == NULL) {
        return NGX_ERROR;
    }

    fault = ngx_http_devpilot_switch_file_read(&mcf->switch_file, file, &err);

    if (fault != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, err,
                           "%s in \"%V\" of \"devpilot_kill_switch_file\" "
                           "directive, line %ui; names are %s",
                           fault, &mcf->switch_file,
                           (ngx_uint_t) file->lines.line, DP_KILL_SWITCH_NAMES);
        return NGX_ERROR;
    }

    mcf->switches_on[DP_KILL_FILE] = file->lines.switches;

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_kill_switch_conf(ngx_conf_t *cf,
                                   ngx_http_devpilot_main_conf_t *mcf)
{
    if (!mcf->in_use) {
        return NGX_OK;
    }

    return environment_read(cf, mcf) == NGX_OK ? file_read(cf, mcf) : NGX_ERROR;
}
