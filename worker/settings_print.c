/*
 * Settings for people: --help, the example file and docs/settings.md, all from
 * the rows of settings.def.
 */

#include "settings_table.h"

static const char *
reload_text(const dp_setting_row_t *row)
{
    return row->reloadable ? "HUP" : "restart";
}

void
dp_settings_print_help(FILE *out)
{
    for (size_t i = 0; i < DP_SETTING_COUNT; i++) {
        const dp_setting_row_t *row = &dp_setting_rows[i];
        char                    allowed[200];

        dp_setting_allowed(row, allowed, sizeof(allowed));
        fprintf(out, "  %s (%s)\n      %s\n      Allowed: %s; default: %s.\n",
                row->name, row->environment, row->help, allowed,
                row->fallback[0] == '\0' ? "empty" : row->fallback);
    }
}

void
dp_settings_print_example(FILE *out)
{
    fprintf(out,
            "# Settings of devpilot-worker, each with its default.\n"
            "# Made by devpilot-worker --print-example; see docs/settings.md.\n");

    for (size_t i = 0; i < DP_SETTING_COUNT; i++) {
        const dp_setting_row_t *row = &dp_setting_rows[i];

        fprintf(out, "\n# %s\n#%s =%s%s\n", row->help, row->name,
                row->fallback[0] == '\0' ? "" : " ", row->fallback);
    }
}

static void
print_row_reference(FILE *out, const dp_setting_row_t *row)
{
    char allowed[200];

    dp_setting_allowed(row, allowed, sizeof(allowed));

    fprintf(out, "\n## %s\n\n%s\n\n", row->name, row->help);
    fprintf(out, "| | |\n|---|---|\n");
    fprintf(out, "| Syntax | `%s = value` |\n", row->name);
    fprintf(out, "| Allowed | %s |\n", allowed);
    fprintf(out, "| Default | %s%s%s |\n", row->fallback[0] == '\0' ? "" : "`",
            row->fallback[0] == '\0' ? "empty" : row->fallback,
            row->fallback[0] == '\0' ? "" : "`");
    fprintf(out, "| Environment | `%s` |\n", row->environment);
    fprintf(out, "| Takes effect | %s |\n", reload_text(row));
}

void
dp_settings_print_reference(FILE *out)
{
    fprintf(out,
            "# Settings of devpilot-worker\n\n"
            "Made by `devpilot-worker --print-reference` from "
            "`worker/settings.def`.\n\n"
            "A setting's default is overruled by the file that `-c` names, and "
            "both by the environment.\nThe file has lines `name = value`; a "
            "line that begins with `#` is a comment. A value goes to\nthe end "
            "of its line. `devpilot-worker --check-config` reads everything "
            "and exits with 0, or with 78\nand a sentence that names the "
            "setting, its value, what is allowed and where the value stands.\n\n"
            "Signals: HUP reads the settings again, USR1 opens the log file "
            "again, TERM and INT finish what was\naccepted and stop; a second "
            "one stops at once.\n");

    for (size_t i = 0; i < DP_SETTING_COUNT; i++) {
        print_row_reference(out, &dp_setting_rows[i]);
    }
}
