/*
 * The packed lists of a control message: revocations, plans and blocks.
 *
 * All are made in the database, by app.control_read() and app.control_blocks(),
 * passed on by the worker as they are, and read by the edge.  Integers are big-endian.
 *
 *     revocation   subject (16 bytes), u64 generation; in the order of these
 *     plan         u16 rank, u32 user burst, u32 user's per minute,
 *                  u32 project burst, u32 project's per minute
 *     block        u16 kind of the subject, u16 tier, u16 level, u16 signal,
 *                  subject (16), u64 until, u64 generation; in the order of
 *                  generations
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
#define DP_CONTROL_BLOCK_SIZE 40

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

typedef struct {
    uint16_t       subject_kind; /* dp_abuse_subject_t */
    uint16_t       tier;     /* DP_ABUSE_BLOCK, or DP_ABUSE_NORMAL: lifted */
    uint16_t       level;    /* blocks so far */
    uint16_t       signal;   /* dp_abuse_signal_t that decided; lifted: 0 */
    const uint8_t *subject;  /* DP_ID_SIZE bytes, as in dp_abuse_event_t */
    uint64_t       until_us; /* since 1970 */
    uint64_t       generation;
} dp_control_block_t;

/* Takes one from the front of the list; false at its end. */
bool dp_control_revocation_next(dp_slice_t *list,
                                dp_control_revocation_t *revocation);
bool dp_control_plan_next(dp_slice_t *list, dp_control_plan_t *plan);
bool dp_control_block_next(dp_slice_t *list, dp_control_block_t *block);

/* Whether the lists consist of whole entries. */
bool dp_control_lists_valid(dp_slice_t revocations, dp_slice_t plans,
                            dp_slice_t blocks);

/* The end of a valid list: what is newer than `generation`. */
dp_slice_t dp_control_revocations_since(dp_slice_t list, uint64_t generation);
dp_slice_t dp_control_blocks_since(dp_slice_t list, uint64_t generation);

#endif /* DP_CONTROL_H */
