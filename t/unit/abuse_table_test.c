/*
 * The table of abuse tiers' subjects: who is raised, who makes room for whom, and
 * what is left by many processes, one of which is killed.
 */

#include "dp_abuse_table.h"
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define START (UINT64_C(1000) * MINUTE)

#define SMALL_SETS 8
#define REPORTS 64

static const dp_abuse_policy_t policy = {
    .signals = {
        [DP_ABUSE_AUTH] = {{0, 10, 20, 40}, 5 * 60 * 1000},
        [DP_ABUSE_BURST] = {{0, 1, 3, 6}, 5 * 60 * 1000},
        [DP_ABUSE_PROBE] = {{0, 10, 20, 40}, 60 * 1000},
        [DP_ABUSE_HONEYPOT] = {{0, 10, 20, 40}, 60 * 1000},
    },
    .hold_ms = 5 * MINUTE,
    .block_ms = 15 * MINUTE,
    .block_max_ms = 24 * 60 * MINUTE,
    .forget_ms = 24 * 60 * MINUTE,
    .burst_ms = 10 * SECOND,
    .burst_ratio = 3,
};

/* What was told. */
typedef struct {
    dp_abuse_change_t changes[REPORTS];
    unsigned          count;
} told_t;

static void
told_add(void *data, const dp_abuse_change_t *change)
{
    told_t *told = data;

    ck_assert_uint_lt(told->count, REPORTS);
    told->changes[told->count++] = *change;
}

static dp_abuse_keeper_t
keeper_of(dp_abuse_table_t *table, told_t *told)
{
    told->count = 0;

    return (dp_abuse_keeper_t) {
        .table = table,
        .policy = &policy,
        .now_ms = START,
        .report = told_add,
        .data = told,
    };
}

static dp_abuse_table_t *
table_make(uint64_t set_count)
{
    size_t            size = sizeof(dp_abuse_table_t)
                  + set_count * sizeof(dp_abuse_set_t);
    dp_abuse_table_t *table = mmap(NULL, size, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(table, MAP_FAILED);
    table->set_count = set_count;
    table->random = (dp_siphash_key_t) {7, 11};
    ck_assert_uint_eq(dp_abuse_table_sets_in(size), set_count);

    return table;
}

static dp_abuse_party_t
address(uint32_t number)
{
    dp_abuse_party_t subject = {.kind = DP_ABUSE_ADDRESS};

    memcpy(subject.id, &number, sizeof(number));

    return subject;
}

static unsigned
tier_of(const dp_abuse_keeper_t *keeper, uint32_t number)
{
    dp_abuse_party_t subject = address(number);

    return dp_abuse_table_look(keeper, &subject).tier;
}

static void
fail_auth(const dp_abuse_keeper_t *keeper, uint32_t number, unsigned count)
{
    dp_abuse_party_t subject = address(number);

    for (unsigned i = 0; i < count; i++) {
        dp_abuse_table_note(keeper, &subject, DP_ABUSE_AUTH, 1);
    }
}

static void
told_is(const told_t *told, unsigned i, unsigned from, unsigned to)
{
    ck_assert_uint_lt(i, told->count);
    ck_assert_uint_eq(told->changes[i].from, from);
    ck_assert_uint_eq(told->changes[i].standing.tier, to);
}

START_TEST(ABU_04_each_escalation_is_told_once)
{
    static told_t     told;
    dp_abuse_table_t *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t keeper = keeper_of(table, &told);

    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_NORMAL);
    fail_auth(&keeper, 1, 45);
    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_BLOCK);
    ck_assert_uint_eq(tier_of(&keeper, 2), DP_ABUSE_NORMAL);

    ck_assert_uint_eq(told.count, 3);
    told_is(&told, 0, DP_ABUSE_NORMAL, DP_ABUSE_WARN);
    told_is(&told, 1, DP_ABUSE_WARN, DP_ABUSE_THROTTLE);
    told_is(&told, 2, DP_ABUSE_THROTTLE, DP_ABUSE_BLOCK);
    ck_assert_uint_eq(told.changes[2].signals[DP_ABUSE_AUTH], 40);
    ck_assert_uint_eq(told.changes[2].subject.id[0], 1);
}
END_TEST

