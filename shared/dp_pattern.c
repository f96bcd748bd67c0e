/*
 * Patterns by PCRE2.  See dp_pattern.h.
 */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "dp_pattern.h"

#include <pcre2.h>

/*
 * As in ECMA-262 with the flag u: '$' is the very end, and classes like \d are
 * ASCII's.
 */
#define OPTIONS (PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C)

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

bool
dp_pattern_open(dp_pattern_t *pattern)
{
    int    error;
    size_t offset;

    if (pattern->code == NULL) {
        pattern->code = pcre2_compile((PCRE2_SPTR) pattern->text,
                                      PCRE2_ZERO_TERMINATED, OPTIONS, &error,
                                      &offset, NULL);
    }

    return pattern->code != NULL;
}

void
dp_pattern_close(dp_pattern_t *pattern)
{
    pcre2_code_free(pattern->code);
    pattern->code = NULL;
}

/* NULL when the memory is too small, which it is not. */
static pcre2_match_context *
limits_create(pcre2_general_context *general)
{
    pcre2_match_context *limits = pcre2_match_context_create(general);

    if (limits != NULL) {
        pcre2_set_match_limit(limits, DP_PATTERN_STEPS);
        pcre2_set_depth_limit(limits, DP_PATTERN_STEPS);
        pcre2_set_heap_limit(limits, HEAP_LIMIT_KB);
    }

    return limits;
}

bool
dp_pattern_match(const dp_pattern_t *pattern, dp_slice_t text)
{
    memory_t               memory;
    pcre2_general_context *general;
    pcre2_match_context   *limits;
    pcre2_match_data      *data;

    memory.used = 0;
    general = pcre2_general_context_create(memory_take, memory_give, &memory);

    if (general == NULL) {
        return false;
    }

    limits = limits_create(general);
    data = pcre2_match_data_create(1, general);

    return limits != NULL && data != NULL
           && pcre2_match(pattern->code, text.len == 0 ? (PCRE2_SPTR) "" : text.data,
                          text.len, 0, 0, data, limits) >= 0;
}
