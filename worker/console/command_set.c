/*
 * Turning a switch, and waiting until that is in force everywhere.
 *
 * The database's row and its audit event are one transaction.  Afterwards the
 * caller asks again and again: first until every nginx process has reported the
 * new generation, then until no write of the class is pending at any of them
 * and the switch's lock was free, which no transaction that passed the gate
 * before leaves it.
 */

#include "commands_private.h"

#include "db/ask.h"
#include "dp_json_out.h"
#include "log.h"
#include "runtime/deadline.h"

#include <sysexits.h>

#define EXIT_NOT_AS_ASKED 1
#define NO_SUCH_SWITCH                                  \
    "there is no such kill switch; it is GLOBAL_WRITE, BILLING, WEBHOOKS, " \
    "BACKGROUND_JOBS, EXTERNAL_INTEGRATIONS, AI or SIGNUP"

static const dp_statement_t set_statement = {
    .name = "command.set",
    .sql = "select app.kill_switch_set($1, $2 = 1, $3, $4, $5)",
    .rows = DP_ROWS_ONE,
};

static void
conclude(const dp_errand_t *errand, dp_outcome_t *outcome, uint16_t code,
         const char *why)
{
    dp_errand_say(errand, why);
    dp_errand_say(errand, "\n");
    outcome->exit = code;
}

/* What is wrong with a command that turns a switch; NULL: nothing. */
static const char *
set_fault(const dp_command_t *command)
{
    uint32_t bit = dp_kill_switch_bit(command->name);

    if (bit == 0) {
        return NO_SUCH_SWITCH;
    }

    if (command->reason.len == 0
        || !dp_kill_switch_reason_valid(command->reason)) {
        return "the reason must be one line of 1 to 200 bytes of UTF-8";
    }

    if (bit == DP_KILL_GLOBAL_WRITE
        && !dp_slice_equal(command->name, command->confirmed)) {
        return "this stops or resumes every write: --confirm GLOBAL_WRITE";
    }

    return NULL;
}

static dp_error_t
set_ask(const dp_errand_t *errand, uint64_t *generation)
{
    const dp_command_t *command = errand->command;
    dp_row_t            row;
    dp_error_t          error = dp_ask(
        errand->db,
        &(dp_question_t) {
            .statement = &set_statement,
            .values = DP_BIND(dp_text(command->name), dp_int4(command->on),
                              dp_text(command->reason),
                              dp_text(dp_slice_text(errand->actor)),
                              dp_int8((int64_t) command->expires_s)),
            .until_us = dp_monotonic_us() + DP_ERRAND_DATABASE_US,
            .role = "dp_ops",
            .writes = true,
        },
        &row);

    *generation = error == DP_OK ? (uint64_t) dp_row_int(row, 0) : 0;
    dp_trip_clear(errand->db);

    return error;
}

void
dp_command_set(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    const dp_command_t *command = errand->command;
    const char         *fault = set_fault(command);

    if (fault != NULL) {
        conclude(errand, outcome, EX_USAGE, fault);
        return;
    }

    if (command->dry_run) {
        conclude(errand, outcome, EX_OK, command->on ? "it would be turned on"
                                                   : "it would be turned off");
        return;
    }

    if (set_ask(errand, &outcome->generation) != DP_OK) {
        conclude(errand, outcome, EX_UNAVAILABLE,
                 "the database does not take it: use the directive or the file "
                 "of nginx, and see the worker's log");
        return;
    }

    dp_log(DP_LOG_WARN, NULL, DP_OK, "kill switch %.*s turned %s by %s",
           (int) command->name.len, (const char *) command->name.data,
           command->on ? "on" : "off", errand->actor);
    outcome->again = DP_COMMAND_AWAIT;
}

/* The end of a `set`, as a document for programs. */
static void
await_document(const dp_errand_t *errand, dp_switch_state_t state)
{
    dp_write_text(errand->text, "{\"name\":");
    dp_json_string(errand->text, errand->command->name);
    dp_write_text(errand->text, state == DP_SWITCH_OFF ? ",\"on\":false"
                                                       : ",\"on\":true");
    dp_write_text(errand->text, ",\"state\":");
    dp_json_string(errand->text, dp_slice_text(dp_switch_state_name(state)));
    dp_write_text(errand->text, ",\"generation\":");
    dp_json_uint(errand->text, errand->command->generation);
    dp_write_text(errand->text, "}\n");
}

/* The state that ends the wait. */
static bool
await_over(const dp_errand_t *errand, dp_switch_state_t state)
{
    if (errand->command->on) {
        return state == DP_SWITCH_EFFECTIVE || state == DP_SWITCH_OFF;
    }

    return dp_survey_reached(errand->survey, errand->command->generation);
}

static void
await_news(const dp_errand_t *errand, dp_switch_state_t state, unsigned bit)
{
    static const char *const meanings[] = {
        [DP_SWITCH_OFF] = "writes of its class are possible",
        [DP_SWITCH_PARTIAL] = "some instances have it on by themselves",
        [DP_SWITCH_ENGAGED] = "not every nginx process has heard of it yet",
        [DP_SWITCH_DRAINING] = "writes that began before are under way",
        [DP_SWITCH_EFFECTIVE] = "no write of its class is under way any more",
    };
    uint64_t pending = dp_survey_pending(errand->survey, bit);

    dp_write_bytes(errand->text, errand->command->name);
    dp_errand_say(errand, " ");
    dp_errand_say(errand, dp_switch_state_name(state));
    dp_errand_say(errand, ": ");
    dp_errand_say(errand, meanings[state]);

    if (state == DP_SWITCH_DRAINING) {
        dp_errand_say(errand, ", with workers ");
        dp_json_uint(errand->text, pending);
    }

    dp_errand_say(errand, "\n");

    if (!errand->command->on && state != DP_SWITCH_OFF
        && await_over(errand, state)) {
        dp_errand_say(errand, "Other sources have it on, which this cannot "
                              "clear: see kill-switch list.\n");
    }
}

static bool
await_as_asked(const dp_errand_t *errand, dp_switch_state_t state)
{
    return await_over(errand, state)
           && state == (errand->command->on ? DP_SWITCH_EFFECTIVE
                                            : DP_SWITCH_OFF);
}

void
dp_command_await(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    const dp_command_t *command = errand->command;
    uint32_t            bits = dp_kill_switch_bit(command->name);
    unsigned            bit;
    dp_switch_state_t   state;
    bool                over, told;

    if (bits == 0) {
        conclude(errand, outcome, EX_USAGE, NO_SUCH_SWITCH);
        return;
    }

    dp_errand_survey(errand);
    bit = (unsigned) __builtin_ctz(bits);
    errand->survey->generation = command->generation;
    state = dp_survey_state(errand->survey, bit);
    over = errand->survey->database && await_over(errand, state);

    told = over || command->last;

    if (command->json && told) {
        await_document(errand, state);
    } else if (!command->json && (told || state != command->state)) {
        await_news(errand, state, bit);
    }

    outcome->generation = command->generation;
    outcome->state = (uint16_t) state;
    outcome->again = told ? 0 : DP_COMMAND_AWAIT;
    outcome->exit = over && await_as_asked(errand, state) ? EX_OK
                                                          : EXIT_NOT_AS_ASKED;
}
