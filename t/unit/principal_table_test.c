/*
 * The table of principals: what is kept, who goes first, and that no reader ever
 * believes a record that is torn, by threads that write the same places and by a
 * process that is killed while it writes.
 */

#include "dp_principal_table.h"
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A table of few sets, so that names share them soon. */
#define SMALLEST DP_PRINCIPAL_TABLE_MIN

static uint8_t random_bytes[DP_PRINCIPAL_TABLE_RANDOM] =
    "not so random, but the same 32.";

static dp_principal_table_t *
table_make(size_t size)
{
    dp_principal_table_t *table =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
             0);

    ck_assert_ptr_ne(table, MAP_FAILED);
    dp_principal_table_init(table, size, random_bytes);

    return table;
}

/* A record whose every part tells its number. */
static dp_principal_record_t
record_of(const dp_principal_table_t *table, uint32_t number, uint64_t asked_ms)
{
    dp_principal_record_t record = {
        .asked_ms = asked_ms,
        .generation = number,
        .expires_us = number,
        .scopes = number,
        .plan = (uint16_t) number,
    };
    uint8_t digest[32] = {0};

    memcpy(digest, &number, sizeof(number));
    dp_principal_table_name(table, record.name, dp_slice(digest, sizeof(digest)));
    memset(record.principal.credential_id, (int) number, DP_ID_SIZE);
    memset(record.principal.user_id, (int) number, DP_ID_SIZE);
    memset(record.principal.org_id, (int) number, DP_ID_SIZE);

    return record;
}

static bool
found(const dp_principal_table_t *table, uint32_t number)
{
    dp_principal_record_t wanted = record_of(table, number, 0);
    dp_principal_record_t record;

    return dp_principal_table_find(table, wanted.name, &record)
           && record.generation == number;
}

static void
keep(dp_principal_table_t *table, uint32_t number, uint64_t asked_ms,
     uint16_t refused, uint64_t useful_ms)
{
    dp_principal_record_t record = record_of(table, number, asked_ms);

    record.refused = refused;
    dp_principal_table_keep(table, &record, useful_ms);
}

/* Numbers whose names share one set of the smallest table. */
static void
neighbours(const dp_principal_table_t *table, uint32_t *numbers, size_t count)
{
    size_t   n = 0;
    uint64_t sets = (SMALLEST - 64) / 512;

    for (uint32_t i = 1; n < count; i++) {
        if (record_of(table, i, 0).name[0] % sets == 0) {
            numbers[n++] = i;
        }
    }
}

START_TEST(a_record_is_found_as_it_was_kept)
{
    dp_principal_table_t *table = table_make(64 * 1024);
    dp_principal_record_t kept = record_of(table, 7, 70), said;

    ck_assert(!found(table, 7));
    kept.refused = 3;
    dp_principal_table_keep(table, &kept, 0);
    ck_assert(dp_principal_table_find(table, kept.name, &said));
    ck_assert_mem_eq(&said, &kept, sizeof(said));
    ck_assert(!found(table, 8));
}
END_TEST

START_TEST(a_newer_record_takes_the_place_of_its_own)
{
    dp_principal_table_t *table = table_make(SMALLEST);
    dp_principal_record_t record;
    uint32_t              n[4];

    neighbours(table, n, 4);

    for (size_t i = 0; i < 4; i++) {
        keep(table, n[i], 10 + i, 0, 0);
    }

    keep(table, n[2], 20, 1, 0);

    for (size_t i = 0; i < 4; i++) {
        ck_assert(found(table, n[i]));
    }

    record = record_of(table, n[2], 0);
    ck_assert(dp_principal_table_find(table, record.name, &record));
    ck_assert_uint_eq(record.refused, 1);
}
END_TEST

START_TEST(the_oldest_goes)
{
    dp_principal_table_t *table = table_make(SMALLEST);
    uint32_t              n[5];

    neighbours(table, n, 5);
    keep(table, n[0], 13, 0, 0);
    keep(table, n[1], 11, 0, 0);
    keep(table, n[2], 12, 0, 0);
    keep(table, n[3], 14, 0, 0);
    keep(table, n[4], 15, 0, 0);

    ck_assert(!found(table, n[1]));
    ck_assert(found(table, n[0]) && found(table, n[2]) && found(table, n[3])
              && found(table, n[4]));
}
END_TEST

START_TEST(what_is_of_no_use_goes_before_a_refusal)
{
    dp_principal_table_t *table = table_make(SMALLEST);
    uint32_t              n[5];

    neighbours(table, n, 5);
    keep(table, n[0], 13, 1, 0);
    keep(table, n[1], 14, 0, 0);
    keep(table, n[2], 11, 0, 0);
    keep(table, n[3], 15, 0, 0);
    keep(table, n[4], 16, 0, 12);

    ck_assert(!found(table, n[2]));
    ck_assert(found(table, n[0]));
}
END_TEST

