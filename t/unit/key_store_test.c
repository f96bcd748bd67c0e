/*
 * The store of signing keys: the newest state is kept, what it replaced is wiped,
 * and processes that are killed while they write leave a whole one.
 */

#include "dp_key_store.h"
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static dp_key_state_t state;

static bool
lives(uint32_t pid)
{
    return kill((pid_t) pid, 0) == 0;
}

static const dp_key_writer_t *
self(void)
{
    static dp_key_writer_t writer = {.lives = lives};

    writer.pid = (uint32_t) getpid();

    return &writer;
}

static dp_key_store_t *
store_make(void)
{
    static const uint8_t random[DP_KEY_STORE_RANDOM + 1] = "not so random 16";
    dp_key_store_t *store = mmap(NULL, dp_key_store_size(),
                                 PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(store, MAP_FAILED);
    dp_key_store_init(store, random);

    return store;
}

static bool
put_lists(dp_key_store_t *store, uint64_t generation, dp_slice_t keys,
          dp_slice_t issuers)
{
    return dp_key_store_put(store, self(), &(dp_key_lists_t) {
        .generation = generation,
        .keys = keys,
        .issuers = issuers,
    }, &state);
}

/* A state whose every byte tells its generation. */
static bool
put(dp_key_store_t *store, uint64_t generation)
{
    static uint8_t bytes[DP_CONTROL_ISSUERS_SIZE];
    size_t         len = generation % sizeof(bytes);

    memset(bytes, (int) (generation % 251) + 1, len);

    return put_lists(store, generation, dp_slice(bytes, len % DP_CONTROL_KEYS_SIZE),
                     dp_slice(bytes, len));
}

static bool
all_are(dp_slice_t bytes, uint64_t generation)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.data[i] != generation % 251 + 1) {
            return false;
        }
    }

    return true;
}

static void
state_check(uint64_t generation)
{
    size_t len = generation % DP_CONTROL_ISSUERS_SIZE;

    ck_assert_uint_eq(state.generation, generation);
    ck_assert_uint_eq(state.keys.len, len % DP_CONTROL_KEYS_SIZE);
    ck_assert_uint_eq(state.issuers.len, len);
    ck_assert(all_are(state.keys, generation));
    ck_assert(all_are(state.issuers, generation));
}

START_TEST(at_first_there_is_nothing)
{
    dp_key_store_t *store = store_make();

    ck_assert(!dp_key_store_get(store, &state));
    ck_assert_uint_eq(state.generation, 0);
    ck_assert_uint_eq(state.keys.len, 0);
    ck_assert_uint_eq(dp_key_store_generation(store), 0);
}
END_TEST

START_TEST(the_newest_is_kept)
{
    dp_key_store_t *store = store_make();

    for (uint64_t generation = 5; generation < 5000; generation += 499) {
        ck_assert(put(store, generation));
        state_check(generation);
        ck_assert(put(store, generation - 3));
        state_check(generation);
        ck_assert(put(store, generation));
        ck_assert(dp_key_store_get(store, &state));
        state_check(generation);
        ck_assert_uint_eq(dp_key_store_generation(store), generation);
    }
}
END_TEST

START_TEST(a_state_may_have_no_lists)
{
    dp_key_store_t *store = store_make();

    ck_assert(put(store, 7));
    ck_assert(put_lists(store, 8, dp_slice(NULL, 0), dp_slice(NULL, 0)));
    ck_assert(dp_key_store_get(store, &state));
    ck_assert_uint_eq(state.generation, 8);
    ck_assert_uint_eq(state.keys.len, 0);
    ck_assert_uint_eq(state.issuers.len, 0);
}
END_TEST

static bool
somewhere(const dp_key_store_t *store, dp_slice_t bytes)
{
    const uint8_t *memory = (const uint8_t *) store;

    for (size_t i = 0; i + bytes.len <= dp_key_store_size(); i++) {
        if (memcmp(memory + i, bytes.data, bytes.len) == 0) {
            return true;
        }
    }

    return false;
}

START_TEST(what_was_replaced_is_wiped)
{
    const dp_slice_t secret = DP_SLICE("a secret of thirty-two bytes, ok");
    dp_key_store_t  *store = store_make();

    ck_assert(put_lists(store, 1, secret, dp_slice(NULL, 0)));
    ck_assert(somewhere(store, secret));
    ck_assert(put(store, 2));
    ck_assert(!somewhere(store, secret));
}
END_TEST

#define WRITERS 3

static bool
state_whole(void)
{
    return state.generation == 1 || all_are(state.issuers, state.generation);
}

/* Puts one generation after the other until it is killed. */
static pid_t
writer_start(dp_key_store_t *store, uint64_t *next)
{
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);

    while (pid == 0) {
        uint64_t generation = __atomic_fetch_add(next, 1, __ATOMIC_ACQ_REL);

        (void) put(store, 1000003 * generation);
    }

    return pid;
}

START_TEST(writers_that_are_killed_leave_a_whole_state)
{
    const dp_slice_t secret = DP_SLICE("a secret of thirty-two bytes, ok");
    dp_key_store_t  *store = store_make();
    uint64_t        *next = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t         seen = 0;
    pid_t            pids[WRITERS];

    *next = 1;
    ck_assert(put_lists(store, 1, secret, dp_slice(NULL, 0)));

    for (size_t turn = 0; turn < 60; turn++) {
        for (size_t i = 0; i < WRITERS; i++) {
            pids[i] = writer_start(store, next);
        }

        for (size_t i = 0; i < 200; i++) {
            ck_assert(!dp_key_store_get(store, &state) || state_whole());
        }

        for (size_t i = 0; i < WRITERS; i++) {
            kill(pids[i], SIGKILL);
            waitpid(pids[i], NULL, 0);
        }

        ck_assert(dp_key_store_get(store, &state));
        ck_assert(state_whole());
        ck_assert_uint_ge(state.generation, seen);
        seen = state.generation;
    }

    ck_assert_uint_gt(seen, 1);
    ck_assert(put(store, 1000003 * *next));
    ck_assert(dp_key_store_get(store, &state));
    state_check(1000003 * *next);
    ck_assert(!somewhere(store, secret));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("key_store", at_first_there_is_nothing, the_newest_is_kept,
                    a_state_may_have_no_lists, what_was_replaced_is_wiped,
                    writers_that_are_killed_leave_a_whole_state);
}