START_TEST(ABU_05_enforcement_is_told_once_for_a_tier)
{
    static told_t      told;
    dp_abuse_change_t  change;
    dp_abuse_table_t  *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t  keeper = keeper_of(table, &told);
    dp_abuse_party_t subject = address(1);

    ck_assert(!dp_abuse_table_enforce(&keeper, &subject, &change));
    fail_auth(&keeper, 1, 20);
    ck_assert(dp_abuse_table_enforce(&keeper, &subject, &change));
    ck_assert_uint_eq(change.standing.tier, DP_ABUSE_THROTTLE);
    ck_assert(!dp_abuse_table_enforce(&keeper, &subject, &change));
    fail_auth(&keeper, 1, 20);
    ck_assert(dp_abuse_table_enforce(&keeper, &subject, &change));
    ck_assert_uint_eq(change.standing.tier, DP_ABUSE_BLOCK);
    ck_assert(!dp_abuse_table_enforce(&keeper, &subject, &change));
}
END_TEST

START_TEST(ABU_05_what_was_decided_in_the_shadow_ends_there)
{
    static told_t     told;
    dp_abuse_change_t change;
    uint64_t          tiers[DP_ABUSE_TIERS];
    dp_abuse_table_t *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t keeper = keeper_of(table, &told);
    dp_abuse_party_t  subject = address(2);

    keeper.shadow = true;
    fail_auth(&keeper, 1, 40);
    fail_auth(&keeper, 2, 40);
    keeper.shadow = false;
    fail_auth(&keeper, 3, 40);
    ck_assert(dp_abuse_table_enforce(&keeper, &subject, &change));
    ck_assert(!change.standing.shadow);
    keeper.shadow = true;
    subject = address(3);
    ck_assert(dp_abuse_table_enforce(&keeper, &subject, &change));
    ck_assert(change.standing.shadow);
    keeper.shadow = false;

    for (unsigned i = 0; i < 9; i++) {
        ck_assert_uint_eq(told.changes[i].standing.shadow, i < 6);
    }

    told.count = 0;
    keeper.now_ms += 15 * MINUTE;
    dp_abuse_table_sweep(&keeper, tiers);
    ck_assert_uint_eq(told.count, 3);

    for (unsigned i = 0; i < told.count; i++) {
        ck_assert_uint_eq(told.changes[i].standing.shadow,
                          told.changes[i].subject.id[0] == 1);
    }
}
END_TEST

START_TEST(ABU_05_expiry_is_told_tier_by_tier_and_counts_begin_anew)
{
    static told_t     told;
    uint64_t          tiers[DP_ABUSE_TIERS];
    dp_abuse_table_t *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t keeper = keeper_of(table, &told);

    fail_auth(&keeper, 1, 40);
    told.count = 0;
    dp_abuse_table_sweep(&keeper, tiers);
    ck_assert_uint_eq(tiers[DP_ABUSE_BLOCK], 1);
    ck_assert_uint_eq(told.count, 0);

    keeper.now_ms = START + 15 * MINUTE;
    dp_abuse_table_sweep(&keeper, tiers);
    ck_assert_uint_eq(tiers[DP_ABUSE_THROTTLE], 1);
    told_is(&told, 0, DP_ABUSE_BLOCK, DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(told.changes[0].at_ms, START + 15 * MINUTE);

    keeper.now_ms = START + 60 * MINUTE;
    dp_abuse_table_sweep(&keeper, tiers);
    ck_assert_uint_eq(told.count, 3);
    told_is(&told, 1, DP_ABUSE_THROTTLE, DP_ABUSE_WARN);
    told_is(&told, 2, DP_ABUSE_WARN, DP_ABUSE_NORMAL);
    ck_assert_uint_eq(table->raised, 0);

    for (unsigned i = 0; i < DP_ABUSE_MARK_WORDS; i++) {
        ck_assert_uint_eq(table->marks[i], 0);
    }

    fail_auth(&keeper, 1, 40);
    ck_assert_uint_eq(told.changes[told.count - 1].standing.until_ms,
                      keeper.now_ms + 30 * MINUTE);
}
END_TEST

START_TEST(ABU_04_who_comes_out_of_a_block_is_counted_anew)
{
    static told_t     told;
    dp_abuse_policy_t brief = policy;
    dp_abuse_table_t *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t keeper = keeper_of(table, &told);

    brief.block_ms = SECOND;
    keeper.policy = &brief;
    fail_auth(&keeper, 1, 40);
    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_BLOCK);
    keeper.now_ms += SECOND;
    fail_auth(&keeper, 1, 39);
    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_THROTTLE);
    fail_auth(&keeper, 1, 1);
    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_BLOCK);
}
END_TEST