START_TEST(a_refusal_goes_before_a_principal)
{
    dp_principal_table_t *table = table_make(SMALLEST);
    uint32_t              n[6];

    neighbours(table, n, 6);
    keep(table, n[0], 11, 0, 0);
    keep(table, n[1], 15, 1, 0);
    keep(table, n[2], 12, 0, 0);
    keep(table, n[3], 13, 0, 0);
    keep(table, n[4], 16, 0, 0);

    ck_assert(!found(table, n[1]));

    keep(table, n[5], 17, 1, 0);
    ck_assert(!found(table, n[5]));
    ck_assert(found(table, n[0]) && found(table, n[2]) && found(table, n[3])
              && found(table, n[4]));
}
END_TEST

START_TEST(names_need_the_key)
{
    dp_principal_table_t *one = table_make(SMALLEST), *other = table_make(SMALLEST);
    uint64_t              a[2], b[2];
    dp_slice_t            digest = DP_SLICE("the same");

    dp_principal_table_name(one, a, digest);
    dp_principal_table_name(other, b, digest);
    ck_assert_mem_eq(a, b, sizeof(a));

    random_bytes[0] ^= 1;
    dp_principal_table_init(other, SMALLEST, random_bytes);
    random_bytes[0] ^= 1;
    dp_principal_table_name(other, b, digest);
    ck_assert_uint_ne(a[0], b[0]);
    ck_assert_uint_ne(a[1], b[1]);
}
END_TEST

START_TEST(a_changed_bit_makes_it_none)
{
    dp_principal_table_t *table = table_make(SMALLEST);
    uint32_t              n[1];
    uint8_t              *bytes;
    uint8_t              *at = NULL;
    dp_principal_record_t record;

    neighbours(table, n, 1);
    record = record_of(table, n[0], 1);
    dp_principal_table_keep(table, &record, 0);

    bytes = (uint8_t *) table;
    for (size_t i = 0; at == NULL; i += 8) {
        if (memcmp(bytes + i, &record, sizeof(record)) == 0) {
            at = bytes + i;
        }
    }

    for (size_t i = 0; i < 8 * (sizeof(record) + 8); i++) {
        uint8_t *byte = at - 8 + i / 8;

        *byte ^= (uint8_t) (1u << i % 8);
        ck_assert(!found(table, n[0]));
        *byte ^= (uint8_t) (1u << i % 8);
    }

    ck_assert(found(table, n[0]));
}
END_TEST

#define NAMES 6 /* for four places */
#define TURNS 20000

typedef struct {
    dp_principal_table_t *table;
    uint32_t              numbers[NAMES];
} race_t;

/* Every part of a record that is believed tells the same number. */
static bool
record_right(const dp_principal_record_t *record, uint32_t number)
{
    return record->generation == number && record->expires_us == number
           && record->scopes == number
           && record->principal.credential_id[15] == (uint8_t) number
           && record->principal.user_id[0] == (uint8_t) number
           && record->principal.org_id[15] == (uint8_t) number;
}

/* True unless the name's record is wrong. */
static bool
believed_right(const dp_principal_table_t *table, uint32_t number)
{
    dp_principal_record_t record = record_of(table, number, 0);

    return !dp_principal_table_find(table, record.name, &record)
           || record_right(&record, number);
}

/* Writes and reads; returns `race` when something was wrong.  Asserts nothing:
 * Check's own messages are neither for threads nor for processes that die. */
static void *
race_run(void *data)
{
    race_t *race = data;
    void   *wrong = NULL;

    for (uint64_t turn = 1; turn < TURNS; turn++) {
        keep(race->table, race->numbers[turn % NAMES], turn, 0, 0);

        if (!believed_right(race->table, race->numbers[turn * 5 % NAMES])) {
            wrong = race;
        }
    }

    return wrong;
}

START_TEST(writers_of_one_place_are_never_believed_together)
{
    race_t    race = {.table = table_make(SMALLEST)};
    pthread_t threads[4];
    void     *wrong;

    neighbours(race.table, race.numbers, NAMES);

    for (size_t i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, race_run, &race);
    }

    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], &wrong);
        ck_assert_ptr_null(wrong);
    }
}
END_TEST

START_TEST(a_writer_that_is_killed_leaves_a_valid_table)
{
    race_t race = {.table = table_make(SMALLEST)};

    neighbours(race.table, race.numbers, NAMES);

    for (int round = 0; round < 50; round++) {
        pid_t pid = fork();

        if (pid == 0) {
            for (;;) {
                race_run(&race);
            }
        }

        usleep((useconds_t) (500 + 37 * round));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);

        for (size_t i = 0; i < NAMES; i++) {
            ck_assert(believed_right(race.table, race.numbers[i]));
        }
    }

    keep(race.table, race.numbers[0], TURNS, 0, 0);
    ck_assert(found(race.table, race.numbers[0]));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("principal_table", a_record_is_found_as_it_was_kept,
                    a_newer_record_takes_the_place_of_its_own, the_oldest_goes,
                    what_is_of_no_use_goes_before_a_refusal,
                    a_refusal_goes_before_a_principal, names_need_the_key,
                    a_changed_bit_makes_it_none,
                    writers_of_one_place_are_never_believed_together,
                    a_writer_that_is_killed_leaves_a_valid_table);
}
