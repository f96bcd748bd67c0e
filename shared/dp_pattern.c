/*
 * Patterns by PCRE2.  See dp_pattern.h.
 */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "dp_pattern.h"
#include "dp_pcre.h"

#include <pcre2.h>

/*
 * As in ECMA-262 with the flag u: '$' is the very end, and classes like \d are
 * ASCII's.
 */
#define OPTIONS (PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C)

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

bool
dp_pattern_match(const dp_pattern_t *pattern, dp_slice_t text)
{
    return dp_pcre_match(pattern->code, text, DP_PATTERN_STEPS) == DP_PCRE_YES;
}
