/*
 * What an operator may ask of a worker, and the answers.
 *
 * Nothing is kept from one command to the next: what takes time is asked for
 * again by the caller, with what the outcome told it.
 */

#ifndef DP_COMMANDS_H
#define DP_COMMANDS_H

#include "dp_command.h"
#include "health.h"
#include "survey.h"

/* What a command is run with; all of it is the caller's. */
typedef struct {
    dp_db_t            *db;
    dp_peers_t       *peers;
    dp_health_t        *health;
    dp_survey_t        *survey; /* made anew; `address` is set */
    const char         *actor;  /* the operator, for the audit trail */
    const dp_command_t *command;
    dp_writer_t        *text; /* what the outcome's text borrows */
} dp_errand_t;

/* Runs the command; false when there is no such verb. */
bool dp_command_run(const dp_errand_t *errand, dp_outcome_t *outcome)
    __attribute__((warn_unused_result));

#endif /* DP_COMMANDS_H */
