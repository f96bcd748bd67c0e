/*
 * The console: a thread that answers devpilotctl on a local socket, and records
 * what the sources of kill switches outside of the database do.
 *
 * It has a database connection of its own and waits for nobody else, so an
 * operator is heard when every other thread is busy.
 */

#ifndef DP_CONSOLE_H
#define DP_CONSOLE_H

#include "control/peers.h"
#include "health.h"
#include "settings.h"

typedef struct dp_console_s dp_console_t;

/*
 * Binds the socket that the settings name and starts the thread.  Returns 0, or
 * a code of sysexits.h after logging the reason.  Settings, peers and health stay
 * the caller's and outlive it.
 */
int dp_console_start(const dp_settings_t *settings, dp_peers_t *peers,
                     dp_health_t *health, dp_console_t **created)
    __attribute__((warn_unused_result));

/* Ends the thread and removes the socket; waits for a command under way. */
void dp_console_stop(dp_console_t *console);

#endif /* DP_CONSOLE_H */
