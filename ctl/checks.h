/*
 * The doctor's checks: doctor.c and checks_*.c only.
 *
 * A check looks at what was collected and at files of this machine, and changes
 * nothing.
 */

#ifndef DP_CTL_CHECKS_H
#define DP_CTL_CHECKS_H

#include "document.h"
#include "options.h"

#include <time.h>

typedef enum {
    DP_CHECK_OK,
    DP_CHECK_NOTE,    /* somebody wanted it so */
    DP_CHECK_UNKNOWN, /* what would tell does not answer */
    DP_CHECK_WARNING,
    DP_CHECK_PROBLEM,
} dp_check_level_t;

typedef struct {
    dp_check_level_t level;
    char             says[512]; /* one sentence */
    const char      *mend;      /* another one; NULL: there is nothing to do */
} dp_finding_t;

/* What was collected before the checks. */
typedef struct {
    const dp_ctl_options_t *options;
    const dp_json_t        *status; /* nginx's; NULL: none */
    const char             *status_fault;
    const dp_json_t        *health; /* the worker's; NULL: none */
    int                     health_errno;
    time_t                  now;
} dp_patient_t;

typedef void dp_check_fn(const dp_patient_t *patient, dp_finding_t *finding);

/* Says it; `mend` is static or NULL. */
void dp_finding_set(dp_finding_t *finding, dp_check_level_t level,
                    const char *mend, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Whether the status names a worker: without one nothing needs it. */
bool dp_patient_has_workers(const dp_patient_t *patient);

/* checks_edge.c: of nginx as it was started and loaded. */

dp_check_fn dp_check_nginx;
dp_check_fn dp_check_module;
dp_check_fn dp_check_processes;

/* checks_configuration.c */

dp_check_fn dp_check_configuration;

/* checks_state.c: of what nginx keeps in its memory. */

dp_check_fn dp_check_feed;
dp_check_fn dp_check_workers;
dp_check_fn dp_check_zones;
dp_check_fn dp_check_spool;
dp_check_fn dp_check_switches;

/* checks_worker.c: of the worker of this machine, by its console. */

dp_check_fn dp_check_console;
dp_check_fn dp_check_database;
dp_check_fn dp_check_schema;

#endif /* DP_CTL_CHECKS_H */
