/*
 * The operations of the contract, as rows that both programs link.
 *
 * dp_routes_table.c is generated from api/openapi.yaml; dp_route_match.c finds
 * the row of a request.
 */

#ifndef DP_ROUTES_H
#define DP_ROUTES_H

#include "dp_bytes.h"

#define DP_ROUTE_PARAMS 4
#define DP_ROUTE_SEGMENTS 12

/* Methods are bits, so that a set of them is a word. */
typedef enum {
    DP_METHOD_GET = 1u << 0,
    DP_METHOD_POST = 1u << 1,
    DP_METHOD_PUT = 1u << 2,
    DP_METHOD_PATCH = 1u << 3,
    DP_METHOD_DELETE = 1u << 4,
    DP_METHOD_HEAD = 1u << 5, /* matches the GET row */
} dp_method_t;

#define DP_METHODS 5 /* of a row; HEAD is none of them */

typedef enum {
    DP_ROLE_PUBLIC,   /* no credential */
    DP_ROLE_USER,     /* any valid credential */
    DP_ROLE_ORG,      /* min_rank in the caller's organisation */
    DP_ROLE_PROJECT,  /* min_rank in the project of the path's projectId */
    DP_ROLE_PLATFORM, /* an ops role */
} dp_role_scope_t;

/* Ranks of dp.role: Viewer 10, Contributor 20, Maintainer 30, Owner 40. */

typedef enum {
    DP_KEY_NONE,     /* the header is ignored */
    DP_KEY_OPTIONAL, /* k */
    DP_KEY_REQUIRED, /* K */
} dp_key_use_t;

typedef enum {
    DP_COST_FREE,
    DP_COST_READ,
    DP_COST_WRITE,
    DP_COST_PROVISION,
    DP_COST_CREATE_PROJECT,
    DP_COST_AUTH,   /* rules of the address only */
    DP_COST_SIGNUP, /* likewise */
    DP_COST_CLASSES
} dp_cost_class_t;

typedef struct {
    const char *operation; /* operationId */
    const char *path;      /* with {names} */
    uint8_t     method;    /* one dp_method_t */
    bool        at_edge;   /* answered by the edge, no function in the worker */
    bool        mutates;
    uint8_t     role_scope;
    uint8_t     min_rank;
    uint64_t    scope;       /* bit of dp_scopes[]; 0: public */
    uint8_t     idempotency; /* dp_key_use_t */
    uint8_t     cost_class;
    uint8_t     cost;         /* tokens */
    uint32_t    kill_classes; /* DP_KILL_* that refuse it at the edge and gate */
    uint32_t    body_limit;   /* bytes; 0: takes no body */
    uint8_t     param_count;
    const char *param_names[DP_ROUTE_PARAMS];
    const char *audit_action; /* NULL: none */
    const char *produces;     /* media type of a success; NULL: no body */
    bool        if_match_required;
    bool        password_pool; /* in the threads that hash passwords */
    bool        needs_mfa;     /* of the caller: a second factor */
    bool        needs_person;  /* an API key counts as multi-factor */
    bool        needs_fresh;   /* a session that was authenticated just now */
    const char *deprecation; /* value of the header Deprecation, or NULL */
    const char *sunset;      /* likewise, of Sunset */
} dp_route_t;

/*
 * Sorted by path, '/' before any other character, then by method;
 * DP_ROUTE_<operationId> is the index.
 */
extern const dp_route_t dp_routes[];
extern const size_t     dp_routes_count;

/* Indexes into dp_routes, sorted by operation. */
extern const uint16_t dp_routes_by_name[];

typedef enum {
    DP_MATCH_FOUND,
    DP_MATCH_NO_PATH,   /* 404 */
    DP_MATCH_NO_METHOD, /* 405, `allowed` says which would do */
} dp_match_result_t;

typedef struct {
    const dp_route_t *route;   /* when found */
    uint32_t          allowed; /* methods of the path, HEAD beside GET */
    dp_slice_t        params[DP_ROUTE_PARAMS];
} dp_match_t;

/*
 * Finds the row for a normalised, decoded path ("/projects/0f…") and one
 * method bit (0 for a method nobody knows).  A literal segment wins over a
 * parameter; a parameter takes one non-empty segment; a trailing slash is
 * another path.  Parameters borrow from `path`.
 */
dp_match_result_t dp_route_match(dp_match_t *match, uint32_t method,
                                 dp_slice_t path);

/* The row of an operationId, or NULL. */
const dp_route_t *dp_route_find(dp_slice_t operation);

#endif /* DP_ROUTES_H */
