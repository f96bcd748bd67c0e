/*
 * Lifting a block, and waiting until every edge has heard of it.
 */

#include "commands_private.h"

#include "abuse/abuse.h"
#include "dp_json_out.h"
#include "log.h"
#include "runtime/deadline.h"

#include <sysexits.h>

#define EXIT_NOT_AS_ASKED 1

static const char *
lift_fault(const dp_command_t *command)
{
    if (!dp_abuse_subject_valid(command->name)) {
        return "the subject must be an IPv4 or IPv6 address, or the id of a "
               "credential";
    }

    if (command->reason.len == 0
        || !dp_kill_switch_reason_valid(command->reason)) {
        return "the reason must be one line of 1 to 200 bytes of UTF-8";
    }

    return NULL;
}

static void
conclude(const dp_errand_t *errand, dp_outcome_t *outcome, uint16_t code,
         const char *why)
{
    dp_errand_say(errand, why);
    dp_errand_say(errand, "\n");
    outcome->exit = code;
}

void
dp_command_lift(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    const dp_command_t   *command = errand->command;
    const char           *fault = lift_fault(command);
    const dp_abuse_lift_t lift = {
        .subject = command->name,
        .reason = command->reason,
        .actor = errand->actor,
    };

    if (fault != NULL) {
        conclude(errand, outcome, EX_USAGE, fault);
        return;
    }

    if (command->dry_run) {
        conclude(errand, outcome, EX_OK, "it would be lifted");
        return;
    }

    if (dp_abuse_lift(errand->db, &lift,
                      dp_monotonic_us() + DP_ERRAND_DATABASE_US,
                      &outcome->generation) != DP_OK) {
        conclude(errand, outcome, EX_UNAVAILABLE,
                 "the database does not take it: see the worker's log, and "
                 "devpilot_abuse_exempt for nginx");
        return;
    }

    dp_log(DP_LOG_WARN, NULL, DP_OK, "a block was lifted by %s", errand->actor);
    outcome->again = DP_COMMAND_LIFT_AWAIT;
}

static void
lift_news(const dp_errand_t *errand, bool heard)
{
    const dp_command_t *command = errand->command;

    if (command->json) {
        dp_errand_say(errand, "{\"subject\":");
        dp_json_string(errand->text, command->name);
        dp_errand_say(errand, heard ? ",\"lifted\":true"
                                    : ",\"lifted\":false");
        dp_errand_say(errand, ",\"generation\":");
        dp_json_uint(errand->text, command->generation);
        dp_errand_say(errand, "}\n");
        return;
    }

    dp_write_bytes(errand->text, command->name);
    dp_errand_say(errand, heard ? " is NORMAL at every nginx process\n"
                                : ": not every nginx process has heard of it "
                                  "yet\n");
}

void
dp_command_lift_await(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    const dp_command_t *command = errand->command;
    bool                heard;

    dp_errand_survey(errand);
    heard = dp_survey_reached(errand->survey, command->generation);

    if (!heard && !command->last) {
        outcome->again = DP_COMMAND_LIFT_AWAIT;
        outcome->generation = command->generation;
        return;
    }

    lift_news(errand, heard);
    outcome->exit = heard ? EX_OK : EXIT_NOT_AS_ASKED;
}
