/*
 * Who is calling: the answer to a credential.
 *
 * The edge asks the worker for it and sends it back with each request.  It
 * names, it does not authorise: the worker reads the role and the validity of
 * the credential again in the request's own transaction.
 */

#ifndef DP_PRINCIPAL_H
#define DP_PRINCIPAL_H

#include <stdint.h>

#define DP_ID_SIZE 16 /* a UUID, as bytes in network order */

typedef enum {
    DP_PRINCIPAL_NONE = 0, /* a public operation */
    DP_PRINCIPAL_API_KEY = 1, /* credential_id: the key */
    DP_PRINCIPAL_SESSION = 2, /* the session, by its cookie or a token */
    DP_PRINCIPAL_EXTERNAL = 3, /* the user's identity at a foreign issuer */
} dp_principal_kind_t;

typedef struct {
    uint16_t kind;       /* dp_principal_kind_t */
    uint16_t auth_level; /* 1: one factor, 2: MFA */
    uint8_t  credential_id[DP_ID_SIZE];
    uint8_t  user_id[DP_ID_SIZE];
    uint8_t  org_id[DP_ID_SIZE];
} dp_principal_t;

#endif /* DP_PRINCIPAL_H */
