/*
 * What commands share that show rows of the database.
 */

#include "commands_private.h"

#include "runtime/deadline.h"

#include <sysexits.h>

#define EXIT_NONE 1

void
dp_errand_conclude(const dp_errand_t *errand, dp_outcome_t *outcome,
                   uint16_t code, const char *why)
{
    dp_errand_say(errand, why);
    dp_errand_say(errand, "\n");
    outcome->exit = code;
}

static void
rows_json(const dp_errand_t *errand, const dp_list_view_t *view, dp_row_t rows)
{
    dp_errand_say(errand, "{\"");
    dp_errand_say(errand, view->name);
    dp_errand_say(errand, "\":[");

    for (int i = 0; i < dp_row_count(rows); i++) {
        dp_errand_say(errand, i == 0 ? "" : ",");
        view->json(errand->text, dp_row_at(rows, i));
    }

    dp_errand_say(errand, "]}\n");
}

static void
rows_text(const dp_errand_t *errand, const dp_list_view_t *view, dp_row_t rows)
{
    dp_errand_say(errand, dp_row_count(rows) == 0 ? "none\n" : view->title);

    for (int i = 0; i < dp_row_count(rows); i++) {
        view->text(errand->text, dp_row_at(rows, i));
    }
}

void
dp_errand_list(const dp_errand_t *errand, const dp_list_view_t *view,
               dp_outcome_t *outcome)
{
    dp_row_t   rows;
    dp_error_t error = dp_ask(
        errand->db,
        &(dp_question_t) {
            .statement = view->statement,
            .values = view->values,
            .until_us = dp_monotonic_us() + DP_ERRAND_DATABASE_US,
            .role = "dp_ops",
        },
        &rows);

    if (error != DP_OK) {
        dp_errand_conclude(errand, outcome, EX_UNAVAILABLE,
                           "the database does not answer: see the worker's log");
        dp_trip_clear(errand->db);
        return;
    }

    if (errand->command->json) {
        rows_json(errand, view, rows);
    } else {
        rows_text(errand, view, rows);
    }

    outcome->exit = dp_row_count(rows) == 0 && view->values.count != 0
                        ? EXIT_NONE
                        : EX_OK;
    dp_trip_clear(errand->db);
}
