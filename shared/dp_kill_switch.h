/*
 * The kill switches, as bits of one word.
 *
 * One list for both programs: the edge keeps the word in shared memory, the
 * worker reads the database's rows into it.  Names are those of
 * dp.kill_switch.name and of the directive devpilot_kill_switch.
 */

#ifndef DP_KILL_SWITCH_H
#define DP_KILL_SWITCH_H

#include "dp_bytes.h"

/* name, bit */
#define DP_KILL_SWITCHES(row) \
    row(GLOBAL_WRITE, 0)      \
    row(BILLING, 1)           \
    row(WEBHOOKS, 2)          \
    row(BACKGROUND_JOBS, 3)   \
    row(EXTERNAL_INTEGRATIONS, 4) \
    row(AI, 5)                \
    row(SIGNUP, 6)

#define DP_KILL_SWITCH_BIT(name, bit) DP_KILL_##name = 1u << (bit),

typedef enum {
    DP_KILL_SWITCHES(DP_KILL_SWITCH_BIT)
} dp_kill_switch_t;

#define DP_KILL_SWITCH_COUNT 7

/* The switch's bit, or 0 when there is no switch of that name. */
uint32_t dp_kill_switch_bit(dp_slice_t name);

/* The name of the lowest switch in `switches`; NULL when it is 0. */
const char *dp_kill_switch_name(uint32_t switches);

#endif /* DP_KILL_SWITCH_H */
