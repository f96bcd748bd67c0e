/*
 * Whom a client says it is at the token endpoint (RFC 6749, 2.3.1): an API key as
 * client_secret, and as client_id its prefix, with or without "dp_" before it;
 * by HTTP Basic or in the form, not both.
 */

#ifndef DP_CLIENT_SECRET_H
#define DP_CLIENT_SECRET_H

#include "runtime/operation.h"

typedef struct {
    dp_slice_t prefix; /* the 8 characters that find the key */
    dp_slice_t text;   /* the whole key */
} dp_client_secret_t;

/*
 * Reads it from the request; texts live as long as that.  False after
 * dp_op_fail(): REQUEST_MALFORMED, it came twice; AUTH_REQUIRED, not at all;
 * AUTH_KEY_INVALID, it is nobody's.
 */
bool dp_client_secret_read(dp_op_t *op, dp_client_secret_t *client)
    __attribute__((warn_unused_result));

#endif /* DP_CLIENT_SECRET_H */
