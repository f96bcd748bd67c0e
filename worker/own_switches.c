/*
 * A word that is written once, by main, and then only read: by the gate of
 * writes, by readiness, by the control thread.
 */

#include "own_switches.h"

static uint32_t own;

void
dp_own_switches_set(uint32_t switches)
{
    own = switches;
}

uint32_t
dp_own_switches(void)
{
    return own;
}
