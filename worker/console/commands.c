/*
 * The commands as a table.
 */

#include "commands_private.h"

#include <sysexits.h>

typedef void command_fn(const dp_errand_t *errand, dp_outcome_t *outcome);

void
dp_errand_say(const dp_errand_t *errand, const char *text)
{
    dp_write_text(errand->text, text);
}

void
dp_errand_survey(const dp_errand_t *errand)
{
    dp_survey_make(errand->survey, errand->peers, errand->db,
                   DP_ERRAND_DATABASE_US);
}

static void
list(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    dp_errand_survey(errand);

    if (errand->command->json) {
        dp_survey_json(errand->survey, errand->text);
    } else {
        dp_survey_text(errand->survey, errand->command->color, errand->text);
    }

    outcome->exit = EX_OK;
}

static command_fn *const commands[] = {
    [DP_COMMAND_LIST] = list,
    [DP_COMMAND_SET] = dp_command_set,
    [DP_COMMAND_VERIFY] = dp_command_verify,
    [DP_COMMAND_AWAIT] = dp_command_await,
    [DP_COMMAND_LIFT] = dp_command_lift,
    [DP_COMMAND_LIFT_AWAIT] = dp_command_lift_await,
    [DP_COMMAND_HEALTH] = dp_command_health,
    [DP_COMMAND_CHECKPOINT] = dp_command_checkpoint,
    [DP_COMMAND_BREAKERS] = dp_command_breakers,
    [DP_COMMAND_BREAKER_RESET] = dp_command_breaker_reset,
    [DP_COMMAND_KEYS_LIST] = dp_command_keys_list,
    [DP_COMMAND_KEYS_ROTATE] = dp_command_keys_rotate,
    [DP_COMMAND_KEYS_REVOKE] = dp_command_keys_revoke,
    [DP_COMMAND_KEYS_AWAIT] = dp_command_keys_await,
    [DP_COMMAND_JOBS_LIST] = dp_command_jobs_list,
    [DP_COMMAND_JOBS_SHOW] = dp_command_jobs_show,
    [DP_COMMAND_JOBS_REQUEUE] = dp_command_jobs_requeue,
    [DP_COMMAND_JOBS_CANCEL] = dp_command_jobs_cancel,
};

bool
dp_command_run(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    uint16_t verb = errand->command->verb;

    *outcome = (dp_outcome_t) {0};

    if (verb >= sizeof(commands) / sizeof(commands[0])
        || commands[verb] == NULL) {
        return false;
    }

    commands[verb](errand, outcome);

    if (errand->text->failed) {
        *outcome = (dp_outcome_t) {
            .exit = EX_SOFTWARE,
            .text = DP_SLICE("there is more to say than fits\n"),
        };
    } else {
        outcome->text = dp_written(errand->text);
    }

    return true;
}
