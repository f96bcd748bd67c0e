/*
 * Entity tags in the headers If-Match and If-None-Match (RFC 9110, 13.1).
 */

#ifndef DP_ETAG_H
#define DP_ETAG_H

#include "dp_bytes.h"

/*
 * A header's value is "*" or a list of entity tags, at least one; an empty
 * element between commas is allowed.
 */
bool dp_etag_list_valid(dp_slice_t value);

#endif /* DP_ETAG_H */
