/*
 * Which statements a connection has prepared: a set of pointers.
 *
 * Grows with the number of statements in the program and is emptied with the
 * connection.
 */

#ifndef DP_PREPARED_H
#define DP_PREPARED_H

#include "statement.h"

typedef struct {
    const dp_statement_t **slots; /* open addressing; NULL: free */
    size_t                 capacity; /* 0, or a power of two */
    size_t                 count;
} dp_prepared_t;

bool dp_prepared_has(const dp_prepared_t *set, const dp_statement_t *statement);
void dp_prepared_add(dp_prepared_t *set, const dp_statement_t *statement);
void dp_prepared_clear(dp_prepared_t *set);

#endif /* DP_PREPARED_H */
