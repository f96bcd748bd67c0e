/*
 * The worker's settings: one table, worker/settings.def, read in the order
 * default, file, environment; the later wins.
 *
 * The file has lines `name = value`; a line that begins with '#' is a comment.
 * Everything a person reads about a setting (--help, the example file,
 * docs/settings.md, the message for a bad value) is made from its row.
 * Members carry their unit: durations are microseconds, sizes bytes.
 *
 * Loaded once by main.  Afterwards only the router thread changes it, by
 * dp_settings_reload(), and only rows marked reloadable; other threads read
 * only rows that are not.
 */

#ifndef DP_SETTINGS_H
#define DP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How a value is written, and the member it becomes. */
typedef enum {
    DP_SETTING_TEXT,     /* anything of .low to .high bytes */
    DP_SETTING_PATH,     /* absolute, or one of the words in .choices */
    DP_SETTING_ENDPOINT, /* ipc:///path or tcp://loopback:port */
    DP_SETTING_NUMBER,
    DP_SETTING_DURATION, /* 500ms, 10s, 5m, 1h */
    DP_SETTING_BYTES,    /* 4096, 64k, 8m */
    DP_SETTING_CHOICE,   /* the index of a word in .choices */
    DP_SETTING_SWITCHES, /* kill switches, separated by commas */
} dp_setting_type_t;

typedef const char *dp_setting_text_t;
typedef const char *dp_setting_path_t;
typedef const char *dp_setting_endpoint_t;
typedef uint64_t    dp_setting_number_t;
typedef uint64_t    dp_setting_duration_t;
typedef uint64_t    dp_setting_bytes_t;
typedef uint64_t    dp_setting_choice_t;
typedef uint64_t    dp_setting_switches_t; /* DP_KILL_* */

/* Indexes of app_env's choices. */
typedef enum {
    DP_ENV_LOCAL,
    DP_ENV_DEVELOPMENT,
    DP_ENV_STAGING,
    DP_ENV_PRODUCTION,
} dp_env_t;

enum {
#define DP_SETTING(member, TYPE, type, ...) DP_SETTING_ROW_##member,
#include "settings.def"
#undef DP_SETTING
    DP_SETTING_COUNT
};

typedef struct {
#define DP_SETTING(member, TYPE, type, ...) dp_setting_##type##_t member;
#include "settings.def"
#undef DP_SETTING

    char *texts[DP_SETTING_COUNT]; /* private: the values as written */
} dp_settings_t;

/* Why settings could not be loaded, in one sentence for the operator. */
typedef struct {
    char text[512];
} dp_settings_error_t;

/*
 * Reads defaults, the file (`path` may be NULL: none) and the environment.
 * NULL, with `error` filled, for a file that cannot be read, an unknown name or
 * a bad value; the caller frees the result with dp_settings_destroy().
 */
dp_settings_t *dp_settings_load(const char *path, dp_settings_error_t *error)
    __attribute__((warn_unused_result));

void dp_settings_destroy(dp_settings_t *settings);

/*
 * Reads again what dp_settings_load() read and takes over the reloadable rows.
 * `restart` receives the names of rows that differ and need a restart,
 * separated by spaces.  False, with `error` filled and nothing changed, when
 * the new settings are not valid.
 */
bool dp_settings_reload(dp_settings_t *settings, const char *path,
                        char *restart, size_t capacity,
                        dp_settings_error_t *error)
    __attribute__((warn_unused_result));

/* What --help says about settings; an example file; docs/settings.md. */
void dp_settings_print_help(FILE *out);
void dp_settings_print_example(FILE *out);
void dp_settings_print_reference(FILE *out);

#endif /* DP_SETTINGS_H */
