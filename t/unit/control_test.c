/*
 * The packed lists of a control message: what is in them, and how they end.
 */

#include "dp_control.h"
#include "unit.h"

#include <stdlib.h>

#define ID_1 "0123456789abcdef"
#define ID_2 "fedcba9876543210"

#define REVOCATIONS ID_1 "\0\0\0\0\0\0\0\5" ID_2 "\0\6\100\0\0\0\0\1"
#define PLANS                                                              \
    "\0\12\0\0\0\170\0\0\0\74\0\0\2\130\0\0\1\54"                           \
    "\0\24\0\0\0\1\0\0\0\2\0\0\0\3\377\377\377\377"

#define BLOCKS                                                                \
    "\0\0\0\3\0\2\0\1" ID_1 "\0\6\100\0\0\0\0\1\0\0\0\0\0\0\0\7"                    \
    "\0\1\0\0\0\0\0\0" ID_2 "\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\10"

START_TEST(blocks_are_read_in_order)
{
    dp_slice_t         list = unit_copy(DP_SLICE(BLOCKS));
    dp_slice_t         rest = list;
    dp_control_block_t block;

    ck_assert(dp_control_block_next(&rest, &block));
    ck_assert_uint_eq(block.subject_kind, 0);
    ck_assert_uint_eq(block.tier, 3);
    ck_assert_uint_eq(block.level, 2);
    ck_assert_uint_eq(block.signal, 1);
    ck_assert_mem_eq(block.subject, ID_1, DP_ID_SIZE);
    ck_assert_uint_eq(block.until_us, 0x0006400000000001ull);
    ck_assert_uint_eq(block.generation, 7);
    ck_assert(dp_control_block_next(&rest, &block));
    ck_assert_uint_eq(block.subject_kind, 1);
    ck_assert_uint_eq(block.tier, 0);
    ck_assert_mem_eq(block.subject, ID_2, DP_ID_SIZE);
    ck_assert(!dp_control_block_next(&rest, &block));
    ck_assert_uint_eq(dp_control_blocks_since(list, 6).len,
                      2 * DP_CONTROL_BLOCK_SIZE);
    ck_assert_uint_eq(dp_control_blocks_since(list, 7).len,
                      DP_CONTROL_BLOCK_SIZE);
    ck_assert_uint_eq(dp_control_blocks_since(list, 8).len, 0);
    free((void *) list.data);
}
END_TEST

START_TEST(revocations_are_read_in_order)
{
    dp_slice_t              list = unit_copy(DP_SLICE(REVOCATIONS));
    dp_slice_t              rest = list;
    dp_control_revocation_t revocation;

    ck_assert(dp_control_revocation_next(&rest, &revocation));
    ck_assert_mem_eq(revocation.subject, ID_1, DP_ID_SIZE);
    ck_assert_uint_eq(revocation.generation, 5);
    ck_assert(dp_control_revocation_next(&rest, &revocation));
    ck_assert_mem_eq(revocation.subject, ID_2, DP_ID_SIZE);
    ck_assert_uint_eq(revocation.generation, 0x0006400000000001ull);
    ck_assert(!dp_control_revocation_next(&rest, &revocation));
    free((void *) list.data);
}
END_TEST

START_TEST(plans_are_read_in_order)
{
    dp_slice_t        list = unit_copy(DP_SLICE(PLANS));
    dp_slice_t        rest = list;
    dp_control_plan_t plan;

    ck_assert(dp_control_plan_next(&rest, &plan));
    ck_assert_uint_eq(plan.plan, 10);
    ck_assert_uint_eq(plan.rates.user.burst, 120);
    ck_assert_uint_eq(plan.rates.user.per_minute, 60);
    ck_assert_uint_eq(plan.rates.project.burst, 600);
    ck_assert_uint_eq(plan.rates.project.per_minute, 300);
    ck_assert(dp_control_plan_next(&rest, &plan));
    ck_assert_uint_eq(plan.plan, 20);
    ck_assert_uint_eq(plan.rates.project.per_minute, UINT32_MAX);
    ck_assert(!dp_control_plan_next(&rest, &plan));
    free((void *) list.data);
}
END_TEST

START_TEST(half_an_entry_makes_a_list_invalid)
{
    for (size_t len = 0; len < 49; len++) {
        const dp_slice_t list = dp_slice(NULL, len), none = dp_slice(NULL, 0);

        ck_assert_int_eq(dp_control_lists_valid(list, none, none),
                         len % DP_CONTROL_REVOCATION_SIZE == 0);
        ck_assert_int_eq(dp_control_lists_valid(none, list, none),
                         len % DP_CONTROL_PLAN_SIZE == 0);
        ck_assert_int_eq(dp_control_lists_valid(none, none, list),
                         len % DP_CONTROL_BLOCK_SIZE == 0);
    }
}
END_TEST

START_TEST(only_what_is_newer_is_told)
{
    dp_slice_t list = DP_SLICE(REVOCATIONS);

    ck_assert_uint_eq(dp_control_revocations_since(list, 0).len, 48);
    ck_assert_uint_eq(dp_control_revocations_since(list, 4).len, 48);
    ck_assert_uint_eq(dp_control_revocations_since(list, 5).len, 24);
    ck_assert(dp_control_revocations_since(list, 5).data == list.data + 24);
    ck_assert_uint_eq(
        dp_control_revocations_since(list, 0x0006400000000001ull).len, 0);
    ck_assert_uint_eq(dp_control_revocations_since(dp_slice(NULL, 0), 0).len, 0);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("control", blocks_are_read_in_order, revocations_are_read_in_order,
                    plans_are_read_in_order,
                    half_an_entry_makes_a_list_invalid,
                    only_what_is_newer_is_told);
}
