/*
 * Logging in with an identity provider: what its two operations share.
 *
 * Private to oauth*.c.  A login is a one-time token whose text is the `state`; it
 * belongs to the browser that began it, which is known by its device cookie.
 */

#ifndef DP_OAUTH_H
#define DP_OAUTH_H

#include "issuer.h"
#include "runtime/operation.h"

#define DP_OAUTH_PURPOSE "oauth"
#define DP_OAUTH_LASTS_S 600
#define DP_OAUTH_TEXT_SIZE 43 /* of 32 random bytes in base64url */

/* A login under way, as its token keeps it; slices in the arena. */
typedef struct {
    dp_slice_t provider;  /* its name */
    dp_slice_t device;    /* digest of the browser's cookie, hexadecimal */
    dp_slice_t nonce;
    dp_slice_t verifier;  /* of PKCE */
    dp_slice_t return_to; /* a path of ours */
} dp_oauth_login_t;

/*
 * The provider of the path, over TLS; NULL after dp_op_fail(): AUTH_TLS_REQUIRED
 * or RESOURCE_NOT_FOUND.
 */
const dp_identity_provider_t *dp_oauth_provider(dp_op_t *op);

/* Who asks an issuer for this operation. */
dp_issuer_asker_t dp_oauth_asker(const dp_op_t *op);

/* Where the provider sends the browser back to. */
dp_slice_t dp_oauth_redirect_uri(const dp_op_t *op,
                                 const dp_identity_provider_t *provider);

/* Adds name=value, percent-encoded, behind '?', '&' or nothing. */
void dp_oauth_parameter(dp_writer_t *out, const char *before, const char *name,
                        dp_slice_t value);

/* Digest of the request's device cookie in hexadecimal; empty: it has none. */
dp_slice_t dp_oauth_device(const dp_op_t *op, dp_slice_t cookie);

/* Writes down why a login failed, and fails with AUTH_OAUTH_FAILED; false. */
bool dp_oauth_refuse(dp_op_t *op, dp_slice_t provider, const char *reason);

/* Fails with the error of a call. */
bool dp_oauth_unavailable(dp_op_t *op, dp_error_t error, uint32_t retry_after_s);

/* Once, before any thread is started. */
void dp_oauth_configure(const dp_settings_t *settings);

#endif /* DP_OAUTH_H */
