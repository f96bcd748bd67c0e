/*
 * The commands among themselves: command*.c only.
 */

#ifndef DP_COMMANDS_PRIVATE_H
#define DP_COMMANDS_PRIVATE_H

#include "commands.h"
#include "db/ask.h"
#include "db/row.h"

#define DP_ERRAND_DATABASE_US UINT64_C(3000000) /* for one command */

/* commands.c */

void dp_errand_say(const dp_errand_t *errand, const char *text);

/* Makes the errand's survey. */
void dp_errand_survey(const dp_errand_t *errand);

/* command_list.c */

/* Ends a command with a line of text. */
void dp_errand_conclude(const dp_errand_t *errand, dp_outcome_t *outcome,
                        uint16_t code, const char *why);

/* Rows of the database, and how each is shown. */
typedef struct {
    const dp_statement_t *statement; /* run as dp_ops */
    dp_values_t           values;    /* with some, a row must be there */
    const char           *title;     /* above the text */
    const char           *name;      /* of the array in the document */
    void (*text)(dp_writer_t *out, dp_row_t row);
    void (*json)(dp_writer_t *out, dp_row_t row);
} dp_list_view_t;

void dp_errand_list(const dp_errand_t *errand, const dp_list_view_t *view,
                    dp_outcome_t *outcome);

/* command_keys.c */

void dp_command_keys_list(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_keys_rotate(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_keys_revoke(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_keys_await(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_jobs.c */

void dp_command_jobs_list(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_jobs_show(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_jobs_requeue(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_jobs_cancel(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_set.c */

void dp_command_set(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_await(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_health.c */

void dp_command_health(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_checkpoint.c */

void dp_command_checkpoint(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_lift.c */

void dp_command_lift(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_lift_await(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_breakers.c */

void dp_command_breakers(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_breaker_reset(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_verify.c */

void dp_command_verify(const dp_errand_t *errand, dp_outcome_t *outcome);

#endif /* DP_COMMANDS_PRIVATE_H */
