/*
 * Any path: the search by bisection finds what a look at every row finds, and
 * its parameters.  The first input byte is the method.
 */

#include "dp_routes.h"
#include "fuzz.h"

/* The next segment of a path, with its slash; empty at the end. */
static dp_slice_t
segment_take(dp_slice_t *path)
{
    size_t len = path->len == 0 ? 0 : 1;

    while (len < path->len && path->data[len] != '/') {
        len++;
    }

    dp_slice_t segment = dp_slice(path->data, len);

    *path = dp_slice(path->data + len, path->len - len);

    return segment;
}

/* Whether the row has this path; `literals` counts what is no parameter. */
static bool
row_suits(const dp_route_t *route, dp_slice_t path, uint32_t *literals)
{
    dp_slice_t row = dp_slice_text(route->path);

    *literals = 0;

    while (row.len != 0 && path.len != 0) {
        dp_slice_t expected = segment_take(&row);
        dp_slice_t segment = segment_take(&path);

        if (expected.data[1] == '{' && segment.len > 1
            && segment.data[0] == '/') {
            *literals <<= 1;
        } else if (dp_slice_equal(expected, segment)) {
            *literals = *literals << 1 | 1;
        } else {
            return false;
        }
    }

    return row.len == 0 && path.len == 0;
}

/* The path of the row that wins: a literal, the earlier the better. */
static const char *
path_find(dp_slice_t path)
{
    const char *best = NULL;
    uint32_t    best_literals = 0;

    for (size_t i = 0; i < dp_routes_count; i++) {
        uint32_t literals;

        if (row_suits(&dp_routes[i], path, &literals)
            && (best == NULL || literals > best_literals)) {
            best = dp_routes[i].path;
            best_literals = literals;
        }
    }

    return best;
}

/* Its parameters are the path's segments, in their order. */
static void
params_sound(const dp_match_t *match, dp_slice_t path)
{
    dp_slice_t row = dp_slice_text(match->route->path);
    size_t     param = 0;

    while (row.len != 0) {
        dp_slice_t expected = segment_take(&row);
        dp_slice_t segment = segment_take(&path);

        if (expected.data[1] == '{') {
            segment = dp_slice(segment.data + 1, segment.len - 1);
            FUZZ_ASSERT(dp_slice_equal(match->params[param++], segment));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_match_t        match;
    dp_match_result_t result;
    const char       *expected;
    dp_slice_t        path;

    if (size < 2) {
        return 0;
    }

    path = dp_slice(data + 1, size - 1);
    expected = path_find(path);
    result = dp_route_match(&match, 1u << data[0] % 7, path);

    FUZZ_ASSERT((result == DP_MATCH_NO_PATH) == (expected == NULL));
    FUZZ_ASSERT((result == DP_MATCH_FOUND) == (match.route != NULL));
    FUZZ_ASSERT(match.route == NULL
                || strcmp(match.route->path, expected) == 0);
    FUZZ_ASSERT(result != DP_MATCH_NO_METHOD || match.allowed != 0);

    if (match.route != NULL) {
        params_sound(&match, path);
    }

    (void) dp_route_find(path);

    return 0;
}
