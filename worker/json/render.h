/*
 * A reply's JSON: room for it in the arena, and the finished text.
 *
 * A renderer computes a size that always suffices before it writes; being
 * wrong about it is a mistake of ours and stops the process.
 */

#ifndef DP_RENDER_H
#define DP_RENDER_H

#include <assert.h>

#include "dp_json_out.h"
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

/* A string, or null when there is none. */
static inline void
dp_render_text_or_null(dp_writer_t *writer, dp_slice_t text)
{
    if (text.len == 0) {
        dp_write_text(writer, "null");
    } else {
        dp_json_string(writer, text);
    }
}

/* A time, or null for 0. */
static inline void
dp_render_time_or_null(dp_writer_t *writer, uint64_t unix_us)
{
    if (unix_us == 0) {
        dp_write_text(writer, "null");
    } else {
        dp_json_time(writer, unix_us);
    }
}

#endif /* DP_RENDER_H */
