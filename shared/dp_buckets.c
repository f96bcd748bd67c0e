/*
 * The table of buckets.
 *
 * A bucket is found at the first of its slots by address, and processes that
 * find none claim one each.  Whoever claimed looks again: of two slots of one
 * key one is given up, its debt goes to the other.  Claiming owes nothing, so
 * that a process killed in between leaves a slot that anybody may take.
 *
 * What is read without a lock may be torn; the compare-and-swap that follows
 * fails then.
 */

#include "dp_buckets.h"

#include <string.h>

#define CHOICES 2

/*
 * Changes both halves of a slot at once, if it holds `from`.  On amd64 written
 * out: compilers use the instruction only when told that all processors of the
 * family have it, and call a library that may lock otherwise.
 */
#if defined(__x86_64__)

static bool
slot_swap(dp_bucket_t *slot, dp_bucket_t from, dp_bucket_t to)
{
    bool swapped;

    __asm__ __volatile__("lock cmpxchg16b %1"
                         : "=@ccz"(swapped), "+m"(*slot), "+a"(from.key),
                           "+d"(from.tat_ns)
                         : "b"(to.key), "c"(to.tat_ns)
                         : "memory");

    return swapped;
}

#else

typedef unsigned __int128 pair_t __attribute__((may_alias));

static bool
slot_swap(dp_bucket_t *slot, dp_bucket_t from, dp_bucket_t to)
{
    const union {
        dp_bucket_t bucket;
        pair_t      pair;
    } old = {from}, new = {to};

    return __sync_bool_compare_and_swap((pair_t *) slot, old.pair, new.pair);
}

#endif

static uint64_t
load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static dp_bucket_t
slot_read(const dp_bucket_t *slot)
{
    return (dp_bucket_t) {load(&slot->key), load(&slot->tat_ns)};
}

static bool
indebted(dp_bucket_t bucket, const dp_gcra_moment_t *moment)
{
    return bucket.key != 0 && bucket.tat_ns > moment->minute_ns;
}

static uint64_t
key_of(const dp_bucket_charge_t *charge)
{
    return charge->hash != 0 ? charge->hash : 1;
}

/* --- slots ------------------------------------------------------------------ */

/* Both halves of the key choose a set; they come in the order of addresses. */
static void
sets_of(const dp_buckets_t *table, uint64_t key,
        const dp_bucket_set_t *sets[CHOICES])
{
    uint64_t turned = key << 32 | key >> 32;
    uint64_t a = (uint64_t) ((unsigned __int128) key * table->set_count >> 64);
    uint64_t b = (uint64_t) ((unsigned __int128) turned * table->set_count >> 64);

    sets[a > b] = &table->sets[a];
    sets[a <= b] = &table->sets[b];
}

/* The key's first slot but for one, or NULL. */
static dp_bucket_t *
slot_find(const dp_buckets_t *table, uint64_t key, const dp_bucket_t *but)
{
    const dp_bucket_set_t *sets[CHOICES];

    sets_of(table, key, sets);

    for (unsigned i = 0; i < CHOICES * DP_BUCKETS_SET_SLOTS; i++) {
        const dp_bucket_t *slot = &sets[i / DP_BUCKETS_SET_SLOTS]
                                       ->slots[i % DP_BUCKETS_SET_SLOTS];

        if (load(&slot->key) == key && slot != but) {
            return (dp_bucket_t *) slot;
        }
    }

    return NULL;
}

/* A slot that owes nothing, in the emptier set, and what it holds; or NULL. */
static dp_bucket_t *
slot_vacant(const dp_buckets_t *table, uint64_t key,
            const dp_gcra_moment_t *moment, dp_bucket_t *held)
{
    const dp_bucket_set_t *sets[CHOICES];
    const dp_bucket_t     *found = NULL;
    unsigned               most = 0;

    sets_of(table, key, sets);

    for (unsigned i = 0; i < CHOICES; i++) {
        const dp_bucket_t *first = NULL;
        dp_bucket_t        bucket, first_bucket = {0, 0};
        unsigned           count = 0;

        for (unsigned k = DP_BUCKETS_SET_SLOTS; k-- != 0; ) {
            bucket = slot_read(&sets[i]->slots[k]);

            if (!indebted(bucket, moment)) {
                first = &sets[i]->slots[k];
                first_bucket = bucket;
                count++;
            }
        }

        if (count > most) {
            most = count;
            found = first;
            *held = first_bucket;
        }
    }

    return (dp_bucket_t *) found;
}