START_TEST(a_block_that_is_over_is_told_before_what_comes_after_it)
{
    static told_t     told;
    dp_abuse_table_t *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t keeper = keeper_of(table, &told);

    fail_auth(&keeper, 1, 40);
    told.count = 0;
    keeper.now_ms = START + 16 * MINUTE;
    fail_auth(&keeper, 1, 40);
    ck_assert_uint_eq(told.count, 2);
    told_is(&told, 0, DP_ABUSE_BLOCK, DP_ABUSE_THROTTLE);
    told_is(&told, 1, DP_ABUSE_THROTTLE, DP_ABUSE_BLOCK);
}
END_TEST

START_TEST(ABU_03_a_path_that_fails_again_counts_nothing)
{
    static told_t      told;
    dp_abuse_table_t  *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t  keeper = keeper_of(table, &told);
    dp_abuse_party_t subject = address(1);
    char               path[3] = "/a";

    for (unsigned i = 0; i < 1000; i++) {
        path[1] = (char) ('a' + i % 9);
        keeper.now_ms += SECOND;
        (void) dp_abuse_table_note_path(&keeper, &subject, dp_slice(path, 2), 1);
    }

    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_NORMAL);

    for (unsigned i = 0; i < 40; i++) {
        path[1] = (char) ('A' + i);
        ck_assert(dp_abuse_table_note_path(&keeper, &subject, dp_slice(path, 2),
                                           1));
    }

    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_BLOCK);
}
END_TEST

START_TEST(ABU_02_a_debt_that_grows_fast_is_a_burst)
{
    static told_t      told;
    unsigned           bursts = 0;
    dp_abuse_table_t  *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t  keeper = keeper_of(table, &told);
    dp_abuse_party_t subject = address(1);

    for (unsigned i = 0; i < 45; i++) {
        keeper.now_ms = START + i * SECOND;
        bursts += dp_abuse_table_note_debt(&keeper, &subject, 3,
                                           (10 + 2 * i) * SECOND);
    }

    ck_assert_uint_eq(bursts, 3);
    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_THROTTLE);
    ck_assert_uint_eq(told.changes[0].standing.signal, DP_ABUSE_BURST);
}
END_TEST

START_TEST(a_flood_of_keys_frees_nobody_above_normal)
{
    static told_t     told;
    uint64_t          tiers[DP_ABUSE_TIERS];
    dp_abuse_table_t *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t keeper = keeper_of(table, &told);

    fail_auth(&keeper, 1, 40);
    fail_auth(&keeper, 2, 10);

    for (uint32_t i = 3; i < 10000; i++) {
        fail_auth(&keeper, i, 1);
    }

    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_BLOCK);
    ck_assert_uint_eq(tier_of(&keeper, 2), DP_ABUSE_WARN);
    ck_assert_uint_eq(table->overflows, 0);

    keeper.report = NULL;

    for (uint32_t i = 3; i < 10000; i++) {
        fail_auth(&keeper, i, 10);
    }

    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_BLOCK);
    ck_assert_uint_gt(table->overflows, 9000);
    dp_abuse_table_sweep(&keeper, tiers);
    ck_assert_uint_le(tiers[DP_ABUSE_WARN], SMALL_SETS * DP_ABUSE_SET_SLOTS - 1);
    ck_assert_uint_ge(tiers[DP_ABUSE_WARN], SMALL_SETS * DP_ABUSE_SET_SLOTS - 4);
}
END_TEST

START_TEST(who_was_blocked_before_is_remembered_longer)
{
    static told_t     told;
    uint64_t          tiers[DP_ABUSE_TIERS];
    dp_abuse_table_t *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t keeper = keeper_of(table, &told);

    fail_auth(&keeper, 1, 40);
    keeper.now_ms = START + 60 * MINUTE;
    dp_abuse_table_sweep(&keeper, tiers);
    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_NORMAL);

    for (uint32_t i = 3; i < 10000; i++) {
        fail_auth(&keeper, i, 1);
    }

    told.count = 0;
    fail_auth(&keeper, 1, 40);
    ck_assert_uint_eq(told.changes[2].standing.level, 2);
}
END_TEST

START_TEST(ABU_06_an_address_and_a_credential_of_the_same_bytes_are_two)
{
    static told_t      told;
    dp_abuse_table_t  *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t  keeper = keeper_of(table, &told);
    dp_abuse_party_t subject = address(1);

    fail_auth(&keeper, 1, 40);
    subject.kind = DP_ABUSE_CREDENTIAL;
    ck_assert_uint_eq(dp_abuse_table_look(&keeper, &subject).tier,
                      DP_ABUSE_NORMAL);
}
END_TEST

