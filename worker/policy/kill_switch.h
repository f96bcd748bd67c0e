/*
 * Kill switches, as an operation sees them: off, or it is refused.
 */

#ifndef DP_KILL_SWITCH_POLICY_H
#define DP_KILL_SWITCH_POLICY_H

#include "runtime/operation.h"

/*
 * Refuses an operation whose class is switched off at the edge or by this
 * worker's own setting, before a transaction is begun.  False after
 * dp_op_fail().
 */
bool dp_kill_switch_check(dp_op_t *op) __attribute__((warn_unused_result));

#endif /* DP_KILL_SWITCH_POLICY_H */
