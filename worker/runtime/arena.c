/*
 * Arenas: a list of blocks, the newest first, and a bump within it.
 *
 * The first block stays for the arena's life, so that an ordinary request
 * allocates nothing; the others are freed by the reset.  Something larger than
 * a block gets one of its own size.
 */

#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK_SIZE (64 * 1024 - sizeof(block_t))
#define ALIGNMENT _Alignof(max_align_t)

typedef struct block_s block_t;

struct block_s {
    block_t *next;
    uint8_t *pos;
    uint8_t *end;
    _Alignas(ALIGNMENT) uint8_t bytes[];
};

struct dp_arena_s {
    block_t *blocks;
};

static block_t *
block_create(size_t size, block_t *next)
{
    block_t *block;

    if (size > SIZE_MAX - sizeof(block_t)) {
        abort();
    }

    block = malloc(sizeof(block_t) + size);

    if (block == NULL) {
        abort();
    }

    block->next = next;
    block->pos = block->bytes;
    block->end = block->bytes + size;

    return block;
}

dp_arena_t *
dp_arena_create(void)
{
    dp_arena_t *arena = malloc(sizeof(*arena));

    if (arena == NULL) {
        abort();
    }

    arena->blocks = block_create(BLOCK_SIZE, NULL);

    return arena;
}

void
dp_arena_reset(dp_arena_t *arena)
{
    while (arena->blocks->next != NULL) {
        block_t *newest = arena->blocks;

        arena->blocks = newest->next;
        free(newest);
    }

    arena->blocks->pos = arena->blocks->bytes;
}

void
dp_arena_destroy(dp_arena_t *arena)
{
    dp_arena_reset(arena);
    free(arena->blocks);
    free(arena);
}

void *
dp_arena_alloc(dp_arena_t *arena, size_t size)
{
    block_t *block = arena->blocks;
    uint8_t *taken;

    if (size > SIZE_MAX - ALIGNMENT) {
        abort();
    }

    size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);

    if (size > (size_t) (block->end - block->pos)) {
        block = block_create(size > BLOCK_SIZE ? size : BLOCK_SIZE, block);
        arena->blocks = block;
    }

    taken = block->pos;
    block->pos += size;

    return taken;
}

void *
dp_arena_zalloc(dp_arena_t *arena, size_t size)
{
    return memset(dp_arena_alloc(arena, size), 0, size);
}

dp_slice_t
dp_arena_copy(dp_arena_t *arena, dp_slice_t bytes)
{
    uint8_t *copy = dp_arena_alloc(arena, bytes.len + 1);

    if (bytes.len != 0) {
        memcpy(copy, bytes.data, bytes.len);
    }

    copy[bytes.len] = '\0';

    return dp_slice(copy, bytes.len);
}

dp_slice_t
dp_arena_printf(dp_arena_t *arena, const char *format, ...)
{
    va_list args, again;
    int     len;
    char   *text;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);

    if (len < 0) {
        abort();
    }

    text = dp_arena_alloc(arena, (size_t) len + 1);
    vsnprintf(text, (size_t) len + 1, format, again);
    va_end(again);

    return dp_slice(text, (size_t) len);
}
