/*
 * Scopes: what an API key may be confined to, as bits of a word.
 *
 * A scope is a name like "projects:read"; its place in dp_scopes[], which is
 * generated from the contract, is its bit.  A confined key has the bits of its
 * scopes, where unknown names count for nothing; any other key has all bits.
 */

#ifndef DP_SCOPE_H
#define DP_SCOPE_H

#include "dp_bytes.h"

#define DP_SCOPES_ALL UINT64_MAX

extern const char *const dp_scopes[];
extern const size_t      dp_scopes_count;

/* The bits of names with separators between them; unknown ones have none. */
uint64_t dp_scopes_read(dp_slice_t names, char separator);

/* The name of a scope by its bit. */
const char *dp_scope_name(uint64_t bit);

#endif /* DP_SCOPE_H */
