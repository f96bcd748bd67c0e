/*
 * The health record, for devpilotctl doctor: what the health thread found last.
 * It is there also when the database hangs.
 */

#include "commands_private.h"

#include "config.h"
#include "dp_json_out.h"

#include <sysexits.h>

void
dp_command_health(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    dp_db_probe_t probe = dp_health_read(errand->health);
    const char   *schema = probe.schema_ok ? "ok" : "drift";

    dp_errand_say(errand, "{\"database\":");
    dp_errand_say(errand, probe.reachable ? "\"ok\"" : "\"unreachable\"");
    dp_errand_say(errand, ",\"latencyUs\":");
    dp_json_uint(errand->text, probe.latency_us);
    dp_errand_say(errand, ",\"schema\":");
    dp_json_string(errand->text,
                   dp_slice_text(probe.reachable ? schema : "unknown"));
    dp_errand_say(errand, ",\"expects\":");
    dp_json_string(errand->text, DP_SLICE(DP_SCHEMA_CHANGE));
    dp_errand_say(errand, "}\n");
    outcome->exit = EX_OK;
}
