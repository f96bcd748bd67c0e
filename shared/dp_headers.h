/*
 * Values of a client's headers that the edge reads by itself: whether they are
 * well-formed, and their parts.
 *
 * Pure functions over bytes; what they return borrows from the value.
 */

#ifndef DP_HEADERS_H
#define DP_HEADERS_H

#include "dp_bytes.h"

#define DP_API_KEY_PREFIX 8
#define DP_API_KEY_SECRET 43

/* The value without blanks and tabs around it, which nginx leaves in part. */
dp_slice_t dp_header_value_trim(dp_slice_t value);

typedef struct {
    dp_slice_t text;   /* the whole key, "dp_<prefix>_<secret>" */
    dp_slice_t prefix; /* by which the database finds it */
    dp_slice_t secret;
} dp_api_key_t;

/*
 * The parts of Authorization: "Bearer " and an API key, by their places.  False
 * when the value is none; whose parts are of the right characters is for
 * dp_api_key_valid() to say, once somebody wants to know.
 */
bool dp_api_key_find(dp_slice_t value, dp_api_key_t *key)
    __attribute__((warn_unused_result));
bool dp_api_key_valid(const dp_api_key_t *key);

/* The one word behind "Bearer ", whatever it is; false: another scheme, or none. */
bool dp_bearer_find(dp_slice_t value, dp_slice_t *token)
    __attribute__((warn_unused_result));

/* "Bearer" and something that begins like an API key, well-formed or not. */
bool dp_api_key_meant(dp_slice_t value);

/*
 * Origin as browsers send it (RFC 6454, 6.2): http or https, a host in lower
 * case, a port unless it is the scheme's own.  "null" and "*" are none.
 */
bool dp_origin_valid(dp_slice_t value);

/* X-Request-Id of a client's making: 1 to 64 of A-Z a-z 0-9 . _ - */
bool dp_client_request_id_valid(dp_slice_t value);

#endif /* DP_HEADERS_H */
