/*
 * The cells of the key store.
 *
 * Words are moved one by one, atomically; the checksum says whether they belong
 * together.  A cell that is being written, or wiped, has a generation other than 0
 * until it is whole, or empty: so whatever a killed process left of a secret is
 * found, and wiped.
 */

#include "dp_key_store.h"

#define CELLS 4
#define WORDS (DP_KEY_STORE_BYTES / 8)

typedef struct {
    uint64_t owner; /* process that writes it; 0: nobody */
    uint64_t generation;
    uint64_t sizes;
    uint64_t check;
    uint64_t words[WORDS];
} cell_t;

struct dp_key_store_s {
    dp_siphash_key_t key;
    uint64_t         generation;
    cell_t           cells[CELLS];
};

size_t
dp_key_store_size(void)
{
    return sizeof(dp_key_store_t);
}

void
dp_key_store_init(dp_key_store_t *store, const uint8_t *random)
{
    memcpy(&store->key, random, sizeof(store->key));
}

static uint64_t
word_get(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void
word_set(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

uint64_t
dp_key_store_generation(const dp_key_store_t *store)
{
    return word_get(&store->generation);
}

static void
generation_raise(dp_key_store_t *store, uint64_t generation)
{
    uint64_t before = word_get(&store->generation);

    while (before < generation
           && !__atomic_compare_exchange_n(&store->generation, &before,
                                           generation, true, __ATOMIC_ACQ_REL,
                                           __ATOMIC_ACQUIRE)) {
    }
}

static size_t
words_of(uint64_t sizes)
{
    return (size_t) (((sizes >> 32) + (sizes & UINT32_MAX) + 7) / 8);
}

/* Over generation and sizes, which lie before the words, and as many of these. */
static uint64_t
checksum(const dp_key_store_t *store, const dp_key_state_t *state)
{
    const dp_siphash_key_t key = {
        .k0 = store->key.k0 ^ state->generation,
        .k1 = store->key.k1 ^ state->sizes,
    };

    return dp_siphash(&key, dp_slice(state->words, 8 * words_of(state->sizes)));
}

/* Sets the lists by the sizes, which fit. */
static void
lists_set(dp_key_state_t *state)
{
    const uint8_t *bytes = (const uint8_t *) state->words;

    state->keys = dp_slice(bytes, (size_t) (state->sizes >> 32));
    state->issuers = dp_slice(bytes + state->keys.len,
                              (size_t) (state->sizes & UINT32_MAX));
}

static bool
cell_read(const dp_key_store_t *store, const cell_t *cell,
          dp_key_state_t *state)
{
    uint64_t check = word_get(&cell->check);

    state->generation = word_get(&cell->generation);
    state->sizes = word_get(&cell->sizes);

    if (state->generation == 0 || words_of(state->sizes) > WORDS) {
        return false;
    }

    for (size_t i = 0; i < words_of(state->sizes); i++) {
        state->words[i] = word_get(&cell->words[i]);
    }

    if (checksum(store, state) != check) {
        return false;
    }

    lists_set(state);

    return true;
}

/* The newest cell among those whose bit is set; NULL: there is none. */
static const cell_t *
cell_newest(const dp_key_store_t *store, unsigned among)
{
    const cell_t *newest = NULL;

    for (size_t i = 0; i < CELLS; i++) {
        const cell_t *cell = &store->cells[i];

        if (among & 1u << i && word_get(&cell->generation) != 0
            && (newest == NULL
                || word_get(&cell->generation)
                       > word_get(&newest->generation))) {
            newest = cell;
        }
    }

    return newest;
}

/* The cell whose state was copied, or NULL. */
static const cell_t *
state_read(const dp_key_store_t *store, dp_key_state_t *state)
{
    unsigned      left = (1u << CELLS) - 1;
    const cell_t *cell;

    while ((cell = cell_newest(store, left)) != NULL) {
        if (cell_read(store, cell, state)) {
            return cell;
        }

        left &= ~(1u << (cell - store->cells));
    }

    return NULL;
}

static void
state_clear(dp_key_state_t *state)
{
    state->generation = 0;
    state->keys = state->issuers = dp_slice(NULL, 0);
}

bool
dp_key_store_get(const dp_key_store_t *store, dp_key_state_t *state)
{
    if (state_read(store, state) != NULL) {
        return true;
    }

    state_clear(state);

    return false;
}

static bool
cell_claim(cell_t *cell, const dp_key_writer_t *writer)
{
    uint64_t owner = word_get(&cell->owner);

    return (owner == 0 || !writer->lives((uint32_t) owner))
           && __atomic_compare_exchange_n(&cell->owner, &owner, writer->pid,
                                          false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE);
}

static void
cell_release(cell_t *cell)
{
    word_set(&cell->owner, 0);
}

static void
cell_wipe(cell_t *cell)
{
    for (size_t i = 0; i < WORDS; i++) {
        word_set(&cell->words[i], 0);
    }

    word_set(&cell->generation, 0);
}

/* The generation goes first: what follows is seen to be there. */
static void
cell_write(const dp_key_store_t *store, cell_t *cell,
           const dp_key_state_t *state)
{
    word_set(&cell->generation, state->generation);

    for (size_t i = 0; i < WORDS; i++) {
        word_set(&cell->words[i],
                 i < words_of(state->sizes) ? state->words[i] : 0);
    }

    word_set(&cell->sizes, state->sizes);
    word_set(&cell->check, checksum(store, state));
}

/*
 * What `kept`, which is whole, has replaced.  Of two of one generation the first
 * stays, whoever else is cleaning up.
 */
static void
replaced_wipe(dp_key_store_t *store, const dp_key_writer_t *writer,
              const cell_t *kept)
{
    uint64_t generation = word_get(&kept->generation);

    for (cell_t *cell = store->cells; cell < store->cells + CELLS; cell++) {
        uint64_t other = word_get(&cell->generation);

        if (cell == kept || other == 0 || !cell_claim(cell, writer)) {
            continue;
        }

        other = word_get(&cell->generation);

        if (other < generation || (other == generation && cell > kept)) {
            cell_wipe(cell);
        }

        cell_release(cell);
    }
}

/*
 * One to write to.  Nobody ever writes over the newest whole state: it is looked
 * for again under the claim, as another process may have stored it just now.
 */
static cell_t *
cell_find(dp_key_store_t *store, const dp_key_writer_t *writer,
          uint64_t generation, dp_key_state_t *state)
{
    for (cell_t *cell = store->cells; cell < store->cells + CELLS; cell++) {
        if (!cell_claim(cell, writer)) {
            continue;
        }

        if (word_get(&cell->generation) < generation
            && state_read(store, state) != cell) {
            return cell;
        }

        cell_release(cell);
    }

    return NULL;
}

static void
state_fill(dp_key_state_t *state, const dp_key_lists_t *lists)
{
    dp_writer_t writer = dp_writer(state->words, sizeof(state->words));

    memset(state->words, 0, sizeof(state->words));
    dp_write_bytes(&writer, lists->keys);
    dp_write_bytes(&writer, lists->issuers);
    state->generation = lists->generation;
    state->sizes = (uint64_t) lists->keys.len << 32 | lists->issuers.len;
    lists_set(state);
}

bool
dp_key_store_put(dp_key_store_t *store, const dp_key_writer_t *writer,
                 const dp_key_lists_t *lists, dp_key_state_t *state)
{
    const cell_t *newest = state_read(store, state);
    cell_t       *cell;

    if (newest != NULL && state->generation >= lists->generation) {
        replaced_wipe(store, writer, newest);
        generation_raise(store, state->generation);
        return true;
    }

    cell = cell_find(store, writer, lists->generation, state);

    if (cell == NULL) {
        return false;
    }

    state_fill(state, lists);
    cell_write(store, cell, state);
    replaced_wipe(store, writer, cell);
    generation_raise(store, lists->generation);
    cell_release(cell);

    return true;
}
