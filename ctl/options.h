/*
 * The command line of devpilotctl.
 */

#ifndef DP_CTL_OPTIONS_H
#define DP_CTL_OPTIONS_H

#include "dp_command.h"

#define DP_CTL "devpilotctl"
#define DP_CTL_SOCKET "/run/devpilot/sock/worker.ipc.control"
#define DP_CTL_STATUS "/run/devpilot-status/socket"

typedef enum {
    DP_CTL_COMMAND, /* of the worker's */
    DP_CTL_ABUSE_LIST,
    DP_CTL_ABUSE_SHOW,
    DP_CTL_DOCTOR,
    DP_CTL_AUDIT_VERIFY,
} dp_ctl_task_t;

/* All of it is from argv, the environment, or static. */
typedef struct {
    dp_ctl_task_t task;
    const char   *socket;
    const char   *status;     /* a unix socket or a URL */
    const char   *module;     /* the file that nginx would load */
    const char   *nginx;      /* the program; NULL: it is not run */
    bool          json;
    bool          color;
    uint64_t      timeout_us; /* how long a drain is waited for */
    const char   *file;       /* an export, or "-" */
    const char   *key;        /* of checkpoints; NULL: none was given */
    const char   *mac_key;    /* a file; NULL: MACs are not verified */
    const char   *checkpoint; /* a file of notes; NULL: none were kept */
    dp_slice_t    subject;
    dp_command_t  command;
} dp_ctl_options_t;

typedef enum {
    DP_CTL_RUN,
    DP_CTL_HELP,
    DP_CTL_VERSION,
    DP_CTL_MISTAKE, /* and it has been said */
} dp_ctl_parse_t;

/* Reads options and arguments, with defaults for what is not there. */
dp_ctl_parse_t dp_ctl_options(int argc, char **argv, dp_ctl_options_t *options);

/* Prints how the program is used. */
void dp_ctl_usage(void);

#endif /* DP_CTL_OPTIONS_H */
