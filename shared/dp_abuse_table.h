/*
 * The table of abuse tiers' subjects, in memory that several processes share.
 *
 * Only subjects that gave a signal are in it.  Who is NORMAL makes room for
 * another one, who is above never does: a flood of keys frees nobody.  There is
 * no lock and no pointer: every change that counts is one word's, so a process
 * that is killed anywhere leaves a valid table.
 *
 * Asking for the tier of somebody who is not above NORMAL reads one word, or
 * two bits when somebody else is.
 */

#ifndef DP_ABUSE_TABLE_H
#define DP_ABUSE_TABLE_H

#include "dp_abuse.h"
#include "dp_principal.h"
#include "dp_siphash.h"

#define DP_ABUSE_SET_SLOTS 4
#define DP_ABUSE_PATHS 38      /* that are remembered of a subject */
#define DP_ABUSE_MARK_WORDS 64 /* a bit for each 4096th set */

/* Who it is.  What else is known of a subject is not part of its name. */
typedef struct {
    uint32_t kind;               /* dp_abuse_subject_t */
    uint8_t  id[DP_ID_SIZE];     /* an address or a credential's id */
    uint8_t  org_id[DP_ID_SIZE]; /* of a credential; zero: none */
} dp_abuse_party_t;

/* Private from here to dp_abuse_table_t; all zero at first. */
typedef struct {
    uint64_t         windows[DP_ABUSE_SIGNALS];
    uint64_t         burst;
    uint64_t         seen_ms;
    dp_abuse_party_t subject;
    uint32_t         path_next;
    uint32_t         paths[DP_ABUSE_PATHS];
} dp_abuse_body_t;

typedef struct {
    uint64_t        keys[DP_ABUSE_SET_SLOTS]; /* 0: empty */
    uint64_t        standings[DP_ABUSE_SET_SLOTS];
    dp_abuse_body_t bodies[DP_ABUSE_SET_SLOTS];
} __attribute__((aligned(64))) dp_abuse_set_t;

/* Zero but for random and set_count to begin with. */
typedef struct {
    dp_siphash_key_t random;
    uint64_t         set_count; /* not 0 */
    uint64_t         overflows; /* signals of subjects that had no room */
    uint64_t         raised;    /* 0: nobody is above NORMAL */
    uint64_t         marks[DP_ABUSE_MARK_WORDS]; /* sets that hold somebody */
    dp_abuse_set_t   sets[];
} dp_abuse_table_t;

/* Somebody above NORMAL, or who has just become something else. */
typedef struct {
    dp_abuse_party_t subject;
    unsigned         from;        /* the tier before; of dp_abuse_table_each()
                                     the same */
    dp_abuse_standing_t standing; /* the one now */
    uint32_t            score;    /* of the signal that decided */
    uint32_t            signals[DP_ABUSE_SIGNALS]; /* counts that led to it */
    uint64_t            at_ms;
} dp_abuse_change_t;

/*
 * What the functions below take: whose table, by which numbers, when; and who
 * is told of each tier that changed, by the process that changed it, once.
 */
typedef struct {
    dp_abuse_table_t        *table;
    const dp_abuse_policy_t *policy;
    uint64_t                 now_ms;
    bool                     shadow; /* of what is decided, and of refusals */
    void (*report)(void *data, const dp_abuse_change_t *change);
    void *data;
} dp_abuse_keeper_t;

/* The sets that have room in `size` bytes beside the table's head. */
uint64_t dp_abuse_table_sets_in(size_t size);

/* Who is not in the table, or is NORMAL there, is tier NORMAL. */
dp_abuse_standing_t dp_abuse_table_look(const dp_abuse_keeper_t *keeper,
                                        const dp_abuse_party_t  *subject);

/*
 * A signal that counts for `n`.  The second form is of a path, and counts
 * nothing when it is among those that failed within the window: false.
 */
void dp_abuse_table_note(const dp_abuse_keeper_t *keeper,
                         const dp_abuse_party_t  *subject,
                         dp_abuse_signal_t signal, uint32_t n);
bool dp_abuse_table_note_path(const dp_abuse_keeper_t *keeper,
                              const dp_abuse_party_t *subject, dp_slice_t path,
                              uint32_t n);

/*
 * A bucket's debt after a charge, as dp_abuse_burst_step() takes it.  True when
 * that was a burst, which has been noted.
 */
bool dp_abuse_table_note_debt(const dp_abuse_keeper_t *keeper,
                              const dp_abuse_party_t *subject, uint32_t ratio,
                              uint64_t debt_ms);

/* Somebody is refused for its tier; true, and a report, when it is the first.
 */
bool dp_abuse_table_enforce(const dp_abuse_keeper_t *keeper,
                            const dp_abuse_party_t  *subject,
                            dp_abuse_change_t       *change);

/*
 * Puts the subject where another keeper has it, or NORMAL where it is let go.
 * False when there is no room; it is told to nobody.
 */
bool dp_abuse_table_impose(const dp_abuse_keeper_t   *keeper,
                           const dp_abuse_party_t    *subject,
                           const dp_abuse_standing_t *standing);

/* Takes subjects down whose time is over, and counts those of each tier. */
void dp_abuse_table_sweep(const dp_abuse_keeper_t *keeper,
                          uint64_t                 tiers[DP_ABUSE_TIERS]);

/* Calls `report` for each subject above NORMAL; changes nothing. */
void dp_abuse_table_each(const dp_abuse_keeper_t *keeper);

/* How many subjects it has, NORMAL ones too, by that many sets of all. */
uint64_t dp_abuse_table_used(const dp_abuse_table_t *table, uint64_t sample);

/*
 * Takes over what another table, which may be in use meanwhile, knows; the
 * random key goes along.  Returns how many found no room.
 */
uint64_t dp_abuse_table_copy(const dp_abuse_keeper_t *keeper,
                             const dp_abuse_table_t  *from);

#endif /* DP_ABUSE_TABLE_H */
