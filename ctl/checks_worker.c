/*
 * What the worker of this machine says of itself and of the database.
 */

#include "checks.h"

#include <errno.h>

#define TEXT_SIZE 128

void
dp_check_console(const dp_patient_t *patient, dp_finding_t *finding)
{
    const char *socket = patient->options->socket;
    int         reason = patient->health_errno;

    if (patient->health != NULL) {
        dp_finding_set(finding, DP_CHECK_OK, NULL, "the worker at %s answers",
                       socket);

    } else if (reason == EACCES || reason == EPERM) {
        dp_finding_set(finding, DP_CHECK_WARNING,
                       "Run this as root or as the worker's user.",
                       "%s is not for this user", socket);

    } else if (!dp_patient_has_workers(patient)) {
        dp_finding_set(finding, DP_CHECK_OK, NULL,
                       "no worker is configured, and none answers at %s",
                       socket);

    } else if (reason == EAGAIN || reason == EPROTO) {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "Look into its log; if it hangs, restart "
                       "devpilot-worker.",
                       "the worker at %s does not answer as it should: %s",
                       socket, strerror(reason));

    } else {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "Start devpilot-worker and look into its log; of another "
                       "socket say --socket PATH.",
                       "no worker answers at %s: %s", socket, strerror(reason));
    }
}

static bool
health_is(const dp_patient_t *patient, const char *name, const char *value)
{
    char text[TEXT_SIZE];

    return strcmp(dp_document_text(patient->health, 0, name, text,
                                   sizeof(text)),
                  value) == 0;
}

void
dp_check_database(const dp_patient_t *patient, dp_finding_t *finding)
{
    if (health_is(patient, "database", "ok")) {
        dp_finding_set(finding, DP_CHECK_OK, NULL,
                       "the database answers within %lld us",
                       (long long) dp_document_number(patient->health, 0,
                                                      "latencyUs", 0));
    } else {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "Start PostgreSQL, or correct the worker's setting "
                       "database; its log has what PostgreSQL said.",
                       "the database does not answer the worker");
    }
}

void
dp_check_schema(const dp_patient_t *patient, dp_finding_t *finding)
{
    char expects[TEXT_SIZE];

    dp_document_text(patient->health, 0, "expects", expects, sizeof(expects));

    if (health_is(patient, "schema", "ok")) {
        dp_finding_set(finding, DP_CHECK_OK, NULL, "the schema has %s, which "
                       "the worker was built for", expects);

    } else if (health_is(patient, "schema", "drift")) {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "Deploy the migrations of this release with sqitch, or "
                       "install the worker that goes with the schema.",
                       "the schema has no change %s, which the worker was built "
                       "for", expects);

    } else {
        dp_finding_set(finding, DP_CHECK_UNKNOWN, NULL,
                       "the database does not say");
    }
}