START_TEST(what_another_keeper_says_is_imposed_and_lifted)
{
    static told_t             told;
    dp_abuse_table_t         *table = table_make(SMALL_SETS);
    dp_abuse_keeper_t         keeper = keeper_of(table, &told);
    dp_abuse_party_t        subject = address(1);
    const dp_abuse_standing_t nobody = {.tier = DP_ABUSE_NORMAL};
    const dp_abuse_standing_t blocked = {
        .tier = DP_ABUSE_BLOCK,
        .level = 3,
        .until_ms = START + MINUTE,
    };

    ck_assert(dp_abuse_table_impose(&keeper, &subject, &nobody));
    ck_assert(dp_abuse_table_impose(&keeper, &subject, &blocked));
    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_BLOCK);
    dp_abuse_table_each(&keeper);
    ck_assert_uint_eq(told.count, 1);
    ck_assert_uint_eq(told.changes[0].standing.level, 3);
    ck_assert(dp_abuse_table_impose(&keeper, &subject, &nobody));
    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_NORMAL);
    ck_assert_uint_eq(told.count, 1);
}
END_TEST

START_TEST(another_table_takes_over)
{
    static told_t     told;
    dp_abuse_table_t *table = table_make(SMALL_SETS);
    dp_abuse_table_t *larger = table_make(4 * SMALL_SETS);
    dp_abuse_table_t *smallest = table_make(1);
    dp_abuse_keeper_t keeper = keeper_of(table, &told);

    fail_auth(&keeper, 1, 40);
    fail_auth(&keeper, 2, 9);

    for (uint32_t i = 3; i < 10; i++) {
        fail_auth(&keeper, i, 10);
    }

    keeper.table = larger;
    ck_assert_uint_eq(dp_abuse_table_copy(&keeper, table), 0);
    ck_assert_uint_eq(tier_of(&keeper, 1), DP_ABUSE_BLOCK);
    fail_auth(&keeper, 2, 1);
    ck_assert_uint_eq(tier_of(&keeper, 2), DP_ABUSE_WARN);

    keeper.table = smallest;
    ck_assert_uint_ge(dp_abuse_table_copy(&keeper, table), 4);
}
END_TEST

static void
hammer(dp_abuse_table_t *table)
{
    dp_abuse_keeper_t keeper = {.table = table, .policy = &policy};
    uint64_t          tiers[DP_ABUSE_TIERS];

    for (uint32_t i = 0;; i++) {
        keeper.now_ms = START + i;
        fail_auth(&keeper, i % 50, 1);

        if (i % 64 == 0) {
            dp_abuse_table_sweep(&keeper, tiers);
        }
    }
}

START_TEST(a_process_that_is_killed_leaves_a_valid_table)
{
    static told_t     told;
    dp_abuse_table_t *table = table_make(2);
    dp_abuse_keeper_t keeper = keeper_of(table, &told);
    pid_t             pids[3];

    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 3; i++) {
            pids[i] = fork();
            ck_assert_int_ge(pids[i], 0);

            if (pids[i] == 0) {
                hammer(table);
            }
        }

        usleep(2000);

        for (unsigned i = 0; i < 3; i++) {
            ck_assert_int_eq(kill(pids[i], SIGKILL), 0);
            ck_assert_int_eq(waitpid(pids[i], NULL, 0), pids[i]);
        }
    }

    keeper.now_ms = START + 48 * 60 * MINUTE;
    keeper.report = NULL;
    fail_auth(&keeper, 1000, 40);
    ck_assert_uint_eq(tier_of(&keeper, 1000), DP_ABUSE_BLOCK);
    fail_auth(&keeper, 7, 40);
    ck_assert_uint_eq(tier_of(&keeper, 7), DP_ABUSE_BLOCK);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("abuse_table", ABU_04_each_escalation_is_told_once,
                    ABU_05_what_was_decided_in_the_shadow_ends_there,
                    ABU_05_enforcement_is_told_once_for_a_tier,
                    ABU_05_expiry_is_told_tier_by_tier_and_counts_begin_anew,
                    ABU_04_who_comes_out_of_a_block_is_counted_anew,
                    a_block_that_is_over_is_told_before_what_comes_after_it,
                    ABU_03_a_path_that_fails_again_counts_nothing,
                    ABU_02_a_debt_that_grows_fast_is_a_burst,
                    a_flood_of_keys_frees_nobody_above_normal,
                    who_was_blocked_before_is_remembered_longer,
                    ABU_06_an_address_and_a_credential_of_the_same_bytes_are_two,
                    what_another_keeper_says_is_imposed_and_lifted,
                    another_table_takes_over,
                    a_process_that_is_killed_leaves_a_valid_table);
}
