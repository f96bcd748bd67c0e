/*
 * The ring of records: what is put is taken once, in its order, whoever is killed
 * while he puts or takes; and a file brings back what it has, whatever was torn.
 */

#include "dp_ring.h"
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 64
#define FILE_ID UINT64_C(0x1122334455667788)

static void *
shared_make(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(memory, MAP_FAILED);

    return memory;
}

static dp_ring_t *
ring_make(void)
{
    size_t     size = DP_RING_MIN + SLOTS * DP_RING_SLOT_SIZE;
    dp_ring_t *ring = shared_make(size);

    dp_ring_init(ring, size);

    return ring;
}

static bool
put(dp_ring_t *ring, const char *text)
{
    return dp_ring_put(ring, SLOTS, (uint32_t) getpid(), dp_slice_text(text));
}

/* The oldest record as text, taken away; "" when there is none. */
static const char *
take(dp_ring_t *ring)
{
    static char      text[DP_RING_RECORD_MAX + 1];
    dp_ring_ticket_t ticket;
    size_t           length = 0;

    if (dp_ring_oldest(ring, &ticket, 1) == 1) {
        length = dp_ring_read(ring, ticket, (uint8_t *) text);
        dp_ring_remove(ring, ticket);
    }

    text[length] = '\0';

    return text;
}

static bool
nobody_lives(uint32_t owner)
{
    (void) owner;

    return false;
}

START_TEST(what_is_put_is_taken_in_its_order)
{
    dp_ring_t *ring = ring_make();

    ck_assert_str_eq(take(ring), "");
    ck_assert(put(ring, "one") && put(ring, "two") && put(ring, "three"));
    ck_assert_uint_eq(dp_ring_used(ring), 3);
    ck_assert_str_eq(take(ring), "one");
    ck_assert(put(ring, "four"));
    ck_assert_str_eq(take(ring), "two");
    ck_assert_str_eq(take(ring), "three");
    ck_assert_str_eq(take(ring), "four");
    ck_assert_str_eq(take(ring), "");
    ck_assert_uint_eq(dp_ring_used(ring), 0);
    ck_assert_uint_eq(dp_ring_changes(ring), 8);
}
END_TEST

START_TEST(the_oldest_come_first_however_many_are_asked_for)
{
    dp_ring_t       *ring = ring_make();
    dp_ring_ticket_t tickets[5];
    char             text[16];

    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof(text), "%d", i);
        ck_assert(put(ring, text));
    }

    (void) take(ring);
    ck_assert(put(ring, "in the place of the first"));
    ck_assert_uint_eq(dp_ring_oldest(ring, tickets, 5), 5);

    for (size_t i = 0; i < 5; i++) {
        uint8_t bytes[DP_RING_RECORD_MAX];

        snprintf(text, sizeof(text), "%zu", i + 1);
        ck_assert_uint_eq(dp_ring_read(ring, tickets[i], bytes), strlen(text));
        ck_assert_mem_eq(bytes, text, strlen(text));
    }
}
END_TEST

START_TEST(a_full_ring_takes_no_more)
{
    dp_ring_t *ring = ring_make();
    uint64_t   count = 0;

    while (dp_ring_put(ring, 40, 7, DP_SLICE("ordinary"))) {
        count++;
    }

    ck_assert_uint_eq(count, 40);

    while (put(ring, "of more right")) {
        count++;
    }

    ck_assert_uint_eq(count, SLOTS);
    ck_assert_str_eq(take(ring), "ordinary");
    ck_assert(dp_ring_put(ring, 40, 7, DP_SLICE("again")));
    ck_assert(!put(ring, "one too many"));
}
END_TEST

START_TEST(a_ticket_is_good_once)
{
    dp_ring_t       *ring = ring_make();
    dp_ring_ticket_t ticket;
    uint8_t          bytes[DP_RING_RECORD_MAX];

    for (size_t i = 0; i < SLOTS; i++) {
        ck_assert(put(ring, "a record"));
    }

    ck_assert_uint_eq(dp_ring_oldest(ring, &ticket, 1), 1);
    dp_ring_remove(ring, ticket);
    ck_assert_uint_eq(dp_ring_read(ring, ticket, bytes), 0);
    ck_assert(put(ring, "in its place"));
    dp_ring_remove(ring, ticket);
    ck_assert_uint_eq(dp_ring_read(ring, ticket, bytes), 0);
    ck_assert_uint_eq(dp_ring_used(ring), SLOTS);
}
END_TEST

START_TEST(records_of_every_length)
{
    dp_ring_t       *ring = ring_make();
    dp_ring_ticket_t ticket;
    uint8_t          bytes[DP_RING_RECORD_MAX], said[DP_RING_RECORD_MAX];

    for (size_t length = 1; length <= DP_RING_RECORD_MAX; length++) {
        memset(bytes, (int) length, length);
        ck_assert(dp_ring_put(ring, SLOTS, 1, dp_slice(bytes, length)));
        ck_assert_uint_eq(dp_ring_oldest(ring, &ticket, 1), 1);
        ck_assert_uint_eq(dp_ring_read(ring, ticket, said), length);
        ck_assert_mem_eq(said, bytes, length);
        dp_ring_remove(ring, ticket);
    }
}
END_TEST

