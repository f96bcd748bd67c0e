/*
 * What nginx keeps: control state, channels to workers, zones, the spool.
 */

#include "checks.h"

#define NAME_SIZE 256
#define LIST_SIZE 400

/* Names one behind the other, as far as they fit. */
typedef struct {
    char   text[LIST_SIZE];
    size_t count;
} names_t;

static void
name_add(names_t *names, const dp_json_t *json, uint32_t object,
         const char *member)
{
    char   name[NAME_SIZE];
    size_t len = strlen(names->text);

    dp_document_text(json, object, member, name, sizeof(name));
    snprintf(names->text + len, sizeof(names->text) - len, "%s%s",
             names->count == 0 ? "" : ", ", name);
    names->count++;
}

void
dp_check_feed(const dp_patient_t *patient, dp_finding_t *finding)
{
    const dp_json_t *status = patient->status;
    long long        age = dp_document_number(status, 0, "control.feedAgeMs", -1);

    if (!dp_patient_has_workers(patient)) {
        dp_finding_set(finding, DP_CHECK_OK, NULL,
                       "no worker is configured, and no feed expected");

    } else if (dp_document_is(status, 0, "control.fresh", DP_JSON_TRUE)) {
        dp_finding_set(finding, DP_CHECK_OK, NULL,
                       "the newest word of a worker is %lld ms old", age);

    } else if (!dp_document_is(status, 0, "control.fresh", DP_JSON_FALSE)) {
        dp_finding_set(finding, DP_CHECK_UNKNOWN, NULL,
                       "nginx does not say how old its control state is");

    } else if (age < 0) {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "See workers, console and database: one of them is the "
                       "cause.",
                       "no worker has told nginx of switches and revocations");
    } else {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "See workers, console and database: one of them is the "
                       "cause.",
                       "what nginx knows of switches and revocations is stale, "
                       "%lld ms old", age);
    }
}

void
dp_check_workers(const dp_patient_t *patient, dp_finding_t *finding)
{
    const char      *mend = "Start devpilot-worker at that endpoint; endpoint "
                            "and devpilot_worker must name the same.";
    const dp_json_t *status = patient->status;
    uint32_t         list = dp_document_at(status, 0, "workers");
    names_t          down = {.count = 0};
    unsigned         ready = 0;

    for (uint32_t i = list == 0 ? 0 : dp_document_first(status, list); i != 0;
         i = dp_document_next(status, list, i)) {
        char state[NAME_SIZE];

        dp_document_text(status, i, "state", state, sizeof(state));

        if (strcmp(state, "ready") == 0) {
            ready++;
        } else {
            name_add(&down, status, i, "endpoint");
        }
    }

    if (down.count == 0) {
        dp_finding_set(finding, DP_CHECK_OK, NULL, "%u ready", ready);
    } else if (ready == 0) {
        dp_finding_set(finding, DP_CHECK_PROBLEM, mend,
                       "nginx has no worker: not ready is %s", down.text);
    } else {
        dp_finding_set(finding, DP_CHECK_WARNING, mend,
                       "%u ready, but not %s", ready, down.text);
    }
}

/* A zone without a count of overflows is a cache, which is to be full. */
void
dp_check_zones(const dp_patient_t *patient, dp_finding_t *finding)
{
    const char      *mend = "Give it more memory where the configuration "
                            "declares it, and reload.";
    const dp_json_t *status = patient->status;
    uint32_t         list = dp_document_at(status, 0, "zones");
    names_t          overflown = {.count = 0};
    names_t          loaded = {.count = 0};
    unsigned         total = 0;

    for (uint32_t i = list == 0 ? 0 : dp_document_first(status, list); i != 0;
         i = dp_document_next(status, list, i)) {
        int64_t slots = dp_document_number(status, i, "slots", 0);
        int64_t used = dp_document_number(status, i, "used", 0);
        int64_t overflows = dp_document_number(status, i, "overflows", -1);

        total++;

        if (overflows > 0) {
            name_add(&overflown, status, i, "name");
        } else if (overflows == 0 && slots > 0 && used > slots / 2) {
            name_add(&loaded, status, i, "name");
        }
    }

    if (overflown.count != 0) {
        dp_finding_set(finding, DP_CHECK_PROBLEM, mend,
                       "there was no room in %s since it was made",
                       overflown.text);
    } else if (loaded.count != 0) {
        dp_finding_set(finding, DP_CHECK_WARNING, mend,
                       "more than half is taken of %s", loaded.text);
    } else {
        dp_finding_set(finding, DP_CHECK_OK, NULL,
                       "%u zones, none more than half full", total);
    }
}

void
dp_check_spool(const dp_patient_t *patient, dp_finding_t *finding)
{
    const dp_json_t *status = patient->status;
    long long        events = dp_document_number(status, 0, "spool.events", 0);
    long long        dropped = dp_document_number(status, 0, "spool.dropped", 0);

    if (dp_document_is(status, 0, "spool.full", DP_JSON_TRUE)) {
        dp_finding_set(finding, DP_CHECK_PROBLEM,
                       "Bring back the worker and the database, which take "
                       "them; then a larger devpilot_spool.",
                       "the spool is full: %lld events wait, %lld were lost",
                       events, dropped);

    } else if (dropped > 0) {
        dp_finding_set(finding, DP_CHECK_WARNING,
                       "Give devpilot_spool a file, or a larger one; what is "
                       "lost stays lost.",
                       "%lld events were lost", dropped);
    } else {
        dp_finding_set(finding, DP_CHECK_OK, NULL,
                       "%lld events wait, none was lost", events);
    }
}

void
dp_check_switches(const dp_patient_t *patient, dp_finding_t *finding)
{
    const dp_json_t *status = patient->status;
    uint32_t         list = dp_document_at(status, 0, "killSwitches");
    names_t          on = {.count = 0};

    for (uint32_t i = list == 0 ? 0 : dp_document_first(status, list); i != 0;
         i = dp_document_next(status, list, i)) {
        if (dp_document_is(status, i, "on", DP_JSON_TRUE)) {
            name_add(&on, status, i, "name");
        }
    }

    if (on.count != 0) {
        dp_finding_set(finding, DP_CHECK_NOTE,
                       "devpilotctl kill-switch list shows who turned it on, "
                       "and why.",
                       "on: %s", on.text);
    } else {
        dp_finding_set(finding, DP_CHECK_OK, NULL, "all off");
    }
}
