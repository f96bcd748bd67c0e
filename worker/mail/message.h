/*
 * A mail as RFC 5322 wants it: headers, an empty line, text in UTF-8.
 *
 * Nothing that a value holds becomes a header of its own: an address with any
 * character that an address does not need is refused, a subject that is not
 * plain ASCII goes into encoded words (RFC 2047).  No clock, no state.
 */

#ifndef DP_MESSAGE_H
#define DP_MESSAGE_H

#include "dp_bytes.h"

typedef struct {
    const uint8_t *id; /* UUID; with the sender's domain the Message-ID */
    uint64_t       date_us; /* since 1970 */
    dp_slice_t     from; /* addresses, without brackets */
    dp_slice_t     to;
    dp_slice_t     subject;
    dp_slice_t     text; /* lines end with LF */
} dp_message_t;

/* Longest address (RFC 5321, 4.5.3.1.3, without brackets). */
#define DP_ADDRESS_MAX 254

/* Whether it is user@host in ASCII, of characters that need no quotes. */
bool dp_address_is_plain(dp_slice_t address);

/* Bytes that the rendered message takes at most. */
size_t dp_message_size(const dp_message_t *message);

/*
 * Writes it with lines that end with CR LF, as they are when ASCII suffices,
 * else quoted-printable.  False, with nothing written, when an address is not
 * plain.
 */
bool dp_message_render(dp_writer_t *out, const dp_message_t *message)
    __attribute__((warn_unused_result));

#endif /* DP_MESSAGE_H */
