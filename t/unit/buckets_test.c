/*
 * The table of buckets: exact when several processes charge it at once, and
 * valid whatever becomes of them.
 */

#include "dp_buckets.h"
#include "unit.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND DP_GCRA_SECOND_NS
#define START (UINT64_C(5000) * DP_GCRA_MINUTE_NS)
#define PROCESSES 4

static const dp_gcra_policy_t one_a_second = {
    .interval_ns = SECOND, .burst = 20, .refill = DP_GCRA_CONTINUOUS,
};

/* Zeroed memory that children share; goes with the test. */
static void *
shared_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(memory, MAP_FAILED);

    return memory;
}

static dp_buckets_t *
table_make(uint64_t sets)
{
    size_t        size = sizeof(dp_buckets_t) + sets * sizeof(dp_bucket_set_t);
    dp_buckets_t *table = shared_memory(size);

    ck_assert_uint_eq(dp_buckets_sets_in(size), sets);
    table->set_count = sets;

    return table;
}

/* Spreads a small number over all bits, as a keyed hash does (splitmix64). */
static uint64_t
hash_of(uint64_t number)
{
    number += UINT64_C(0x9e3779b97f4a7c15);
    number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);

    return number ^ number >> 31;
}

static dp_bucket_charge_t
charge_of(uint64_t number, uint64_t now_ns, uint32_t cost)
{
    return (dp_bucket_charge_t) {
        .hash = hash_of(number),
        .kind = 3,
        .cost = cost,
        .policy = &one_a_second,
        .moment = {now_ns, now_ns},
    };
}

static bool
charged(dp_buckets_t *table, uint64_t number, uint64_t now_ns)
{
    dp_bucket_charge_t charge = charge_of(number, now_ns, 1);

    return dp_buckets_charge(table, &charge).allowed;
}

static unsigned
passes(dp_buckets_t *table, uint64_t number, uint64_t now_ns)
{
    unsigned count = 0;

    while (charged(table, number, now_ns)) {
        count++;
    }

    return count;
}

START_TEST(a_bucket_keeps_its_debt)
{
    dp_buckets_t      *table = table_make(16);
    dp_bucket_charge_t charge = charge_of(1, START, 15);

    ck_assert_uint_eq(dp_buckets_look(table, &charge).remaining, 5);
    ck_assert_uint_eq(dp_buckets_look(table, &charge).remaining, 5);
    ck_assert(dp_buckets_charge(table, &charge).allowed);
    ck_assert(!dp_buckets_look(table, &charge).allowed);
    ck_assert(!dp_buckets_charge(table, &charge).allowed);

    dp_buckets_refund(table, &charge);
    ck_assert(dp_buckets_charge(table, &charge).allowed);
    ck_assert_uint_eq(passes(table, 1, START), 5);
    ck_assert_uint_eq(passes(table, 2, START), 20);
    ck_assert_uint_eq(passes(table, 1, START + 3 * SECOND), 3);
    ck_assert_uint_eq(dp_buckets_indebted(table, &charge.moment, 16), 2);
    ck_assert_uint_eq(table->overflows, 0);
}
END_TEST

START_TEST(a_drain_takes_what_there_is)
{
    dp_buckets_t      *table = table_make(16);
    dp_bucket_charge_t charge = charge_of(1, START, 15);

    dp_buckets_drain(table, &charge);
    ck_assert_uint_eq(passes(table, 1, START), 5);
    dp_buckets_refund(table, &(dp_bucket_charge_t) {
        .hash = charge.hash, .cost = 3, .policy = &one_a_second,
        .moment = charge.moment,
    });
    dp_buckets_drain(table, &charge);
    ck_assert_uint_eq(passes(table, 1, START), 0);
    ck_assert_uint_eq(passes(table, 1, START + SECOND), 1);
}
END_TEST

START_TEST(what_exceeds_the_burst_is_forgiven_on_demand)
{
    dp_buckets_t      *table = table_make(16);
    dp_bucket_charge_t charge = charge_of(1, START, 20);

    ck_assert(dp_buckets_charge(table, &charge).allowed);
    charge.moment = (dp_gcra_moment_t) {START - 9 * SECOND, START - 9 * SECOND};
    ck_assert(dp_buckets_look(table, &charge).overdrawn);
    dp_buckets_trim(table, &charge);
    ck_assert(!dp_buckets_look(table, &charge).overdrawn);
    ck_assert_uint_eq(passes(table, 1, START), 9);
}
END_TEST

START_TEST(the_key_0_is_a_key)
{
    dp_buckets_t      *table = table_make(1);
    dp_bucket_charge_t charge = charge_of(0, START, 20);

    charge.hash = 0;
    ck_assert(dp_buckets_charge(table, &charge).allowed);
    ck_assert(!dp_buckets_charge(table, &charge).allowed);
}
END_TEST