/* --- files ------------------------------------------------------------------ */

/* All that the file has not; returns how many slots those are. */
static size_t
file_write(dp_ring_t *ring, uint8_t *file, uint64_t id)
{
    size_t   written = 0;
    uint64_t state;

    for (uint64_t i = 0; i < dp_ring_extent(ring); i++) {
        if (dp_ring_unfiled(ring, i, id, file + i * DP_RING_SLOT_SIZE, &state)) {
            dp_ring_filed(ring, i, id, state);
            written++;
        }
    }

    return written;
}

START_TEST(a_file_brings_back_what_it_has)
{
    static uint8_t file[SLOTS * DP_RING_SLOT_SIZE];
    dp_ring_t     *ring = ring_make(), *again = ring_make();

    ck_assert(put(ring, "gone") && put(ring, "first") && put(ring, "second"));
    (void) take(ring);
    ck_assert_uint_ge(file_write(ring, file, FILE_ID), 3);
    ck_assert_uint_eq(file_write(ring, file, FILE_ID), 0);
    ck_assert(put(ring, "third"));
    ck_assert_uint_eq(file_write(ring, file, FILE_ID), 1);
    ck_assert_uint_ge(file_write(ring, file, FILE_ID + 1), 4);

    for (uint64_t i = 0; i < SLOTS; i++) {
        ck_assert_int_ne(dp_ring_load(again, i, file + i * DP_RING_SLOT_SIZE),
                         DP_RING_TORN);
    }

    ck_assert(put(again, "last"));
    ck_assert_str_eq(take(again), "first");
    ck_assert_str_eq(take(again), "second");
    ck_assert_str_eq(take(again), "third");
    ck_assert_str_eq(take(again), "last");
    ck_assert_str_eq(take(again), "");
}
END_TEST

START_TEST(a_slot_that_was_torn_anywhere_is_none)
{
    static uint8_t file[SLOTS * DP_RING_SLOT_SIZE];
    uint8_t        torn[DP_RING_SLOT_SIZE];
    dp_ring_t     *ring = ring_make(), *again = ring_make();
    uint64_t       slot = 0;

    ck_assert(put(ring, "a record that is longer than a word, and than two"));
    (void) file_write(ring, file, FILE_ID);

    while (dp_slice_zero(dp_slice(file + slot * DP_RING_SLOT_SIZE, 8))) {
        slot++;
    }

    for (size_t bit = 0; bit < 8 * 80; bit++) {
        if (bit / 64 == 3) {
            continue; /* the word that counts in memory only */
        }

        memcpy(torn, file + slot * DP_RING_SLOT_SIZE, sizeof(torn));
        torn[bit / 8] ^= (uint8_t) (1u << bit % 8);
        ck_assert_int_eq(dp_ring_load(again, slot, torn), DP_RING_TORN);
    }

    for (size_t length = 8; length < 80; length++) {
        memset(torn, 0, sizeof(torn));
        memcpy(torn, file + slot * DP_RING_SLOT_SIZE, length);
        ck_assert_int_eq(dp_ring_load(again, slot, torn), DP_RING_TORN);
    }

    ck_assert_uint_eq(dp_ring_used(again), 0);
    ck_assert_int_eq(dp_ring_load(again, slot, file + slot * DP_RING_SLOT_SIZE),
                     DP_RING_LOADED);
}
END_TEST

START_TEST(a_head_is_known_by_all_its_bytes)
{
    uint8_t  head[DP_RING_SLOT_SIZE];
    uint64_t id = 0;

    dp_ring_head_write(head, FILE_ID);
    ck_assert(dp_ring_head_read(head, &id));
    ck_assert_uint_eq(id, FILE_ID);

    for (size_t bit = 0; bit < 8 * 32; bit++) {
        head[bit / 8] ^= (uint8_t) (1u << bit % 8);
        ck_assert(!dp_ring_head_read(head, &id));
        head[bit / 8] ^= (uint8_t) (1u << bit % 8);
    }
}
END_TEST

/* --- who is killed ---------------------------------------------------------- */

#define WRITERS 4
#define ROUNDS 60
#define NUMBERS 200000

typedef struct {
    uint32_t writer;
    uint32_t number;
} said_t;

typedef struct {
    dp_ring_t *ring;
    uint32_t   put[WRITERS];    /* how many each has put, as he says */
    uint8_t    taken[WRITERS][NUMBERS];
} race_t;

static void
writer_run(race_t *race, uint32_t writer)
{
    for (;;) {
        uint32_t number = race->put[writer];
        said_t   said = {writer, number};

        if (number < NUMBERS
            && dp_ring_put(race->ring, SLOTS, (uint32_t) getpid(),
                           dp_slice(&said, sizeof(said)))) {
            __atomic_store_n(&race->put[writer], number + 1, __ATOMIC_RELEASE);
        } else {
            usleep(100);
        }
    }
}

