/*
 * The kill switches that this worker's own setting (kill_switch, the variable
 * OPS_KILL_SWITCH) has on, for as long as the process lives.
 */

#ifndef DP_OWN_SWITCHES_H
#define DP_OWN_SWITCHES_H

#include <stdint.h>

/* To be called before any thread is started. */
void dp_own_switches_set(uint32_t switches);

/* DP_KILL_*; any thread may ask. */
uint32_t dp_own_switches(void);

#endif /* DP_OWN_SWITCHES_H */