/* Who owes stays; newcomers share eight buckets, whoever they are. */
START_TEST(a_flood_of_keys_buys_no_amnesty)
{
    dp_buckets_t *table = table_make(64);
    unsigned      slots = 64 * DP_BUCKETS_SET_SLOTS, admitted = 0;

    ck_assert_uint_eq(passes(table, 1, START), 20);

    for (uint64_t number = 2; number < 200000; number++) {
        admitted += charged(table, number, START);
    }

    ck_assert_uint_eq(passes(table, 1, START), 0);
    ck_assert_uint_le(admitted, slots - 1 + 20 * DP_BUCKETS_SHARED);
    ck_assert_uint_gt(admitted, slots / 2);
    ck_assert_uint_ge(table->overflows, 199998 - admitted);

    ck_assert(charged(table, 300000, START + 2 * SECOND));
    ck_assert_uint_eq(passes(table, 1, START + 2 * SECOND), 2);
}
END_TEST

START_TEST(a_bucket_of_the_present_minute_stays_until_the_next)
{
    dp_buckets_t      *table = table_make(1);
    dp_bucket_charge_t charge = charge_of(1, START, 5);
    dp_gcra_policy_t   by_minute = one_a_second;

    by_minute.refill = DP_GCRA_MINUTE;
    charge.policy = &by_minute;
    ck_assert(dp_buckets_charge(table, &charge).allowed);

    for (uint64_t number = 2; number < 100; number++) {
        dp_bucket_charge_t other = charge_of(number, START + 50 * SECOND, 1);

        other.moment.minute_ns = START;
        (void) dp_buckets_charge(table, &other);
    }

    charge.moment.now_ns = START + 50 * SECOND;
    ck_assert_uint_eq(dp_buckets_look(table, &charge).remaining, 10);
}
END_TEST

START_TEST(another_size_carries_the_debts_over)
{
    dp_gcra_moment_t moment = {START, START};
    dp_buckets_t    *small = table_make(200), *large = table_make(900),
                    *tiny = table_make(2);

    for (uint64_t number = 0; number < 300; number++) {
        dp_bucket_charge_t charge = charge_of(number, START, number % 20);

        (void) dp_buckets_charge(small, &charge);
    }

    small->shared_ns[3][1] = START + 7 * SECOND;
    ck_assert_uint_eq(dp_buckets_copy(large, small, &moment), 0);
    ck_assert_uint_eq(large->shared_ns[3][1], START + 7 * SECOND);

    for (uint64_t number = 0; number < 300; number++) {
        ck_assert_uint_eq(passes(large, number, START), 20 - number % 20);
    }

    ck_assert_uint_eq(dp_buckets_copy(tiny, large, &moment), 300 - 8);
}
END_TEST

/* --- several processes ------------------------------------------------------ */

typedef struct {
    uint64_t now_ns;
    uint64_t go;
    uint64_t arrived;
    uint64_t rounds; /* to be played */
    uint64_t admitted[1 << 16];
} scene_t;

typedef void play_t(dp_buckets_t *table, scene_t *scene, unsigned process);

static void
processes_start(pid_t *pids, play_t *play, dp_buckets_t *table, scene_t *scene)
{
    for (unsigned i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        ck_assert_int_ge(pids[i], 0);

        if (pids[i] == 0) {
            while (__atomic_load_n(&scene->go, __ATOMIC_ACQUIRE) == 0) {
            }

            play(table, scene, i);
            _exit(0);
        }
    }

    __atomic_store_n(&scene->go, 1, __ATOMIC_RELEASE);
}

