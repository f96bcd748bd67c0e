/*
 * Circuit breakers: showing them, and closing one by hand.
 */

#include "commands_private.h"

#include "db/ask.h"
#include "dp_id.h"
#include "dp_json_out.h"
#include "dp_kill_switch.h"
#include "log.h"
#include "runtime/deadline.h"

#include <stdio.h>
#include <sysexits.h>

#define EXIT_NOT_AS_ASKED 1
#define UNREACHABLE "the database does not answer: see the worker's log\n"

static const dp_statement_t breakers_list = {
    .name = "breaker.list",
    .sql = "select provider, scope_id, org_id, state, recent, wait_s, changed_at"
           "  from app.breakers_list()",
};

enum {
    LIST_PROVIDER,
    LIST_SCOPE_ID,
    LIST_ORG_ID,
    LIST_STATE,
    LIST_RECENT,
    LIST_WAIT_S,
    LIST_CHANGED_AT,
};

static const dp_statement_t breaker_reset = {
    .name = "breaker.reset",
    .sql = "select app.breaker_reset($1, $2, $3, $4)",
    .rows = DP_ROWS_ONE,
};

static dp_error_t
ask(const dp_errand_t *errand, const dp_statement_t *statement,
    dp_values_t values, bool writes, dp_row_t *row)
{
    return dp_ask(errand->db,
                  &(dp_question_t) {
                      .statement = statement,
                      .values = values,
                      .role = "dp_ops",
                      .until_us = dp_monotonic_us() + DP_ERRAND_DATABASE_US,
                      .writes = writes,
                  },
                  row);
}

/* provider, or provider/integration: as it is given to reset. */
static void
name_write(dp_writer_t *out, dp_row_t row)
{
    char id[DP_ID_TEXT_SIZE];

    dp_write_bytes(out, dp_row_bytes(row, LIST_PROVIDER));

    if (!dp_row_null(row, LIST_ORG_ID)) {
        dp_id_format(id, dp_row_uuid(row, LIST_SCOPE_ID));
        dp_write_text(out, "/");
        dp_write_bytes(out, dp_slice(id, sizeof(id)));
    }
}

static uint64_t
wait_s(dp_row_t row)
{
    return dp_slice_equal(dp_row_bytes(row, LIST_STATE), DP_SLICE("open"))
               ? (uint64_t) dp_row_int(row, LIST_WAIT_S)
               : 0;
}

static void
member_write(dp_writer_t *out, const char *name, dp_slice_t text)
{
    dp_write_text(out, name);
    dp_json_string(out, text);
}

static void
row_json(dp_writer_t *out, dp_row_t row)
{
    char        name[160];
    dp_writer_t writer = dp_writer(name, sizeof(name));

    name_write(&writer, row);
    member_write(out, "{\"breaker\":", dp_written(&writer));
    member_write(out, ",\"state\":", dp_row_bytes(row, LIST_STATE));
    dp_write_text(out, ",\"failures\":");
    dp_json_uint(out, (uint64_t) dp_row_int(row, LIST_RECENT));
    dp_write_text(out, ",\"waitSeconds\":");
    dp_json_uint(out, wait_s(row));
    dp_write_text(out, ",\"changedAt\":");
    dp_json_time(out, dp_row_time_us(row, LIST_CHANGED_AT));

    if (!dp_row_null(row, LIST_ORG_ID)) {
        dp_write_text(out, ",\"orgId\":");
        dp_json_id(out, dp_row_uuid(row, LIST_ORG_ID));
    }

    dp_write_text(out, "}");
}

static void
row_text(dp_writer_t *out, dp_row_t row)
{
    name_write(out, row);
    dp_write_text(out, "  ");
    dp_write_bytes(out, dp_row_bytes(row, LIST_STATE));
    dp_write_text(out, ", failures in a minute: ");
    dp_json_uint(out, (uint64_t) dp_row_int(row, LIST_RECENT));

    if (wait_s(row) != 0) {
        dp_write_text(out, ", tried again in s: ");
        dp_json_uint(out, wait_s(row));
    }

    dp_write_text(out, "\n");
}

void
dp_command_breakers(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    bool     json = errand->command->json;
    dp_row_t row;
    int      count;

    if (ask(errand, &breakers_list, DP_BIND_NONE, false, &row) != DP_OK) {
        dp_trip_clear(errand->db);
        dp_errand_say(errand, UNREACHABLE);
        outcome->exit = EX_UNAVAILABLE;
        return;
    }

    count = dp_row_count(row);
    dp_errand_say(errand, json ? "{\"breakers\":["
                          : count == 0 ? "no call has failed yet\n"
                                       : "");

    for (int i = 0; i < count; i++) {
        dp_errand_say(errand, json && i != 0 ? "," : "");
        (json ? row_json : row_text)(errand->text, dp_row_at(row, i));
    }

    dp_errand_say(errand, json ? "]}\n" : "");
    dp_trip_clear(errand->db);
    outcome->exit = EX_OK;
}

/* --- reset ------------------------------------------------------------------ */

/* False: neither a provider nor provider/integration. */
static bool
name_parse(dp_slice_t text, dp_slice_t *provider, uint8_t scope[DP_ID_SIZE])
{
    const uint8_t *slash = text.len == 0 ? NULL : memchr(text.data, '/', text.len);

    memset(scope, 0, DP_ID_SIZE);
    *provider = text;

    if (slash == NULL) {
        return text.len != 0;
    }

    provider->len = (size_t) (slash - text.data);

    return dp_id_parse(scope, dp_slice(slash + 1, text.len - provider->len - 1));
}

static const char *
reset_fault(const dp_command_t *command, dp_slice_t *provider,
            uint8_t scope[DP_ID_SIZE])
{
    if (!name_parse(command->name, provider, scope)) {
        return "a breaker is named as list does, provider or provider/id\n";
    }

    if (command->reason.len == 0
        || !dp_kill_switch_reason_valid(command->reason)) {
        return "the reason must be one line of 1 to 200 bytes of UTF-8\n";
    }

    return NULL;
}

static void
reset_tell(const dp_errand_t *errand, bool found, dp_slice_t before,
           dp_outcome_t *outcome)
{
    dp_write_bytes(errand->text, errand->command->name);

    if (!found) {
        dp_errand_say(errand, ": there is no such breaker\n");
        outcome->exit = EXIT_NOT_AS_ASKED;
        return;
    }

    dp_errand_say(errand, " is closed, and was ");
    dp_write_bytes(errand->text, before);
    dp_errand_say(errand, "\n");
    outcome->exit = EX_OK;
}

void
dp_command_breaker_reset(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    const dp_command_t *command = errand->command;
    uint8_t             scope[DP_ID_SIZE];
    dp_slice_t          provider;
    const char         *fault = reset_fault(command, &provider, scope);
    dp_row_t            row;

    if (fault != NULL) {
        dp_errand_say(errand, fault);
        outcome->exit = EX_USAGE;
        return;
    }

    if (ask(errand, &breaker_reset,
            DP_BIND(dp_text(provider), dp_uuid(scope), dp_text(command->reason),
                    dp_text(dp_slice_text(errand->actor))),
            true, &row) != DP_OK) {
        dp_trip_clear(errand->db);
        dp_errand_say(errand, UNREACHABLE);
        outcome->exit = EX_UNAVAILABLE;
        return;
    }

    reset_tell(errand, !dp_row_null(row, 0), dp_row_bytes(row, 0), outcome);
    dp_trip_clear(errand->db);
    dp_log(DP_LOG_WARN, NULL, DP_OK, "a breaker was reset by %s", errand->actor);
}
