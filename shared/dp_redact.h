/*
 * Redaction: takes secrets out of a text that is about to be logged.
 *
 * A secret is what looks like one: an API key of ours or of a known provider, a
 * bearer token, a JWT, what stands behind token= or "password":, a password in a
 * URL, a PEM block, the number of a payment card, an e-mail address.  Text of a
 * URL is read as it is: %40 is an @.  What is no secret by its looks (a body, an
 * opaque session id) must not be handed to a log in the first place.
 */

#ifndef DP_REDACT_H
#define DP_REDACT_H

#include "dp_bytes.h"

/*
 * False when there is certainly nothing to redact: one look at each byte, for
 * texts that rarely have anything, such as paths.
 */
bool dp_redact_suspects(dp_slice_t text);

/*
 * Puts *** in the place of each secret; a shorter one becomes as many stars.
 * Names and prefixes stay (token=***, dp_***).  Returns the new length, which is
 * at most `len`.  Takes time in proportion to `len`, whatever the text.
 */
size_t dp_redact(uint8_t *text, size_t len);

#endif /* DP_REDACT_H */
