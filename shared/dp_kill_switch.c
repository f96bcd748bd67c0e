/*
 * Names and bits of the kill switches, from the one list in dp_kill_switch.h.
 */

#include "dp_kill_switch.h"

#define DP_KILL_SWITCH_ROW(name, bit) {1u << (bit), #name},

static const struct {
    uint32_t    bit;
    const char *name;
} switches_table[DP_KILL_SWITCH_COUNT] = {DP_KILL_SWITCHES(DP_KILL_SWITCH_ROW)};

uint32_t
dp_kill_switch_bit(dp_slice_t name)
{
    for (size_t i = 0; i < DP_KILL_SWITCH_COUNT; i++) {
        if (dp_slice_equal(name, dp_slice_text(switches_table[i].name))) {
            return switches_table[i].bit;
        }
    }

    return 0;
}

const char *
dp_kill_switch_name(uint32_t switches)
{
    for (size_t i = 0; i < DP_KILL_SWITCH_COUNT; i++) {
        if (switches & switches_table[i].bit) {
            return switches_table[i].name;
        }
    }

    return NULL;
}

const char *
dp_kill_source_name(dp_kill_source_t source)
{
    static const char *const names[DP_KILL_SOURCES] = {
        [DP_KILL_DIRECTIVE] = "directive",
        [DP_KILL_ENVIRONMENT] = "environment",
        [DP_KILL_FILE] = "file",
        [DP_KILL_DATABASE] = "database",
    };

    return names[source];
}
