/*
 * The commands among themselves: command*.c only.
 */

#ifndef DP_COMMANDS_PRIVATE_H
#define DP_COMMANDS_PRIVATE_H

#include "commands.h"

#define DP_ERRAND_DATABASE_US UINT64_C(3000000) /* for one command */

/* commands.c */

void dp_errand_say(const dp_errand_t *errand, const char *text);

/* Makes the errand's survey. */
void dp_errand_survey(const dp_errand_t *errand);

/* command_set.c */

void dp_command_set(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_await(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_health.c */

void dp_command_health(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_lift.c */

void dp_command_lift(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_lift_await(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_breakers.c */

void dp_command_breakers(const dp_errand_t *errand, dp_outcome_t *outcome);
void dp_command_breaker_reset(const dp_errand_t *errand, dp_outcome_t *outcome);

/* command_verify.c */

void dp_command_verify(const dp_errand_t *errand, dp_outcome_t *outcome);

#endif /* DP_COMMANDS_PRIVATE_H */
