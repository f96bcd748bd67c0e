/*
 * The identity providers that people log in with, from the file of the setting
 * identity_providers; docs/identity-providers.md describes it.
 *
 * Loaded once, before any thread is started; read only afterwards.
 */

#ifndef DP_PROVIDER_FILE_H
#define DP_PROVIDER_FILE_H

#include "dp_control_issuer.h"

#define DP_PROVIDER_HOSTS 8

/* Texts are terminated. */
typedef struct {
    const char *name; /* in paths: a-z, 0-9, '-' */
    const char *issuer;
    const char *client_id;
    const char *client_secret; /* "": the client has none */
    const char *scopes;        /* separated by spaces, with openid */
    bool        links_email;   /* a verified address links to its account */
    bool        signs_up;      /* who is unknown gets an account */

    /* what of their tokens is taken as a credential; none: 0 audiences */
    const char *audiences[DP_CONTROL_ISSUER_AUDIENCES];
    size_t      audience_count;
    uint32_t    lifetime_s;
    unsigned    algorithms; /* bits 1 << dp_jwt_algorithm_t */

    /* whom it may send us to, the issuer's own host first; NULL ends them */
    const char *hosts[DP_PROVIDER_HOSTS + 2];
} dp_identity_provider_t;

typedef struct {
    char text[512];
} dp_provider_fault_t;

/*
 * Reads the file; "none" is none, and no provider.  False, with a sentence, when
 * anything in it is not as it must be.
 */
bool dp_identity_providers_load(const char *path, dp_provider_fault_t *fault)
    __attribute__((warn_unused_result));

size_t dp_identity_provider_count(void);

const dp_identity_provider_t *dp_identity_provider(size_t index);

/* NULL: there is none of that name. */
const dp_identity_provider_t *dp_identity_provider_find(dp_slice_t name);

#endif /* DP_PROVIDER_FILE_H */
