/*
 * Loading settings in their order of precedence, and loading them again.
 *
 * The table and its types are in settings_value.c, the file's syntax in
 * settings_file.c.
 */

#include "settings_table.h"

#include "log.h"

#include <stdlib.h>
#include <string.h>

bool
dp_setting_refuse(const dp_setting_row_t *row, const char *value,
                  const char *origin, dp_settings_error_t *error)
{
    char allowed[200];

    dp_setting_allowed(row, allowed, sizeof(allowed));
    snprintf(error->text, sizeof(error->text),
             "%s: setting %s cannot be \"%.64s\"; allowed: %s", origin,
             row->name, row->secret ? "(not shown)" : value, allowed);

    return false;
}

static bool
read_defaults(dp_settings_t *settings, dp_settings_error_t *error)
{
    for (size_t i = 0; i < DP_SETTING_COUNT; i++) {
        const dp_setting_row_t *row = &dp_setting_rows[i];

        if (!dp_setting_assign(settings, row, row->fallback)) {
            return dp_setting_refuse(row, row->fallback, "default", error);
        }
    }

    return true;
}

static bool
read_environment(dp_settings_t *settings, dp_settings_error_t *error)
{
    for (size_t i = 0; i < DP_SETTING_COUNT; i++) {
        const dp_setting_row_t *row = &dp_setting_rows[i];
        const char             *value = getenv(row->environment);

        if (value != NULL && !dp_setting_assign(settings, row, value)) {
            char origin[80];

            snprintf(origin, sizeof(origin), "environment %s", row->environment);
            return dp_setting_refuse(row, value, origin, error);
        }
    }

    return true;
}

/* What no single row can say. */
static bool
check_together(const dp_settings_t *settings, dp_settings_error_t *error)
{
    if (settings->app_env == DP_ENV_PRODUCTION
        && settings->log_level == DP_LOG_DEBUG) {
        snprintf(error->text, sizeof(error->text),
                 "setting log_level cannot be \"debug\" while app_env is "
                 "production; allowed: info warn error critical");
        return false;
    }

    if (settings->app_env == DP_ENV_PRODUCTION
        && settings->deterministic_test_ids) {
        snprintf(error->text, sizeof(error->text),
                 "setting deterministic_test_ids cannot be \"true\" while "
                 "app_env is production; allowed: false");
        return false;
    }

    if (settings->app_env >= DP_ENV_STAGING
        && settings->outbound_loopback[0] != '\0') {
        snprintf(error->text, sizeof(error->text),
                 "setting outbound_loopback cannot be \"%.64s\" while app_env "
                 "is staging or production; allowed: nothing",
                 settings->outbound_loopback);
        return false;
    }

    return true;
}

dp_settings_t *
dp_settings_load(const char *path, dp_settings_error_t *error)
{
    dp_settings_t *settings = calloc(1, sizeof(*settings));

    if (settings == NULL) {
        snprintf(error->text, sizeof(error->text), "no memory for settings");
        return NULL;
    }

    if (!read_defaults(settings, error)
        || (path != NULL && !dp_settings_read_file(settings, path, error))
        || !read_environment(settings, error)
        || !check_together(settings, error)) {
        dp_settings_destroy(settings);
        return NULL;
    }

    return settings;
}

void
dp_settings_destroy(dp_settings_t *settings)
{
    for (size_t i = 0; i < DP_SETTING_COUNT; i++) {
        free(settings->texts[i]);
    }

    free(settings);
}

static void
name_append(char *names, size_t capacity, const char *name)
{
    size_t len = strlen(names);

    snprintf(names + len, capacity - len, "%s%s", len == 0 ? "" : " ", name);
}

bool
dp_settings_reload(dp_settings_t *settings, const char *path, char *restart,
                   size_t capacity, dp_settings_error_t *error)
{
    dp_settings_t *fresh = dp_settings_load(path, error);

    if (fresh == NULL) {
        return false;
    }

    restart[0] = '\0';

    for (size_t i = 0; i < DP_SETTING_COUNT; i++) {
        const dp_setting_row_t *row = &dp_setting_rows[i];

        if (strcmp(settings->texts[i], fresh->texts[i]) == 0) {
            continue;
        }

        if (!row->reloadable) {
            name_append(restart, capacity, row->name);
            continue;
        }

        /* the text was valid a moment ago: only memory can be missing */
        if (!dp_setting_assign(settings, row, fresh->texts[i])) {
            abort();
        }
    }

    dp_settings_destroy(fresh);
    return true;
}
