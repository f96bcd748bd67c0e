/*
 * Patterns of the contract: PCRE2, within bounds that no text can exceed.
 *
 * A match takes its memory from the stack and gives up after DP_PATTERN_STEPS;
 * a text that needs more does not match.  Patterns are compiled once, before
 * the program takes requests, and only read from then on.
 */

#ifndef DP_PATTERN_H
#define DP_PATTERN_H

#include "dp_bytes.h"

#define DP_PATTERN_STEPS 20000

typedef struct {
    const char *text; /* of ECMA-262's syntax as far as PCRE2 shares it */
    void       *code; /* NULL until dp_pattern_open() */
} dp_pattern_t;

/* Compiles; false when PCRE2 refuses the text.  Allocates. */
bool dp_pattern_open(dp_pattern_t *pattern)
    __attribute__((warn_unused_result));

void dp_pattern_close(dp_pattern_t *pattern);

/* True when the pattern is found in the text, which may be any bytes. */
bool dp_pattern_match(const dp_pattern_t *pattern, dp_slice_t text)
    __attribute__((warn_unused_result));

#endif /* DP_PATTERN_H */
