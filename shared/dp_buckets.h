/*
 * A table of token buckets in memory that several processes share.
 *
 * Sets of four slots, one cache line each; a slot is a bucket's key and its
 * theoretical arrival time, changed together by one 16-byte compare-and-swap.
 * A key, a keyed hash, has two sets to be in.  There is no lock, no pointer and
 * nothing to repair: a process that is killed anywhere leaves a valid table.
 *
 * A bucket that owes nothing is the same as none, and only such a one makes room
 * for another.  Keys that find no room share buckets of last resort by their
 * kind, so a flood of keys forgives nobody's debt.
 */

#ifndef DP_BUCKETS_H
#define DP_BUCKETS_H

#include <stddef.h>

#include "dp_gcra.h"

#define DP_BUCKETS_SET_SLOTS 4
#define DP_BUCKETS_KINDS 64
#define DP_BUCKETS_SHARED 8 /* buckets of last resort, for each kind */

typedef struct {
    uint64_t key; /* 0: empty */
    uint64_t tat_ns;
} __attribute__((aligned(16))) dp_bucket_t;

typedef struct {
    dp_bucket_t slots[DP_BUCKETS_SET_SLOTS];
} __attribute__((aligned(64))) dp_bucket_set_t;

/* A table: zero but for set_count to begin with. */
typedef struct {
    uint64_t        set_count; /* not 0 */
    uint64_t        overflows; /* charges that buckets of last resort met */
    uint64_t        shared_ns[DP_BUCKETS_KINDS][DP_BUCKETS_SHARED];
    dp_bucket_set_t sets[];
} dp_buckets_t;

/* What is asked of one bucket. */
typedef struct {
    uint64_t                hash; /* keyed, of whose bucket it is */
    unsigned                kind; /* below DP_BUCKETS_KINDS */
    uint32_t                cost; /* as dp_gcra_charge() takes it */
    const dp_gcra_policy_t *policy;
    dp_gcra_moment_t        moment;
} dp_bucket_charge_t;

/* The sets that have room in `size` bytes beside the table's head. */
uint64_t dp_buckets_sets_in(size_t size);

/* Begins to load what a charge will read. */
void dp_buckets_prefetch(const dp_buckets_t *table,
                         const dp_bucket_charge_t *charge);

/* Would the charge be allowed, and what would be left?  Changes nothing. */
dp_gcra_result_t dp_buckets_look(const dp_buckets_t *table,
                                 const dp_bucket_charge_t *charge);

/* Takes the tokens, or none when there are fewer. */
dp_gcra_result_t dp_buckets_charge(dp_buckets_t *table,
                                   const dp_bucket_charge_t *charge);

/* Takes the tokens, or as many as there are. */
void dp_buckets_drain(dp_buckets_t *table, const dp_bucket_charge_t *charge);

/* Gives back what a charge took; buckets of last resort give nothing back. */
void dp_buckets_refund(dp_buckets_t *table, const dp_bucket_charge_t *charge);

/* Forgives what the bucket owes beyond its burst: see dp_gcra_trim(). */
void dp_buckets_trim(dp_buckets_t *table, const dp_bucket_charge_t *charge);

/*
 * Adds the debts of another table, which may be in use meanwhile.  Returns how
 * many found no room.
 */
uint64_t dp_buckets_copy(dp_buckets_t *table, const dp_buckets_t *from,
                         const dp_gcra_moment_t *moment);

/* How many slots are in debt, among those of `sample` sets out of set_count. */
uint64_t dp_buckets_indebted(const dp_buckets_t *table,
                             const dp_gcra_moment_t *moment, uint64_t sample);

#endif /* DP_BUCKETS_H */
