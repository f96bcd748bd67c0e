/*
 * Refusing what the state of things does not allow.
 */

#ifndef DP_CONFLICT_H
#define DP_CONFLICT_H

#include "runtime/operation.h"

/*
 * Fails with STATE_CONFLICT and {"reason": reason}, which the contract lists in
 * ConflictDetails; always false.
 */
static inline bool
dp_conflict(dp_op_t *op, const char *reason)
{
    return dp_op_fail_details(
        op, DP_ERR_STATE_CONFLICT,
        dp_arena_printf(op->arena, "{\"reason\":\"%s\"}", reason));
}

#endif /* DP_CONFLICT_H */
