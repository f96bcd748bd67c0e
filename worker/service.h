/*
 * The worker as a whole: starts its parts in order, turns the router until it
 * is told to stop, and stops them in the opposite order.
 */

#ifndef DP_SERVICE_H
#define DP_SERVICE_H

#include "settings.h"

/* Sets what is logged and how; again when the settings were read again. */
void dp_service_observe(const dp_settings_t *settings);

/*
 * Serves until TERM or INT and returns the process's exit code, of
 * sysexits.h.  `path` is the file that HUP reads again, or NULL.  The keys have
 * been loaded; no thread has been started.
 */
int dp_service_run(dp_settings_t *settings, const char *path);

#endif /* DP_SERVICE_H */
