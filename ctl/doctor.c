/*
 * Collects nginx's status and the worker's health, runs the table of checks and
 * prints what they found.
 */

#include "doctor.h"

#include "checks.h"
#include "console_client.h"
#include "dp_json_out.h"
#include "status.h"

#include <errno.h>
#include <stdarg.h>
#include <sysexits.h>

#define EXIT_PROBLEM 1
#define CONSOLE_LIMIT_S 3
#define HEALTH_TOKENS 64
#define OUT_SIZE (64 * 1024)

typedef enum {
    NEEDS_NOTHING,
    NEEDS_STATUS,
    NEEDS_HEALTH,
} needs_t;

typedef struct {
    const char  *name;
    dp_check_fn *look;
    needs_t      needs;
} check_t;

/* What a check needs stands before it, and says itself why it is missing. */
static const check_t checks[] = {
    {"nginx", dp_check_nginx, NEEDS_NOTHING},
    {"module", dp_check_module, NEEDS_STATUS},
    {"configuration", dp_check_configuration, NEEDS_STATUS},
    {"processes", dp_check_processes, NEEDS_STATUS},
    {"feed", dp_check_feed, NEEDS_STATUS},
    {"workers", dp_check_workers, NEEDS_STATUS},
    {"zones", dp_check_zones, NEEDS_STATUS},
    {"spool", dp_check_spool, NEEDS_STATUS},
    {"kill-switches", dp_check_switches, NEEDS_STATUS},
    {"console", dp_check_console, NEEDS_NOTHING},
    {"database", dp_check_database, NEEDS_HEALTH},
    {"schema", dp_check_schema, NEEDS_HEALTH},
};

#define CHECKS (sizeof(checks) / sizeof(checks[0]))

static const struct {
    const char *name;
    const char *color;
} levels[] = {
    [DP_CHECK_OK] = {"ok", "\033[32m"},
    [DP_CHECK_NOTE] = {"note", "\033[36m"},
    [DP_CHECK_UNKNOWN] = {"unknown", "\033[36m"},
    [DP_CHECK_WARNING] = {"warning", "\033[33m"},
    [DP_CHECK_PROBLEM] = {"problem", "\033[31m"},
};

void
dp_finding_set(dp_finding_t *finding, dp_check_level_t level, const char *mend,
               const char *format, ...)
{
    va_list values;

    finding->level = level;
    finding->mend = mend;
    va_start(values, format);
    vsnprintf(finding->says, sizeof(finding->says), format, values);
    va_end(values);
}

bool
dp_patient_has_workers(const dp_patient_t *patient)
{
    uint32_t workers;

    if (patient->status == NULL) {
        return true;
    }

    workers = dp_document_at(patient->status, 0, "workers");

    return workers != 0 && dp_document_first(patient->status, workers) != 0;
}

/* Asks the worker; false with patient->health_errno. */
static bool
health_load(dp_patient_t *patient, dp_json_t *json)
{
    static uint8_t         frame[DP_COMMAND_PACKET_SIZE];
    static dp_json_token_t tokens[HEALTH_TOKENS];
    const dp_command_t     command = {.verb = DP_COMMAND_HEALTH};
    dp_outcome_t           outcome;

    *json = (dp_json_t) {.tokens = tokens, .capacity = HEALTH_TOKENS};

    if (!dp_console_ask(patient->options->socket, CONSOLE_LIMIT_S, &command,
                        frame, &outcome)) {
        patient->health_errno = errno;
        return false;
    }

    patient->health_errno = EPROTO;

    return dp_json_check(json, outcome.text) == DP_JSON_OK;
}

static bool
has_what_it_needs(const dp_patient_t *patient, needs_t needs)
{
    switch (needs) {
    case NEEDS_STATUS:
        return patient->status != NULL;
    case NEEDS_HEALTH:
        return patient->health != NULL;
    default:
        return true;
    }
}

static void
examine(const dp_patient_t *patient, dp_finding_t *findings)
{
    for (size_t i = 0; i < CHECKS; i++) {
        if (has_what_it_needs(patient, checks[i].needs)) {
            checks[i].look(patient, &findings[i]);
        } else {
            dp_finding_set(&findings[i], DP_CHECK_UNKNOWN, NULL, "%s",
                           checks[i].needs == NEEDS_STATUS
                               ? "nginx does not say"
                               : "no worker of this machine says");
        }
    }
}

static void
text_print(const dp_finding_t *findings, bool color)
{
    for (size_t i = 0; i < CHECKS; i++) {
        const dp_finding_t *finding = &findings[i];

        printf("%-14s %s%-8s%s ", checks[i].name,
               color ? levels[finding->level].color : "",
               levels[finding->level].name, color ? "\033[0m" : "");
        dp_document_print(stdout, dp_slice_text(finding->says));
        putchar('\n');

        if (finding->mend != NULL) {
            printf("%-23s > %s\n", "", finding->mend);
        }
    }
}

static void
json_print(const dp_finding_t *findings, bool healthy)
{
    static uint8_t buffer[OUT_SIZE];
    dp_writer_t    out = dp_writer(buffer, sizeof(buffer));

    dp_write_text(&out, healthy ? "{\"healthy\":true,\"checks\":["
                                : "{\"healthy\":false,\"checks\":[");

    for (size_t i = 0; i < CHECKS; i++) {
        dp_write_text(&out, i == 0 ? "{\"name\":" : ",{\"name\":");
        dp_json_string(&out, dp_slice_text(checks[i].name));
        dp_write_text(&out, ",\"level\":");
        dp_json_string(&out, dp_slice_text(levels[findings[i].level].name));
        dp_write_text(&out, ",\"says\":");
        dp_json_string(&out, dp_slice_text(findings[i].says));
        dp_write_text(&out, ",\"mend\":");

        if (findings[i].mend == NULL) {
            dp_write_text(&out, "null}");
        } else {
            dp_json_string(&out, dp_slice_text(findings[i].mend));
            dp_write_text(&out, "}");
        }
    }

    dp_write_text(&out, "]}\n");
    fwrite(buffer, 1, dp_written(&out).len, stdout);
}

static bool
all_well(const dp_finding_t *findings)
{
    for (size_t i = 0; i < CHECKS; i++) {
        if (findings[i].level == DP_CHECK_PROBLEM) {
            return false;
        }
    }

    return true;
}

int
dp_doctor(const dp_ctl_options_t *options)
{
    static dp_finding_t findings[CHECKS];
    dp_status_t         status;
    dp_json_t           health;
    dp_patient_t        patient = {.options = options, .now = time(NULL)};
    bool                healthy;

    if (dp_status_load(&status, options->status)) {
        patient.status = &status.json;
    }

    patient.status_fault = status.fault;
    patient.health = health_load(&patient, &health) ? &health : NULL;
    examine(&patient, findings);
    healthy = all_well(findings);

    if (options->json) {
        json_print(findings, healthy);
    } else {
        text_print(findings, options->color);
    }

    dp_status_free(&status);

    if (patient.status == NULL && patient.health == NULL) {
        return EX_UNAVAILABLE;
    }

    return healthy ? EX_OK : EXIT_PROBLEM;
}
