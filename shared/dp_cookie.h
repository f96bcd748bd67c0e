/*
 * Cookies: those that a client sends (RFC 6265, 4.2), and those that we set.
 *
 * Pure functions over bytes; what they return borrows from the value.
 */

#ifndef DP_COOKIE_H
#define DP_COOKIE_H

#include "dp_bytes.h"

#define DP_COOKIE_SESSION "__Host-devpilot_session" /* dps_ and a secret */
#define DP_COOKIE_DEVICE "__Host-devpilot_device"   /* dpd_ and a secret */

/*
 * How often a value of the header Cookie names this one; `value` receives the last
 * one's, if there is any.
 */
size_t dp_cookie_find(dp_slice_t header, dp_slice_t name, dp_slice_t *value);

/*
 * The same header without cookies of our own, in a buffer of its size; returns its
 * length.
 */
size_t dp_cookie_without_ours(dp_slice_t header, void *buffer);

/* A brand, as "dps_", and a secret of 43 characters of base64url. */
bool dp_cookie_secret_valid(dp_slice_t value, dp_slice_t brand);

/*
 * A value of Set-Cookie that may leave the edge: a cookie of our own, for hosts, not
 * domains, over TLS only, that no script reads and no other site sends with what
 * changes things: HttpOnly, Secure, Path=/, SameSite=Lax or Strict, no Domain.
 */
bool dp_cookie_set_valid(dp_slice_t value);

#endif /* DP_COOKIE_H */
