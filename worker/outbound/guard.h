/*
 * Where the worker may call: the guard against being sent to places that only
 * it can reach (SSRF).
 *
 * A URL is judged as libcurl's own parser reads it, an address when a socket is
 * about to be connected, so neither a second reading of a URL nor a second
 * answer of a name server leads past it.
 */

#ifndef DP_GUARD_H
#define DP_GUARD_H

#include "dp_bytes.h"

#include <sys/socket.h>

typedef struct {
    const char *const *hosts;    /* NULL behind the last */
    const char *const *more;     /* likewise, of the call; or NULL */
    const char        *loopback; /* "host:port host:port": stand-ins; or "" */
} dp_guard_t;

typedef enum {
    DP_GUARD_REFUSED,
    DP_GUARD_PUBLIC,   /* only to public addresses */
    DP_GUARD_LOOPBACK, /* only to loopback addresses */
} dp_guard_verdict_t;

/*
 * Judges a URL: https, a host that is listed, no user, no port but 443; or
 * http or https to a listed stand-in.
 */
dp_guard_verdict_t dp_guard_url(const dp_guard_t *guard, const char *url);

/* Whether a connection to the address may be opened under that verdict. */
bool dp_guard_address(dp_guard_verdict_t verdict, const struct sockaddr *address);

#endif /* DP_GUARD_H */
