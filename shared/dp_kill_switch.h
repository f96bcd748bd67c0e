/*
 * The kill switches, as bits of one word.
 *
 * One list for both programs: the edge keeps the word in shared memory, the
 * worker reads the database's rows into it.  Names are those of
 * dp.kill_switch.name and of the directive devpilot_kill_switch.
 */

#ifndef DP_KILL_SWITCH_H
#define DP_KILL_SWITCH_H

#include "dp_bytes.h"

/* name, bit */
#define DP_KILL_SWITCHES(row) \
    row(GLOBAL_WRITE, 0)      \
    row(BILLING, 1)           \
    row(WEBHOOKS, 2)          \
    row(BACKGROUND_JOBS, 3)   \
    row(EXTERNAL_INTEGRATIONS, 4) \
    row(AI, 5)                \
    row(SIGNUP, 6)

#define DP_KILL_SWITCH_BIT(name, bit) DP_KILL_##name = 1u << (bit),

typedef enum {
    DP_KILL_SWITCHES(DP_KILL_SWITCH_BIT)
} dp_kill_switch_t;

#define DP_KILL_SWITCH_COUNT 7

#define DP_KILL_SWITCH_LISTED(name, bit) ", " #name

/* All names for a message, once the first two bytes are skipped. */
#define DP_KILL_SWITCH_NAMES (&DP_KILL_SWITCHES(DP_KILL_SWITCH_LISTED)[2])

#define DP_KILL_REASON_MAX 200 /* bytes of a reason, wherever it is given */

/* Who turns switches on; one is on while any of them says so. */
typedef enum {
    DP_KILL_DIRECTIVE,   /* devpilot_kill_switch of an nginx */
    DP_KILL_ENVIRONMENT, /* OPS_KILL_SWITCH of nginx's master or a worker */
    DP_KILL_FILE,        /* devpilot_kill_switch_file of an nginx */
    DP_KILL_DATABASE,    /* dp.kill_switch */
    DP_KILL_SOURCES,
} dp_kill_source_t;

/* "directive", "environment", "file", "database" */
const char *dp_kill_source_name(dp_kill_source_t source);

/* The switch's bit, or 0 when there is no switch of that name. */
uint32_t dp_kill_switch_bit(dp_slice_t name);

/* The name of the lowest switch in `switches`; NULL when it is 0. */
const char *dp_kill_switch_name(uint32_t switches);

/*
 * Reads names separated by commas, with blanks around them, as the variable
 * OPS_KILL_SWITCH has them; empty: none.  False when `unknown`, which borrows
 * from the text, is no name; `switches` has those before it.
 */
bool dp_kill_switch_list(dp_slice_t text, uint32_t *switches,
                         dp_slice_t *unknown)
    __attribute__((warn_unused_result));

/* What a file of switches says; reasons borrow from its text. */
typedef struct {
    uint32_t   switches;
    dp_slice_t reasons[DP_KILL_SWITCH_COUNT]; /* by bit; empty: none given */
    unsigned   line; /* the one that is wrong, from 1 on */
} dp_kill_switch_file_t;

/*
 * Reads a file: a name per line and behind it, if anything, the reason (with
 * or without a '#' before it); lines that are empty or begin with '#' are
 * comments.  False when a line has no name of a switch, or a reason that is
 * longer than DP_KILL_REASON_MAX, not UTF-8 or has control characters.
 */
bool dp_kill_switch_file(dp_slice_t text, dp_kill_switch_file_t *file)
    __attribute__((warn_unused_result));

/* A reason as every source takes it: UTF-8 of one line, not too long. */
bool dp_kill_switch_reason_valid(dp_slice_t reason);

#endif /* DP_KILL_SWITCH_H */
