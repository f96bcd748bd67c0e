/*
 * One counter for each kill switch.
 */

#include "writes.h"

#include "dp_kill_switch.h"

#include <stdatomic.h>

static atomic_uint_fast64_t counts[DP_KILL_SWITCH_COUNT];

void
dp_writes_count(const dp_message_t *message, int change)
{
    uint32_t switches = 0;

    if (message->header.kind == DP_WIRE_REQUEST && message->route->mutates) {
        switches = message->route->kill_classes;
    }

    for (; switches != 0; switches &= switches - 1) {
        atomic_fetch_add(&counts[__builtin_ctz(switches)],
                         (uint_fast64_t) change);
    }
}

uint64_t
dp_writes_under_way(unsigned bit)
{
    return atomic_load(&counts[bit]);
}