/* Takes what is there, as a second one might who was not expected. */
static void
records_take(race_t *race)
{
    dp_ring_ticket_t tickets[16];
    uint8_t          bytes[DP_RING_RECORD_MAX];
    said_t           said;
    size_t           count = dp_ring_oldest(race->ring, tickets, 16);

    for (size_t i = 0; i < count; i++) {
        if (dp_ring_read(race->ring, tickets[i], bytes) == sizeof(said)) {
            memcpy(&said, bytes, sizeof(said));
            __atomic_fetch_add(&race->taken[said.writer][said.number], 1,
                               __ATOMIC_RELAXED);
        }

        dp_ring_remove(race->ring, tickets[i]);
    }
}

static pid_t
writer_start(race_t *race, uint32_t writer)
{
    pid_t pid = fork();

    if (pid == 0) {
        writer_run(race, writer);
    }

    return pid;
}

/*
 * A writer that was killed behind the record and before his note puts the same
 * number again: once more is right, for the last one of a life only.
 */
static void
all_taken(const race_t *race, size_t lives)
{
    size_t twice = 0;

    for (size_t w = 0; w < WRITERS; w++) {
        for (uint32_t n = 0; n < race->put[w]; n++) {
            ck_assert_uint_ge(race->taken[w][n], 1);
            twice += race->taken[w][n] - 1u;
        }
    }

    ck_assert_uint_le(twice, lives);
}

START_TEST(writers_that_are_killed_lose_nothing)
{
    race_t *race = shared_make(sizeof(*race));
    pid_t   pids[WRITERS];

    race->ring = ring_make();

    for (uint32_t w = 0; w < WRITERS; w++) {
        pids[w] = writer_start(race, w);
    }

    for (size_t round = 0; round < ROUNDS; round++) {
        size_t w = round % WRITERS;

        for (int i = 0; i < 20; i++) {
            records_take(race);
            usleep(50);
        }

        kill(pids[w], SIGKILL);
        waitpid(pids[w], NULL, 0);
        pids[w] = writer_start(race, (uint32_t) w);
    }

    for (size_t w = 0; w < WRITERS; w++) {
        kill(pids[w], SIGKILL);
        waitpid(pids[w], NULL, 0);
    }

    while (dp_ring_used(race->ring) != 0) {
        records_take(race);
    }

    all_taken(race, ROUNDS + WRITERS);
    dp_ring_reclaim(race->ring, nobody_lives);

    for (size_t i = 0; i < SLOTS; i++) {
        ck_assert(put(race->ring, "each slot is free again"));
    }
}
END_TEST

static void
taker_run(race_t *race)
{
    for (;;) {
        records_take(race);
    }
}

/* Readers are killed between taking and removing: at least once, as it says. */
START_TEST(takers_that_are_killed_lose_nothing)
{
    race_t *race = shared_make(sizeof(*race));

    race->ring = ring_make();

    for (size_t round = 0; round < ROUNDS; round++) {
        pid_t writer = writer_start(race, 0), taker = fork();

        if (taker == 0) {
            taker_run(race);
        }

        usleep(2000);
        kill(taker, SIGKILL);
        kill(writer, SIGKILL);
        waitpid(taker, NULL, 0);
        waitpid(writer, NULL, 0);
    }

    while (dp_ring_used(race->ring) != 0) {
        records_take(race);
    }

    for (uint32_t n = 0; n < race->put[0]; n++) {
        ck_assert_uint_ge(race->taken[0][n], 1);
    }
}
END_TEST

static bool
all_live(uint32_t owner)
{
    return owner == 4711;
}

/* As the killed leave it between two instructions: the first slot's state. */
START_TEST(a_claim_of_the_dead_is_freed)
{
    dp_ring_t     *ring = ring_make();
    const uint64_t claim = UINT64_C(4711) << 2 | 1;
    uint64_t       count = 0;

    memcpy((uint8_t *) ring + 64, &claim, sizeof(claim));

    while (put(ring, "a record")) {
        count++;
    }

    ck_assert_uint_eq(count, SLOTS - 1);
    dp_ring_reclaim(ring, all_live);
    ck_assert(!put(ring, "a claim of the living stays"));
    dp_ring_reclaim(ring, nobody_lives);
    ck_assert(put(ring, "in its place"));
    ck_assert_uint_eq(dp_ring_used(ring), SLOTS);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("ring", what_is_put_is_taken_in_its_order,
                    the_oldest_come_first_however_many_are_asked_for,
                    a_full_ring_takes_no_more, a_ticket_is_good_once,
                    records_of_every_length, a_file_brings_back_what_it_has,
                    a_slot_that_was_torn_anywhere_is_none,
                    a_head_is_known_by_all_its_bytes,
                    writers_that_are_killed_lose_nothing,
                    takers_that_are_killed_lose_nothing,
                    a_claim_of_the_dead_is_freed);
}