/* Empties the key's slot; what it owed until then, 0 when it was not the key's. */
static uint64_t
slot_take(dp_bucket_t *slot, uint64_t key)
{
    dp_bucket_t held;

    do {
        held = slot_read(slot);

        if (held.key != key) {
            return 0;
        }
    } while (!slot_swap(slot, held, (dp_bucket_t) {0, 0}));

    return held.tat_ns;
}

/* --- debts that move -------------------------------------------------------- */

/* Adds what `debt` owes to the bucket of its key; false when it has no room. */
static bool
debt_add(dp_buckets_t *table, dp_bucket_t debt, const dp_gcra_moment_t *moment)
{
    dp_bucket_t *slot, held, sum;

    do {
        sum = debt;
        slot = slot_find(table, debt.key, NULL);

        if (slot == NULL) {
            slot = slot_vacant(table, debt.key, moment, &held);
            if (slot == NULL) {
                return false;
            }

        } else {
            held = slot_read(slot);
            held.key = debt.key;

            if (held.tat_ns > moment->now_ns) {
                sum.tat_ns += held.tat_ns - moment->now_ns;
            }
        }
    } while (!slot_swap(slot, held, sum));

    return true;
}

static void
debt_move(dp_buckets_t *table, dp_bucket_t *slot, uint64_t key,
          const dp_gcra_moment_t *moment)
{
    dp_bucket_t debt = {key, slot_take(slot, key)};

    if (indebted(debt, moment)) {
        (void) debt_add(table, debt, moment);
    }
}

/*
 * Leaves one slot to the key, after `own` was claimed: the first, unless another
 * one owes already.
 */
static void
claim_settle(dp_buckets_t *table, dp_bucket_t *own, uint64_t key,
             const dp_gcra_moment_t *moment)
{
    dp_bucket_t *other;

    while ((other = slot_find(table, key, own)) != NULL) {
        if (other < own || indebted(slot_read(other), moment)) {
            debt_move(table, own, key, moment);
            return;
        }

        debt_move(table, other, key, moment);
    }
}

/* Makes a slot the key's, unless another process was faster; false: no room. */
static bool
slot_claim(dp_buckets_t *table, uint64_t key, const dp_gcra_moment_t *moment)
{
    dp_bucket_t  held;
    dp_bucket_t *slot = slot_vacant(table, key, moment, &held);

    if (slot == NULL) {
        return false;
    }

    if (slot_swap(slot, held, (dp_bucket_t) {key, 0})) {
        claim_settle(table, slot, key, moment);
    }

    return true;
}

/* --- buckets of last resort ------------------------------------------------- */

static const uint64_t *
shared_word(const dp_buckets_t *table, const dp_bucket_charge_t *charge)
{
    return &table->shared_ns[charge->kind][charge->hash % DP_BUCKETS_SHARED];
}

static dp_gcra_result_t
word_charge(const dp_bucket_charge_t *charge, uint64_t tat_ns)
{
    return dp_gcra_charge(charge->policy, &charge->moment, tat_ns, charge->cost);
}

static dp_gcra_result_t
shared_charge(dp_buckets_t *table, const dp_bucket_charge_t *charge)
{
    uint64_t        *word = (uint64_t *) shared_word(table, charge);
    uint64_t         tat_ns = load(word);
    dp_gcra_result_t result;

    (void) __atomic_fetch_add(&table->overflows, 1, __ATOMIC_RELAXED);

    do {
        result = word_charge(charge, tat_ns);
    } while (!__atomic_compare_exchange_n(word, &tat_ns, result.tat_ns, false,
                                          __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));

    return result;
}

/* --- charges ---------------------------------------------------------------- */

/* False when the slot has become another key's. */
static bool
slot_charge(dp_bucket_t *slot, const dp_bucket_charge_t *charge,
            dp_gcra_result_t *result)
{
    dp_bucket_t held, charged = {key_of(charge), 0};

    do {
        held = slot_read(slot);

        if (held.key != charged.key) {
            return false;
        }

        *result = word_charge(charge, held.tat_ns);
        charged.tat_ns = result->tat_ns;
    } while (!slot_swap(slot, held, charged));

    return true;
}

dp_gcra_result_t
dp_buckets_charge(dp_buckets_t *table, const dp_bucket_charge_t *charge)
{
    uint64_t         key = key_of(charge);
    dp_bucket_t     *slot;
    dp_gcra_result_t result;

    do {
        slot = slot_find(table, key, NULL);

        if (slot == NULL && !slot_claim(table, key, &charge->moment)) {
            return shared_charge(table, charge);
        }
    } while (slot == NULL || !slot_charge(slot, charge, &result));

    return result;
}

