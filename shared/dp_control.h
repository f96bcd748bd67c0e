/*
 * The packed lists of a control message: revocations and plans.
 *
 * Both are made by app.control_read() in the database, passed on by the worker
 * as they are, and read by the edge.  Integers are big-endian.
 *
 *     revocation   subject (16 bytes), u64 generation; in the order of these
 *     plan         u16 rank, u32 user burst, u32 user's per minute,
 *                  u32 project burst, u32 project's per minute
 *
 * Nothing here allocates; a list borrows.
 */

#ifndef DP_CONTROL_H
#define DP_CONTROL_H

#include "dp_bytes.h"
#include "dp_principal.h"
#include "dp_rate.h"

#define DP_CONTROL_REVOCATION_SIZE 24
#define DP_CONTROL_PLAN_SIZE 18

/* A time in microseconds since 1970, or little more; fits beside 8 bits. */
#define DP_CONTROL_GENERATION_MAX ((UINT64_C(1) << 56) - 1)

typedef struct {
    const uint8_t *subject; /* DP_ID_SIZE bytes: credential, user or org */
    uint64_t       generation;
} dp_control_revocation_t;

typedef struct {
    uint16_t        plan; /* dp.plan.rank */
    dp_plan_rates_t rates;
} dp_control_plan_t;

/* Takes one from the front of the list; false at its end. */
bool dp_control_revocation_next(dp_slice_t *list,
                                dp_control_revocation_t *revocation);
bool dp_control_plan_next(dp_slice_t *list, dp_control_plan_t *plan);

/* Whether both lists consist of whole entries. */
bool dp_control_lists_valid(dp_slice_t revocations, dp_slice_t plans);

/* The end of a valid list: what is newer than `generation`. */
dp_slice_t dp_control_revocations_since(dp_slice_t list, uint64_t generation);

#endif /* DP_CONTROL_H */
