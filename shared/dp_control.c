/*
 * Reading the packed lists of a control message, front to back.
 */

#include "dp_control.h"

static dp_reader_t
entry_take(dp_slice_t *list, size_t size)
{
    dp_reader_t reader = dp_reader(dp_slice(list->data, size));

    *list = dp_slice(list->data + size, list->len - size);

    return reader;
}

bool
dp_control_revocation_next(dp_slice_t *list,
                           dp_control_revocation_t *revocation)
{
    dp_reader_t reader;

    if (list->len < DP_CONTROL_REVOCATION_SIZE) {
        return false;
    }

    reader = entry_take(list, DP_CONTROL_REVOCATION_SIZE);
    revocation->subject = dp_read_bytes(&reader, DP_ID_SIZE).data;
    revocation->generation = dp_read_u64(&reader);

    return true;
}

static dp_rate_t
rate_read(dp_reader_t *reader)
{
    uint32_t burst = dp_read_u32(reader);

    return (dp_rate_t) {.burst = burst, .per_minute = dp_read_u32(reader)};
}

bool
dp_control_plan_next(dp_slice_t *list, dp_control_plan_t *plan)
{
    dp_reader_t reader;

    if (list->len < DP_CONTROL_PLAN_SIZE) {
        return false;
    }

    reader = entry_take(list, DP_CONTROL_PLAN_SIZE);
    plan->plan = dp_read_u16(&reader);
    plan->rates.user = rate_read(&reader);
    plan->rates.project = rate_read(&reader);

    return true;
}

bool
dp_control_block_next(dp_slice_t *list, dp_control_block_t *block)
{
    dp_reader_t reader;

    if (list->len < DP_CONTROL_BLOCK_SIZE) {
        return false;
    }

    reader = entry_take(list, DP_CONTROL_BLOCK_SIZE);
    block->subject_kind = dp_read_u16(&reader);
    block->tier = dp_read_u16(&reader);
    block->level = dp_read_u16(&reader);
    block->signal = dp_read_u16(&reader);
    block->subject = dp_read_bytes(&reader, DP_ID_SIZE).data;
    block->until_us = dp_read_u64(&reader);
    block->generation = dp_read_u64(&reader);

    return true;
}

bool
dp_control_lists_valid(dp_slice_t revocations, dp_slice_t plans,
                       dp_slice_t blocks)
{
    return revocations.len % DP_CONTROL_REVOCATION_SIZE == 0
           && plans.len % DP_CONTROL_PLAN_SIZE == 0
           && blocks.len % DP_CONTROL_BLOCK_SIZE == 0;
}

/* The end of a list of entries that have their generation behind. */
static dp_slice_t
entries_since(dp_slice_t list, size_t size, uint64_t generation)
{
    while (list.len != 0) {
        dp_slice_t  rest = list;
        dp_reader_t reader = entry_take(&rest, size);

        (void) dp_read_bytes(&reader, size - sizeof(generation));

        if (dp_read_u64(&reader) > generation) {
            return list;
        }

        list = rest;
    }

    return dp_slice(list.data, 0);
}

dp_slice_t
dp_control_revocations_since(dp_slice_t list, uint64_t generation)
{
    return entries_since(list, DP_CONTROL_REVOCATION_SIZE, generation);
}

dp_slice_t
dp_control_blocks_since(dp_slice_t list, uint64_t generation)
{
    return entries_since(list, DP_CONTROL_BLOCK_SIZE, generation);
}