dp_gcra_result_t
dp_buckets_look(const dp_buckets_t *table, const dp_bucket_charge_t *charge)
{
    uint64_t           key = key_of(charge);
    dp_bucket_t        held;
    const dp_bucket_t *slot;

    do {
        slot = slot_find(table, key, NULL);

        if (slot == NULL) {
            slot = slot_vacant(table, key, &charge->moment, &held);

            return word_charge(charge, slot != NULL
                                           ? 0
                                           : load(shared_word(table, charge)));
        }

        held = slot_read(slot);
    } while (held.key != key || load(&slot->key) != key);

    return word_charge(charge, held.tat_ns);
}

void
dp_buckets_drain(dp_buckets_t *table, const dp_bucket_charge_t *charge)
{
    dp_bucket_charge_t rest = *charge;
    dp_gcra_result_t   result = dp_buckets_charge(table, charge);

    if (!result.allowed) {
        rest.cost = result.remaining;
        (void) dp_buckets_charge(table, &rest);
    }
}

typedef uint64_t change_t(const dp_bucket_charge_t *charge, uint64_t tat_ns);

/* Changes the key's word, where it has one. */
static void
bucket_change(const dp_buckets_t *table, const dp_bucket_charge_t *charge,
              change_t *change)
{
    dp_bucket_t  held, changed;
    dp_bucket_t *slot = slot_find(table, key_of(charge), NULL);

    if (slot == NULL) {
        return;
    }

    do {
        held = slot_read(slot);

        if (held.key != key_of(charge)) {
            return;
        }

        changed = (dp_bucket_t) {held.key, change(charge, held.tat_ns)};
    } while (!slot_swap(slot, held, changed));
}

static uint64_t
refunded(const dp_bucket_charge_t *charge, uint64_t tat_ns)
{
    return dp_gcra_refund(charge->policy, tat_ns, charge->cost);
}

static uint64_t
trimmed(const dp_bucket_charge_t *charge, uint64_t tat_ns)
{
    return dp_gcra_trim(charge->policy, &charge->moment, tat_ns);
}

void
dp_buckets_refund(dp_buckets_t *table, const dp_bucket_charge_t *charge)
{
    bucket_change(table, charge, refunded);
}

void
dp_buckets_trim(dp_buckets_t *table, const dp_bucket_charge_t *charge)
{
    bucket_change(table, charge, trimmed);
}

void
dp_buckets_prefetch(const dp_buckets_t *table, const dp_bucket_charge_t *charge)
{
    const dp_bucket_set_t *sets[CHOICES];

    sets_of(table, key_of(charge), sets);

    for (unsigned i = 0; i < CHOICES; i++) {
        __builtin_prefetch(sets[i]);
    }
}

/* --- the table as a whole --------------------------------------------------- */

uint64_t
dp_buckets_sets_in(size_t size)
{
    return size < sizeof(dp_buckets_t)
               ? 0
               : (size - sizeof(dp_buckets_t)) / sizeof(dp_bucket_set_t);
}

uint64_t
dp_buckets_copy(dp_buckets_t *table, const dp_buckets_t *from,
                const dp_gcra_moment_t *moment)
{
    uint64_t homeless = 0;

    for (uint64_t i = 0; i < from->set_count * DP_BUCKETS_SET_SLOTS; i++) {
        dp_bucket_t debt =
            slot_read(&from->sets[i / DP_BUCKETS_SET_SLOTS]
                           .slots[i % DP_BUCKETS_SET_SLOTS]);

        if (indebted(debt, moment) && !debt_add(table, debt, moment)) {
            homeless++;
        }
    }

    memcpy(table->shared_ns, from->shared_ns, sizeof(table->shared_ns));

    return homeless;
}

uint64_t
dp_buckets_indebted(const dp_buckets_t *table, const dp_gcra_moment_t *moment,
                    uint64_t sample)
{
    uint64_t count = 0, stride = table->set_count / sample;

    for (uint64_t i = 0; i < sample * DP_BUCKETS_SET_SLOTS; i++) {
        const dp_bucket_set_t *set =
            &table->sets[i / DP_BUCKETS_SET_SLOTS * stride];

        if (indebted(slot_read(&set->slots[i % DP_BUCKETS_SET_SLOTS]), moment)) {
            count++;
        }
    }

    return count;
}
