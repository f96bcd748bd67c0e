/*
 * A reply's JSON: room for it in the arena, and the finished text.
 *
 * A renderer computes a size that always suffices before it writes; being
 * wrong about it is a mistake of ours and stops the process.
 */

#ifndef DP_RENDER_H
#define DP_RENDER_H

#include <assert.h>

#include "dp_bytes.h"
#include "runtime/arena.h"

static inline dp_writer_t
dp_render_begin(dp_arena_t *arena, size_t size)
{
    return dp_writer(dp_arena_alloc(arena, size), size);
}

static inline dp_slice_t
dp_render_end(const dp_writer_t *writer)
{
    assert(!writer->failed);

    return dp_written(writer);
}

#endif /* DP_RENDER_H */
