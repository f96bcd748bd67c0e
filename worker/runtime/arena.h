/*
 * Memory that lives as long as one request.
 *
 * A transaction thread owns one arena and resets it after each reply.  Nothing
 * taken from it is freed by itself.  An arena never fails: a request whose
 * memory the machine does not have aborts the process, as the supervisor's
 * restart is a better answer than half a transaction.
 */

#ifndef DP_ARENA_H
#define DP_ARENA_H

#include "dp_bytes.h"

typedef struct dp_arena_s dp_arena_t;

dp_arena_t *dp_arena_create(void);
void        dp_arena_destroy(dp_arena_t *arena);

/* Forgets everything taken; keeps the first block for the next request. */
void dp_arena_reset(dp_arena_t *arena);

/* `size` bytes, aligned for any type, not cleared. */
void *dp_arena_alloc(dp_arena_t *arena, size_t size)
    __attribute__((malloc, returns_nonnull));

/* Likewise, cleared. */
void *dp_arena_zalloc(dp_arena_t *arena, size_t size)
    __attribute__((malloc, returns_nonnull));

/* A copy; never NULL, with a zero byte behind it that `len` does not count. */
dp_slice_t dp_arena_copy(dp_arena_t *arena, dp_slice_t bytes);

/* Formatted text, terminated; `len` without the terminator. */
dp_slice_t dp_arena_printf(dp_arena_t *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif /* DP_ARENA_H */
