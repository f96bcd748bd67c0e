/*
 * Subjects of devpilot_status as a table or, with --json, as they came.
 */

#include "abuse.h"

#include "document.h"
#include "status.h"

#include <sysexits.h>

#define EXIT_NOT_AS_ASKED 1
#define TEXT_SIZE 256
#define ROW "%-11s %-40s %-9s %6s  %-28s "

static void
raw_print(const dp_json_t *json, uint32_t token)
{
    dp_slice_t raw = dp_json_raw(json, token);

    fwrite(raw.data, 1, raw.len, stdout);
    putchar('\n');
}

/* A member of a subject in its column; control characters do not get out. */
static const char *
cell(const dp_json_t *json, uint32_t subject, const char *name, char *text)
{
    dp_document_text(json, subject, name, text, TEXT_SIZE);

    for (char *c = text; *c != '\0'; c++) {
        *c = *c < 0x20 || *c > 0x7e ? '?' : *c;
    }

    return text[0] == '\0' ? "-" : text;
}

/* Those that have counted: "auth 40, probe 1". */
static void
signals_print(const dp_json_t *json, uint32_t subject)
{
    uint32_t    signals = dp_document_at(json, subject, "signals");
    const char *separator = "";

    for (uint32_t name = signals == 0 ? 0 : dp_document_first(json, signals);
         name != 0; name = dp_document_next(json, signals, name)) {
        int64_t count;

        if (json->tokens[name + 1].type == DP_JSON_NUMBER
            && dp_json_integer(json, name + 1, &count) && count != 0) {
            fputs(separator, stdout);
            dp_document_print(stdout, dp_json_raw(json, name));
            printf(" %lld", (long long) count);
            separator = ", ";
        }
    }

    putchar('\n');
}

static const char *
tier_color(const char *tier)
{
    static const char *const colors[][2] = {
        {"BLOCK", "\033[31m"}, {"THROTTLE", "\033[33m"}, {"WARN", "\033[33m"},
    };

    for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++) {
        if (strcmp(tier, colors[i][0]) == 0) {
            return colors[i][1];
        }
    }

    return "";
}

static void
head_print(void)
{
    printf(ROW "%s\n", "KIND", "SUBJECT", "TIER", "SCORE", "UNTIL", "SIGNALS");
}

static void
subject_print(const dp_json_t *json, uint32_t subject, bool color)
{
    char        kind[TEXT_SIZE];
    char        name[TEXT_SIZE];
    char        tier[TEXT_SIZE];
    char        until[TEXT_SIZE];
    char        score[24];
    const char *shown = cell(json, subject, "tier", tier);

    snprintf(score, sizeof(score), "%lld",
             (long long) dp_document_number(json, subject, "score", 0));
    fputs(color ? tier_color(shown) : "", stdout);
    printf(ROW, cell(json, subject, "kind", kind),
           cell(json, subject, "subject", name), shown, score,
           cell(json, subject, "until", until));
    fputs(color ? "\033[0m" : "", stdout);
    signals_print(json, subject);
}

static int
list_print(const dp_ctl_options_t *options, const dp_json_t *json)
{
    uint32_t subjects = dp_document_at(json, 0, "abuse.subjects");
    uint32_t first = subjects == 0 ? 0 : dp_document_first(json, subjects);
    char     mode[TEXT_SIZE];

    if (options->json) {
        raw_print(json, dp_document_at(json, 0, "abuse"));
        return EX_OK;
    }

    printf("mode %s\n", dp_document_text(json, 0, "abuse.mode", mode, TEXT_SIZE));

    if (first == 0) {
        printf("nobody is slowed down or blocked\n");
        return EX_OK;
    }

    putchar('\n');
    head_print();

    for (uint32_t i = first; i != 0; i = dp_document_next(json, subjects, i)) {
        subject_print(json, i, options->color);
    }

    if (dp_document_is(json, 0, "abuse.more", DP_JSON_TRUE)) {
        printf("There are more; these are the worst.\n");
    }

    return EX_OK;
}

static int
show_print(const dp_ctl_options_t *options, const dp_json_t *json)
{
    uint32_t subjects = dp_document_at(json, 0, "abuse.subjects");

    for (uint32_t i = subjects == 0 ? 0 : dp_document_first(json, subjects);
         i != 0; i = dp_document_next(json, subjects, i)) {
        uint32_t name = dp_document_at(json, i, "subject");

        if (name == 0 || json->tokens[name].type != DP_JSON_STRING
            || !dp_json_text_equal(json, name, options->subject)) {
            continue;
        }

        if (options->json) {
            raw_print(json, i);
        } else {
            head_print();
            subject_print(json, i, options->color);
        }

        return EX_OK;
    }

    dp_document_print(stderr, options->subject);
    fputs(dp_document_is(json, 0, "abuse.more", DP_JSON_TRUE)
              ? " is not among the worst, which are all that nginx shows\n"
              : " is NORMAL\n",
          stderr);

    return EXIT_NOT_AS_ASKED;
}

typedef int print_fn(const dp_ctl_options_t *options, const dp_json_t *json);

static int
run(const dp_ctl_options_t *options, print_fn *print)
{
    dp_status_t status;
    int         code = EX_UNAVAILABLE;

    if (!dp_status_load(&status, options->status)) {
        fprintf(stderr,
                DP_CTL ": no status from %s: %s\nIs nginx running, with "
                "devpilot_status there?  See --status.\n",
                options->status, status.fault);

    } else if (!dp_document_is(&status.json, 0, "abuse", DP_JSON_OBJECT)) {
        fprintf(stderr, DP_CTL ": nginx at %s says nothing of abuse\n",
                options->status);

    } else {
        code = print(options, &status.json);
    }

    dp_status_free(&status);

    return code;
}

int
dp_abuse_list(const dp_ctl_options_t *options)
{
    return run(options, list_print);
}

int
dp_abuse_show(const dp_ctl_options_t *options)
{
    return run(options, show_print);
}
