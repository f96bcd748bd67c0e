/*
 * Signing keys: what there is, a new one before its time, the end of one that
 * leaked.  Changes are waited for until every nginx process has heard of them.
 */

#include "commands_private.h"

#include "dp_json_out.h"
#include "identity/signing_keys.h"
#include "log.h"
#include "runtime/deadline.h"

#include <sysexits.h>

#define EXIT_NOT_AS_ASKED 1

#define TIME(column)                                                          \
    "pg_catalog.to_char(" column " at time zone 'UTC',"                       \
    " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

static const dp_statement_t select_keys = {
    .name = "command.keys",
    .sql = "select k.kid, k.purpose, k.state, " TIME("k.not_before") ","
           "       " TIME("case k.state when 'active' then k.rotate_due"
                          "             when 'grace' then k.grace_until"
                          "             else k.ended_at end")
           "  from dp.signing_key k"
           " where k.ended_at is null"
           "    or k.ended_at > pg_catalog.now() - interval '30 days'"
           " order by k.purpose, k.not_before desc, k.kid"
           " limit 200",
};

enum {
    KEY_KID,
    KEY_PURPOSE,
    KEY_STATE,
    KEY_SINCE,
    KEY_UNTIL, /* for an active one: when it is due */
    KEY_COLUMNS,
};

static void
key_text(dp_writer_t *out, dp_row_t row)
{
    for (int column = 0; column < KEY_COLUMNS; column++) {
        dp_write_text(out, column == 0 ? "" : "  ");
        dp_write_bytes(out, dp_row_bytes(row, column));
    }

    dp_write_text(out, "\n");
}

static void
key_json(dp_writer_t *out, dp_row_t row)
{
    static const char *const names[] = {
        [KEY_KID] = "{\"kid\":",        [KEY_PURPOSE] = ",\"purpose\":",
        [KEY_STATE] = ",\"state\":",    [KEY_SINCE] = ",\"since\":",
        [KEY_UNTIL] = ",\"until\":",
    };

    for (int column = 0; column < KEY_COLUMNS; column++) {
        dp_write_text(out, names[column]);
        dp_json_string(out, dp_row_bytes(row, column));
    }

    dp_write_text(out, "}");
}

void
dp_command_keys_list(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    const dp_list_view_t view = {
        .statement = &select_keys,
        .values = DP_BIND_NONE,
        .title = "kid               purpose  state  since  until\n",
        .name = "keys",
        .text = key_text,
        .json = key_json,
    };

    dp_errand_list(errand, &view, outcome);
}

static const char *
change_fault(const dp_errand_t *errand)
{
    dp_slice_t reason = errand->command->reason;

    return reason.len == 0 || !dp_kill_switch_reason_valid(reason)
               ? "the reason must be one line of 1 to 200 bytes of UTF-8"
               : NULL;
}

/* What the operator is told of a change; NULL: that it is waited for. */
static const char *
change_refusal(const dp_key_change_t *change)
{
    static const char *const refusals[] = {
        [DP_KEY_TOO_MANY] = "too many keys of that purpose verify already: wait "
                            "until one's grace is over, or revoke some",
        [DP_KEY_UNKNOWN] = "there is no such key that signs or verifies",
    };
    size_t count = sizeof(refusals) / sizeof(refusals[0]);

    return (size_t) change->outcome < count ? refusals[change->outcome] : NULL;
}

static void
change_conclude(const dp_errand_t *errand, const dp_key_change_t *change,
                dp_error_t error, dp_outcome_t *outcome)
{
    const char *refusal = error == DP_OK ? change_refusal(change) : NULL;

    if (error != DP_OK) {
        dp_errand_conclude(errand, outcome, EX_UNAVAILABLE,
                           "the database does not take it: see the worker's log");
        return;
    }

    if (refusal != NULL) {
        dp_errand_conclude(errand, outcome, EXIT_NOT_AS_ASKED, refusal);
        return;
    }

    dp_log(DP_LOG_WARN, NULL, DP_OK, "signing key %.*s %s by %s",
           (int) errand->command->name.len,
           (const char *) errand->command->name.data,
           change->outcome == DP_KEY_REVOKED ? "revoked" : "rotated",
           errand->actor);
    outcome->generation = change->generation;
    outcome->again = DP_COMMAND_KEYS_AWAIT;
}

/* A change as the operator asked for it; false: it is concluded already. */
static bool
change_begin(const dp_errand_t *errand, dp_key_change_t *change,
             dp_outcome_t *outcome)
{
    const char *fault = change_fault(errand);

    if (fault != NULL) {
        dp_errand_conclude(errand, outcome, EX_USAGE, fault);
        return false;
    }

    if (errand->command->dry_run) {
        dp_errand_conclude(errand, outcome, EX_OK, "it would be done");
        return false;
    }

    *change = (dp_key_change_t) {
        .role = "dp_ops",
        .actor = dp_slice_text(errand->actor),
        .reason = errand->command->reason,
        .until_us = dp_monotonic_us() + DP_ERRAND_DATABASE_US,
    };

    return true;
}

void
dp_command_keys_rotate(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    dp_control_key_purpose_t purpose;
    dp_key_change_t          change;
    dp_error_t               error;

    if (!dp_key_purpose_parse(errand->command->name, &purpose)) {
        dp_errand_conclude(errand, outcome, EX_USAGE,
                           "keys are for jwt or csrf");
        return;
    }

    if (change_begin(errand, &change, outcome)) {
        error = dp_key_rotate(errand->db, purpose, false, &change);
        change_conclude(errand, &change, error, outcome);
    }
}

void
dp_command_keys_revoke(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    dp_key_change_t change;
    dp_error_t      error;

    if (change_begin(errand, &change, outcome)) {
        error = dp_key_revoke(errand->db, errand->command->name, &change);
        change_conclude(errand, &change, error, outcome);
    }
}

static void
await_news(const dp_errand_t *errand, bool heard)
{
    if (errand->command->json) {
        dp_errand_say(errand, heard ? "{\"known\":true,\"generation\":"
                                    : "{\"known\":false,\"generation\":");
        dp_json_uint(errand->text, errand->command->generation);
        dp_errand_say(errand, "}\n");
        return;
    }

    dp_errand_say(errand, heard ? "every nginx process knows of it\n"
                                : "it is done, but not every nginx process has "
                                  "heard of it yet\n");
}

void
dp_command_keys_await(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    bool heard;

    dp_errand_survey(errand);
    heard = dp_survey_reached(errand->survey, errand->command->generation);

    if (!heard && !errand->command->last) {
        outcome->again = DP_COMMAND_KEYS_AWAIT;
        outcome->generation = errand->command->generation;
        return;
    }

    await_news(errand, heard);
    outcome->exit = heard ? EX_OK : EXIT_NOT_AS_ASKED;
}
