/*
 * Telling the service manager how we are: systemd's notification protocol,
 * datagrams to the socket that NOTIFY_SOCKET names.  Without it nothing happens.
 */

#ifndef DP_NOTIFY_H
#define DP_NOTIFY_H

#include <stdint.h>

/* Sends one state, such as "READY=1"; failures are ignored. */
void dp_notify(const char *state);

/* How often "WATCHDOG=1" is due, half of what is tolerated; 0: never. */
uint64_t dp_notify_interval_us(void);

#endif /* DP_NOTIFY_H */
