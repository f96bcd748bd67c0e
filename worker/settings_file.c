/*
 * The syntax of the settings file.
 *
 * Lines `name = value`; blank lines and lines that begin with '#' say nothing.
 * A value goes to the end of its line, so it may contain '#' and '='.  An
 * unknown name and a name given twice are errors: a typing mistake in a
 * configuration should not wait for its night.
 */

#include "settings_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* Without blanks at both ends; changes the text. */
static char *
trim(char *text)
{
    size_t len;

    text += strspn(text, BLANKS);
    len = strlen(text);

    while (len > 0 && strchr(BLANKS, text[len - 1]) != NULL) {
        len--;
    }

    text[len] = '\0';
    return text;
}

static bool
refuse_line(const char *origin, const char *what, const char *name,
            dp_settings_error_t *error)
{
    snprintf(error->text, sizeof(error->text), "%s: %s \"%.64s\"", origin, what,
             name);
    return false;
}

static bool
refuse_file(const char *path, const char *what, dp_settings_error_t *error)
{
    snprintf(error->text, sizeof(error->text), "%.255s %s: %s", path, what,
             strerror(errno));
    return false;
}

static bool
read_line(dp_settings_t *settings, bool *seen, char *line, const char *origin,
          dp_settings_error_t *error)
{
    const dp_setting_row_t *row;
    char                   *value;

    line = trim(line);

    if (line[0] == '\0' || line[0] == '#') {
        return true;
    }

    value = strchr(line, '=');

    if (value == NULL) {
        return refuse_line(origin, "expected name = value, found", line, error);
    }

    *value++ = '\0';
    line = trim(line);
    value = trim(value);
    row = dp_setting_find(line);

    if (row == NULL) {
        return refuse_line(origin, "there is no setting", line, error);
    }

    if (seen[row - dp_setting_rows]) {
        return refuse_line(origin, "a second value for", line, error);
    }

    seen[row - dp_setting_rows] = true;

    return dp_setting_assign(settings, row, value)
           || dp_setting_refuse(row, value, origin, error);
}

static bool
read_lines(dp_settings_t *settings, const char *path, FILE *file,
           dp_settings_error_t *error)
{
    bool     seen[DP_SETTING_COUNT] = {false};
    bool     good = true;
    char    *line = NULL;
    size_t   size = 0;
    unsigned number = 0;

    while (good && getline(&line, &size, file) >= 0) {
        char origin[300];

        snprintf(origin, sizeof(origin), "%.255s:%u", path, ++number);
        good = read_line(settings, seen, line, origin, error);
    }

    free(line);

    if (good && ferror(file)) {
        return refuse_file(path, "cannot be read", error);
    }

    return good;
}

bool
dp_settings_read_file(dp_settings_t *settings, const char *path,
                      dp_settings_error_t *error)
{
    FILE *file = fopen(path, "re");
    bool  good;

    if (file == NULL) {
        return refuse_file(path, "cannot be opened", error);
    }

    good = read_lines(settings, path, file, error);
    fclose(file);

    return good;
}
