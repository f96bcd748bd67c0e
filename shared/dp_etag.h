/*
 * Entity tags in the headers If-Match and If-None-Match (RFC 9110, 13.1).
 */

#ifndef DP_ETAG_H
#define DP_ETAG_H

#include "dp_bytes.h"

typedef struct {
    bool       weak;
    dp_slice_t opaque; /* between the quotes; borrows from the header */
} dp_etag_t;

/*
 * A header's value is "*" or a list of entity tags, at least one; an empty
 * element between commas is allowed.
 */
bool dp_etag_list_valid(dp_slice_t value);

/* Reads the next tag of a valid list that is not "*"; false at its end. */
bool dp_etag_next(dp_reader_t *reader, dp_etag_t *tag);

#endif /* DP_ETAG_H */
