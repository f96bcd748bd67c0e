/*
 * Arenas: alignment, growth, and what a reset keeps.
 */

#include "runtime/arena.h"
#include "unit.h"

#include <stdint.h>
#include <stdlib.h>

START_TEST(memory_is_aligned_and_apart)
{
    dp_arena_t *arena = dp_arena_create();
    uint8_t    *before = dp_arena_alloc(arena, 1);

    for (size_t size = 1; size < 300; size++) {
        uint8_t *taken = dp_arena_alloc(arena, size);

        ck_assert_uint_eq((uintptr_t) taken % _Alignof(max_align_t), 0);
        memset(taken, 0xab, size);
        *before = 1;
        ck_assert_uint_eq(taken[0], 0xab);
        before = taken;
    }

    dp_arena_destroy(arena);
}
END_TEST

START_TEST(something_larger_than_a_block_fits)
{
    dp_arena_t *arena = dp_arena_create();
    uint8_t    *large = dp_arena_zalloc(arena, 5 << 20);
    uint8_t    *small = dp_arena_zalloc(arena, 10);

    ck_assert_uint_eq(large[0] + large[(5 << 20) - 1] + small[9], 0);
    memset(large, 1, 5 << 20);
    ck_assert_uint_eq(small[0], 0);

    dp_arena_destroy(arena);
}
END_TEST

START_TEST(a_reset_gives_the_same_memory_again)
{
    dp_arena_t *arena = dp_arena_create();
    void       *first = dp_arena_alloc(arena, 100);

    dp_arena_alloc(arena, 1 << 20);
    dp_arena_reset(arena);
    ck_assert_ptr_eq(dp_arena_alloc(arena, 100), first);

    dp_arena_destroy(arena);
}
END_TEST

START_TEST(texts_are_terminated)
{
    dp_arena_t *arena = dp_arena_create();
    dp_slice_t  copy = dp_arena_copy(arena, dp_slice("abcd", 3));
    dp_slice_t  none = dp_arena_copy(arena, dp_slice(NULL, 0));
    dp_slice_t  text = dp_arena_printf(arena, "%s-%d", "x", 42);

    unit_assert_text(copy, "abc");
    ck_assert_uint_eq(copy.data[3], 0);
    ck_assert_ptr_nonnull(none.data);
    ck_assert_uint_eq(none.data[0], 0);
    unit_assert_text(text, "x-42");
    ck_assert_uint_eq(text.data[4], 0);

    dp_arena_destroy(arena);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker arena", memory_is_aligned_and_apart,
                    something_larger_than_a_block_fits,
                    a_reset_gives_the_same_memory_again, texts_are_terminated);
}
