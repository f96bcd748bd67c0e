/*
 * Bounded matching.  See dp_pcre.h.
 */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "dp_pcre.h"

#include <pcre2.h>

/* For what PCRE2 has to remember; it doubles its share until the limit. */
#define HEAP_LIMIT_KB 64
#define MEMORY_SIZE (2 * HEAP_LIMIT_KB * 1024 + 8192)

/* What one match may use. */
typedef struct {
    size_t used;
    _Alignas(max_align_t) uint8_t bytes[MEMORY_SIZE];
} memory_t;

static void *
memory_take(size_t size, void *data)
{
    memory_t *memory = data;
    size_t    taken = (size + _Alignof(max_align_t) - 1)
                   & ~(_Alignof(max_align_t) - 1);
    void     *bytes = memory->bytes + memory->used;

    if (taken < size || taken > sizeof(memory->bytes) - memory->used) {
        return NULL;
    }

    memory->used += taken;

    return bytes;
}

/* All of it goes with the match. */
static void
memory_give(void *bytes, void *data)
{
    (void) bytes;
    (void) data;
}

/* NULL when the memory is too small, which it is not. */
static pcre2_match_context *
limits_create(pcre2_general_context *general, uint32_t steps)
{
    pcre2_match_context *limits = pcre2_match_context_create(general);

    if (limits != NULL) {
        pcre2_set_match_limit(limits, steps);
        pcre2_set_depth_limit(limits, steps);
        pcre2_set_heap_limit(limits, HEAP_LIMIT_KB);
    }

    return limits;
}

dp_pcre_verdict_t
dp_pcre_match(const void *code, dp_slice_t text, uint32_t steps)
{
    memory_t               memory;
    pcre2_general_context *general;
    pcre2_match_context   *limits;
    pcre2_match_data      *data;
    int                    result;

    memory.used = 0;
    general = pcre2_general_context_create(memory_take, memory_give, &memory);

    if (general == NULL) {
        return DP_PCRE_GAVE_UP;
    }

    limits = limits_create(general, steps);
    data = pcre2_match_data_create(1, general);

    if (limits == NULL || data == NULL) {
        return DP_PCRE_GAVE_UP;
    }

    result = pcre2_match(code, text.len == 0 ? (PCRE2_SPTR) "" : text.data,
                         text.len, 0, 0, data, limits);

    if (result == PCRE2_ERROR_NOMATCH) {
        return DP_PCRE_NO;
    }

    return result >= 0 ? DP_PCRE_YES : DP_PCRE_GAVE_UP;
}
