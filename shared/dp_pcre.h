/*
 * One match by PCRE2, within bounds that no text can exceed: its memory is on
 * the stack, and it gives up after a number of steps.
 *
 * Private to dp_pattern and dp_probe.
 */

#ifndef DP_PCRE_H
#define DP_PCRE_H

#include "dp_bytes.h"

typedef enum {
    DP_PCRE_NO,
    DP_PCRE_YES,
    DP_PCRE_GAVE_UP, /* it would have needed more */
} dp_pcre_verdict_t;

/* Whether the compiled pattern (a pcre2_code) is found in the text. */
dp_pcre_verdict_t dp_pcre_match(const void *code, dp_slice_t text,
                                uint32_t steps);

#endif /* DP_PCRE_H */
