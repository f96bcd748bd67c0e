/*
 * The rows of settings.def as data: for the files settings*.c only.
 */

#ifndef DP_SETTINGS_TABLE_H
#define DP_SETTINGS_TABLE_H

#include "settings.h"

typedef struct {
    uint8_t     type;   /* dp_setting_type_t */
    bool        secret; /* the value is never shown */
    bool        reloadable;
    uint16_t    offset; /* of the member */
    const char *name;
    const char *environment;
    const char *fallback;
    uint64_t    low;
    uint64_t    high;
    const char *choices; /* words, separated by spaces */
    const char *help;
} dp_setting_row_t;

extern const dp_setting_row_t dp_setting_rows[DP_SETTING_COUNT];

/* The row of that name; NULL when there is none. */
const dp_setting_row_t *dp_setting_find(const char *name);

/*
 * Gives the row's member the value written as `text`.  False, with nothing
 * changed, when the row does not allow it.
 */
bool dp_setting_assign(dp_settings_t *settings, const dp_setting_row_t *row,
                       const char *text) __attribute__((warn_unused_result));

/* Says what the row allows, in words, terminated. */
void dp_setting_allowed(const dp_setting_row_t *row, char *text,
                        size_t capacity);

/*
 * Reads `path` into `settings`.  False with `error` filled, which names the
 * line.
 */
bool dp_settings_read_file(dp_settings_t *settings, const char *path,
                           dp_settings_error_t *error)
    __attribute__((warn_unused_result));

/* Fills `error` for a value that the row does not allow; always false. */
bool dp_setting_refuse(const dp_setting_row_t *row, const char *value,
                       const char *origin, dp_settings_error_t *error);

#endif /* DP_SETTINGS_TABLE_H */
