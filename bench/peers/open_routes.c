/*
 * The contract's rows with one thing changed: operations that need a role in
 * the organisation are open to everybody.
 *
 * With it the release module forwards createProject's POST without asking for
 * a principal first, so that one request is one hop, as with proxy_pass, and
 * passes every other stage.
 */

#include "dp_routes.h"

#define DP_ROLE_ORG DP_ROLE_PUBLIC

#include "dp_routes_table.c"
