/*
 * The table of principals: sets of four entries of two cache lines each.
 *
 * Words are moved one by one, atomically and in any order: it is the checksum
 * that says whether they belong together.  It tells records from what chance
 * makes of them, half of one and half of another; who can write here needs no
 * forgery.  Names are compared in one go, as keyed digests tell nothing about
 * the credential by how far they agree.
 */

#include "dp_principal_table.h"

#define CACHE_LINE 64
#define PLACES 4
#define WORDS (sizeof(dp_principal_record_t) / sizeof(uint64_t))

/* The record is its own image: no padding that would be hashed. */
_Static_assert(sizeof(dp_principal_record_t)
                   == offsetof(dp_principal_record_t, refused)
                          + sizeof(uint16_t),
               "a record has padding at its end");
_Static_assert(offsetof(dp_principal_record_t, plan)
                   == offsetof(dp_principal_record_t, principal)
                          + 2 * sizeof(uint16_t) + 3 * DP_ID_SIZE,
               "a record has padding within");
_Static_assert(sizeof(dp_principal_record_t) % sizeof(uint64_t) == 0,
               "a record is not of whole words");

typedef struct {
    uint64_t check;
    uint64_t words[WORDS];
} __attribute__((aligned(CACHE_LINE))) entry_t;

typedef struct {
    entry_t entries[PLACES];
} set_t;

struct dp_principal_table_s {
    dp_siphash_key_t name_key;
    uint64_t         check_start;
    uint64_t         check_factor; /* odd */
    uint64_t         set_count;
    set_t            sets[] __attribute__((aligned(CACHE_LINE)));
};

_Static_assert(sizeof(dp_principal_table_t) + sizeof(set_t)
                   <= DP_PRINCIPAL_TABLE_MIN,
               "the smallest table has no set");

void
dp_principal_table_init(dp_principal_table_t *table, size_t size,
                        const uint8_t *random)
{
    memset(table, 0, size);
    memcpy(&table->name_key, random, sizeof(table->name_key));
    memcpy(&table->check_start, random + 16, sizeof(table->check_start));
    memcpy(&table->check_factor, random + 24, sizeof(table->check_factor));
    table->check_factor |= 1;
    table->set_count = (size - sizeof(*table)) / sizeof(set_t);
}

void
dp_principal_table_name(const dp_principal_table_t *table, uint64_t *name,
                        dp_slice_t credential)
{
    dp_siphash_128(name, &table->name_key, credential);
}

/* Each word is multiplied in; the product's halves are folded (as wyhash does). */
static uint64_t
checksum(const dp_principal_table_t *table, const dp_principal_record_t *record)
{
    uint64_t words[WORDS];
    uint64_t sum = table->check_start;

    memcpy(words, record, sizeof(words));

    for (size_t i = 0; i < WORDS; i++) {
        unsigned __int128 product =
            (unsigned __int128) (sum ^ words[i]) * table->check_factor;

        sum = (uint64_t) product ^ (uint64_t) (product >> 64);
    }

    return sum;
}

static bool
name_equal(const uint64_t *a, const uint64_t *b)
{
    return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
}

static bool
entry_read(const dp_principal_table_t *table, const entry_t *entry,
           dp_principal_record_t *record)
{
    uint64_t check = __atomic_load_n(&entry->check, __ATOMIC_RELAXED);

    for (size_t i = 0; i < WORDS; i++) {
        uint64_t word = __atomic_load_n(&entry->words[i], __ATOMIC_RELAXED);

        memcpy((uint8_t *) record + i * sizeof(word), &word, sizeof(word));
    }

    return check == checksum(table, record);
}

static void
entry_write(const dp_principal_table_t *table, entry_t *entry,
            const dp_principal_record_t *record)
{
    uint64_t words[WORDS];

    memcpy(words, record, sizeof(words));

    for (size_t i = 0; i < WORDS; i++) {
        __atomic_store_n(&entry->words[i], words[i], __ATOMIC_RELAXED);
    }

    __atomic_store_n(&entry->check, checksum(table, record), __ATOMIC_RELAXED);
}

/* Whose entry it is, or half is: good enough to choose, not to believe. */
static bool
entry_named(const entry_t *entry, const uint64_t *name)
{
    const uint64_t found[DP_PRINCIPAL_NAME_WORDS] = {
        __atomic_load_n(&entry->words[0], __ATOMIC_RELAXED),
        __atomic_load_n(&entry->words[1], __ATOMIC_RELAXED),
    };

    return name_equal(found, name);
}

bool
dp_principal_table_find(const dp_principal_table_t *table, const uint64_t *name,
                        dp_principal_record_t *record)
{
    /* a copy: the caller's may lie in the record that is read to */
    const uint64_t wanted[DP_PRINCIPAL_NAME_WORDS] = {name[0], name[1]};
    const set_t   *set = &table->sets[name[0] % table->set_count];

    for (size_t i = 0; i < PLACES; i++) {
        if (entry_named(&set->entries[i], wanted)
            && entry_read(table, &set->entries[i], record)
            && name_equal(record->name, wanted))
        {
            return true;
        }
    }

    return false;
}

/* How much a place suits a record: the less its present one is worth. */
typedef enum {
    PLACE_NO,        /* a principal, and the record is a refusal */
    PLACE_PRINCIPAL, /* of these, the oldest one goes */
    PLACE_REFUSAL,   /* likewise */
    PLACE_USELESS,
    PLACE_EMPTY, /* or torn */
    PLACE_OWN,
} suitability_t;

static suitability_t
entry_judge(const dp_principal_table_t *table, const entry_t *entry,
            const dp_principal_record_t *record, uint64_t useful_ms,
            uint64_t *asked_ms)
{
    dp_principal_record_t old;

    *asked_ms = 0;

    if (entry_named(entry, record->name)) {
        return PLACE_OWN;
    }

    if (!entry_read(table, entry, &old)) {
        return PLACE_EMPTY;
    }

    *asked_ms = old.asked_ms;

    if (old.asked_ms < useful_ms) {
        return PLACE_USELESS;
    }

    if (old.refused != 0) {
        return PLACE_REFUSAL;
    }

    return record->refused != 0 ? PLACE_NO : PLACE_PRINCIPAL;
}

void
dp_principal_table_keep(dp_principal_table_t *table,
                        const dp_principal_record_t *record, uint64_t useful_ms)
{
    set_t        *set = &table->sets[record->name[0] % table->set_count];
    entry_t      *chosen = NULL;
    suitability_t best = PLACE_NO;
    uint64_t      oldest_ms = 0;

    for (size_t i = 0; i < PLACES; i++) {
        uint64_t      asked_ms;
        suitability_t found = entry_judge(table, &set->entries[i], record,
                                          useful_ms, &asked_ms);

        if (found > best || (found == best && asked_ms < oldest_ms)) {
            chosen = &set->entries[i];
            best = found;
            oldest_ms = asked_ms;
        }
    }

    if (best != PLACE_NO) {
        entry_write(table, chosen, record);
    }
}

uint64_t
dp_principal_table_slots(const dp_principal_table_t *table)
{
    return table->set_count * PLACES;
}

uint64_t
dp_principal_table_used(const dp_principal_table_t *table, uint64_t sample)
{
    uint64_t sets = sample < table->set_count ? sample : table->set_count;
    uint64_t stride = table->set_count / sets;
    uint64_t count = 0;

    for (uint64_t i = 0; i < sets * PLACES; i++) {
        dp_principal_record_t record;

        count += entry_read(table,
                            &table->sets[i / PLACES * stride].entries[i % PLACES],
                            &record);
    }

    return count * table->set_count / sets;
}
