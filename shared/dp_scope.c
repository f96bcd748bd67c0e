/*
 * Names of scopes and their bits.
 */

#include "dp_scope.h"

static uint64_t
scope_find(dp_slice_t name)
{
    for (size_t i = 0; i < dp_scopes_count; i++) {
        if (dp_slice_equal(name, dp_slice_text(dp_scopes[i]))) {
            return 1ull << i;
        }
    }

    return 0;
}

uint64_t
dp_scopes_read(dp_slice_t names, char separator)
{
    uint64_t scopes = 0;
    size_t   begin = 0;

    for (size_t i = 0; i <= names.len; i++) {
        if (i == names.len || names.data[i] == (uint8_t) separator) {
            scopes |= scope_find(dp_slice(names.data + begin, i - begin));
            begin = i + 1;
        }
    }

    return scopes;
}

const char *
dp_scope_name(uint64_t bit)
{
    return dp_scopes[__builtin_ctzll(bit)];
}
