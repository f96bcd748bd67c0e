/*
 * What is known of credentials, in memory that processes share without a lock.
 *
 * A record has the name of its credential, a keyed digest, and a keyed checksum
 * over all its words.  A reader copies it and verifies: a record that somebody
 * is just writing, or that a killed process left half written, is none.  So
 * every content of the memory is valid, and nothing is ever waited for.
 *
 * A name has one set of four places.  A refusal never takes the place of a
 * principal that is still of use: who makes up credentials pushes nobody out.
 */

#ifndef DP_PRINCIPAL_TABLE_H
#define DP_PRINCIPAL_TABLE_H

#include "dp_principal.h"
#include "dp_siphash.h"

#define DP_PRINCIPAL_NAME_WORDS 2
#define DP_PRINCIPAL_TABLE_RANDOM 32 /* bytes */
#define DP_PRINCIPAL_TABLE_MIN 4096  /* bytes */

typedef struct dp_principal_table_s dp_principal_table_t;

/* All of it is stored; whether it still holds is for the reader to say. */
typedef struct {
    uint64_t       name[DP_PRINCIPAL_NAME_WORDS];
    uint64_t       asked_ms;   /* when a worker was asked, CLOCK_MONOTONIC */
    uint64_t       generation; /* of the control state it was read at */
    uint64_t       expires_us; /* since 1970; 0: never */
    uint64_t       scopes;     /* bits of dp_scopes[] */
    dp_principal_t principal;
    uint16_t       plan;
    uint16_t       refused; /* dp_error_t; DP_OK: the principal is valid */
} dp_principal_record_t;

/*
 * Makes an empty table of `size` bytes, at least DP_PRINCIPAL_TABLE_MIN, aligned
 * to 64.  `random`: DP_PRINCIPAL_TABLE_RANDOM bytes that nobody else knows.
 */
void dp_principal_table_init(dp_principal_table_t *table, size_t size,
                             const uint8_t *random);

/* The name of a credential, by its text. */
void dp_principal_table_name(const dp_principal_table_t *table, uint64_t *name,
                             dp_slice_t credential);

/* Copies the record of that name; false when there is none. */
bool dp_principal_table_find(const dp_principal_table_t *table,
                             const uint64_t *name,
                             dp_principal_record_t *record)
    __attribute__((warn_unused_result));

/*
 * Stores a record in the place of an older one of its name; else in one that is
 * empty or was asked for before `useful_ms`; else in that of the oldest refusal,
 * or principal unless it is a refusal itself.
 */
void dp_principal_table_keep(dp_principal_table_t *table,
                             const dp_principal_record_t *record,
                             uint64_t useful_ms);

/* How many records it has room for. */
uint64_t dp_principal_table_slots(const dp_principal_table_t *table);

/* How many it has, whether they still hold or not, by that many sets of all. */
uint64_t dp_principal_table_used(const dp_principal_table_t *table,
                                 uint64_t sample);

#endif /* DP_PRINCIPAL_TABLE_H */