static void
processes_play(play_t *play, dp_buckets_t *table, scene_t *scene)
{
    pid_t pids[PROCESSES];
    int   status;

    processes_start(pids, play, table, scene);

    for (unsigned i = 0; i < PROCESSES; i++) {
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
}

static void
admit(dp_buckets_t *table, scene_t *scene, uint64_t number, uint64_t now_ns)
{
    if (charged(table, number, now_ns)) {
        __atomic_fetch_add(&scene->admitted[number], 1, __ATOMIC_RELAXED);
    }
}

#define KEYS 3000

/* All charge the same new keys at the same time, so that they race to claim. */
static void
play_new_keys(dp_buckets_t *table, scene_t *scene, unsigned process)
{
    for (uint64_t number = 0; number < KEYS; number++) {
        for (unsigned i = 0; i < 9; i++) {
            admit(table, scene, number, START);

            /* what makes room differs from one look to the next */
            (void) charged(table, KEYS + number * PROCESSES + process,
                           START - 40 * SECOND);
        }
    }
}

START_TEST(exact_with_four_processes_that_find_new_keys)
{
    dp_buckets_t *table = table_make(4 * KEYS);
    scene_t      *scene = shared_memory(sizeof(*scene));

    processes_play(play_new_keys, table, scene);

    for (uint64_t number = 0; number < KEYS; number++) {
        ck_assert_uint_eq(scene->admitted[number], 20);
        ck_assert_uint_eq(passes(table, number, START + SECOND), 1);
    }
}
END_TEST

#define ROUND_KEYS 40000
#define ROUNDS_LIMIT_S 10 /* then the first process ends them */

/*
 * Processes of one round at a time, in a table so small that all is in motion.  On
 * a busy machine, where they wait for each other's turn, fewer rounds must do.
 */
static void
play_rounds(dp_buckets_t *table, scene_t *scene, unsigned process)
{
    time_t until = time(NULL) + ROUNDS_LIMIT_S;

    for (uint64_t number = 0;
         number < __atomic_load_n(&scene->rounds, __ATOMIC_ACQUIRE); number++) {
        uint64_t now = START + number * 1000 * SECOND;

        if (process == 0 && time(NULL) > until) {
            __atomic_store_n(&scene->rounds, number + 1, __ATOMIC_RELEASE);
        }

        __atomic_add_fetch(&scene->arrived, 1, __ATOMIC_ACQ_REL);

        while (__atomic_load_n(&scene->arrived, __ATOMIC_ACQUIRE)
               < (number + 1) * PROCESSES)
        {
            sched_yield();
        }

        for (unsigned i = 0; i < 8; i++) {
            (void) charged(table, hash_of(number * 64 + process * 8 + i), now);
            admit(table, scene, number, now);
        }
    }
}

START_TEST(exact_where_slots_come_and_go)
{
    dp_buckets_t *table = table_make(100);
    scene_t      *scene = shared_memory(sizeof(*scene));
    unsigned      wrong = 0;

    scene->rounds = ROUND_KEYS;
    processes_play(play_rounds, table, scene);
    ck_assert_uint_eq(table->overflows, 0);
    ck_assert_uint_gt(scene->rounds, 0);

    for (uint64_t number = 0; number < scene->rounds; number++) {
        wrong += scene->admitted[number] != 20;
    }

    ck_assert_uint_eq(wrong, 0);
}
END_TEST

#define CLOCK_KEYS 8
#define TICK (SECOND / 100)

static void
play_with_a_clock(dp_buckets_t *table, scene_t *scene, unsigned process)
{
    for (uint64_t i = 0; i < 200000; i++) {
        admit(table, scene, hash_of(i + process * 1000000) % CLOCK_KEYS,
              __atomic_add_fetch(&scene->now_ns, TICK, __ATOMIC_RELAXED));
    }
}

/* Nobody pauses for long enough to be full: the model only adds. */
START_TEST(exact_with_four_processes_and_a_clock)
{
    dp_buckets_t *table = table_make(64);
    scene_t      *scene = shared_memory(sizeof(*scene));
    uint64_t      elapsed = PROCESSES * UINT64_C(200000) * TICK;

    scene->now_ns = START;

    for (uint64_t number = 0; number < CLOCK_KEYS; number++) {
        scene->admitted[number] = passes(table, number, START);
    }

    processes_play(play_with_a_clock, table, scene);

    for (uint64_t number = 0; number < CLOCK_KEYS; number++) {
        scene->admitted[number] += passes(table, number, START + elapsed);
        ck_assert_uint_eq(scene->admitted[number], 20 + elapsed / SECOND);
    }
}
END_TEST

#define ROUNDS 10

static void
play_for_ever(dp_buckets_t *table, scene_t *scene, unsigned process)
{
    for (uint64_t i = process;; i++) {
        uint64_t number = hash_of(i) % 4096;

        admit(table, scene, number, START);
        (void) charged(table, 4096 + hash_of(i) % 4096, START - 40 * SECOND);
    }
}

/* What a killed process did not finish is one charge, counted or not. */
START_TEST(killed_processes_leave_a_valid_table)
{
    dp_buckets_t *table = table_make(16384);
    scene_t      *scene = shared_memory(sizeof(*scene));
    unsigned      wrong = 0;
    pid_t         pids[PROCESSES];

    for (unsigned round = 0; round < ROUNDS; round++) {
        processes_start(pids, play_for_ever, table, scene);
        nanosleep(&(struct timespec) {.tv_nsec = 2000000 + round * 300000}, NULL);

        for (unsigned i = 0; i < PROCESSES; i++) {
            ck_assert_int_eq(kill(pids[i], SIGKILL), 0);
            ck_assert_int_eq(waitpid(pids[i], NULL, 0), pids[i]);
        }
    }

    for (uint64_t number = 0; number < 4096; number++) {
        wrong += scene->admitted[number] + passes(table, number, START) != 20;
        ck_assert_uint_eq(passes(table, number, START + 100 * SECOND), 20);
    }

    ck_assert_uint_le(wrong, ROUNDS * PROCESSES);
    ck_assert_uint_eq(table->overflows, 0);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("buckets", a_bucket_keeps_its_debt,
                    a_drain_takes_what_there_is,
                    what_exceeds_the_burst_is_forgiven_on_demand,
                    the_key_0_is_a_key,
                    a_flood_of_keys_buys_no_amnesty,
                    a_bucket_of_the_present_minute_stays_until_the_next,
                    another_size_carries_the_debts_over,
                    exact_with_four_processes_that_find_new_keys,
                    exact_where_slots_come_and_go,
                    exact_with_four_processes_and_a_clock,
                    killed_processes_leave_a_valid_table);
}
