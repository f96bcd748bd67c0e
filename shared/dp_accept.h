/*
 * What a client accepts: its header Accept against what could be served
 * (RFC 9110, 12.5.1).
 *
 * Of the ranges that fit an offer the most specific one counts, and of equal
 * ones the one with the highest quality.  Parameters other than q do not
 * distinguish anything that is served here.  A range that cannot be read says
 * nothing; when none can, or the header is missing, everything is accepted.
 */

#ifndef DP_ACCEPT_H
#define DP_ACCEPT_H

#include "dp_bytes.h"

#define DP_ACCEPT_FULL 1000

/* `media_type` is the caller's, the rest is set by dp_accept_read(). */
typedef struct {
    const char *media_type; /* in lower case, without parameters */
    uint16_t    quality;    /* in thousandths; 0: not accepted */
    uint8_t     specificity;
} dp_accept_offer_t;

/* The caller's offers; `said` begins as false. */
typedef struct {
    dp_accept_offer_t *offers;
    size_t             count;
    bool               said; /* a range could be read */
} dp_accept_t;

/* Takes the value of one header; a client may send several. */
void dp_accept_read(dp_accept_t *accept, dp_slice_t value);

/* How much the client wants that offer, 0 to DP_ACCEPT_FULL. */
uint16_t dp_accept_quality(const dp_accept_t *accept, size_t offer);

#endif /* DP_ACCEPT_H */
