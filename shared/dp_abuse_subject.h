/*
 * The subjects of abuse tiers as text: "192.0.2.1", "2001:db8:0:1::/64", or the
 * id of a credential.
 */

#ifndef DP_ABUSE_SUBJECT_H
#define DP_ABUSE_SUBJECT_H

#include "dp_abuse_event.h"
#include "dp_bytes.h"

#define DP_ABUSE_SUBJECT_TEXT 64 /* room for any of them */

/* Writes the text, without a terminating zero; returns its length. */
size_t dp_abuse_subject_format(char text[DP_ABUSE_SUBJECT_TEXT], unsigned kind,
                               const uint8_t id[DP_ID_SIZE]);

/*
 * Reads such a text, an IPv6 address with or without "/64"; false when it is
 * none.  What is behind an IPv6 address's /64 is left out.
 */
bool dp_abuse_subject_parse(dp_slice_t text, unsigned *kind,
                            uint8_t id[DP_ID_SIZE])
    __attribute__((warn_unused_result));

#endif /* DP_ABUSE_SUBJECT_H */
