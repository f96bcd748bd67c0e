/*
 * Finding the row of a request.
 *
 * Rows are sorted by path with '/' before every other character, so the rows
 * that share their first segments stand together.  The search narrows a range
 * of rows segment by segment, with two bisections each: once for the literal
 * segment, and, when that leads nowhere, once for the parameter in its place
 * (the generator sees to it that siblings name a parameter alike).
 */

#include "dp_routes.h"

/* Rows first .. last - 1, equal up to `offset` of their paths. */
typedef struct {
    size_t first;
    size_t last;
    size_t offset;
} range_t;

typedef struct {
    dp_slice_t  segments[DP_ROUTE_SEGMENTS];
    size_t      count;
    dp_match_t *match;
    range_t     found;
} search_t;

static bool
path_split(search_t *search, dp_slice_t path)
{
    const uint8_t *pos = path.data;
    const uint8_t *end = dp_slice_end(path);

    search->count = 0;

    while (pos < end) {
        const uint8_t *start = pos + 1; /* behind the slash */
        const uint8_t *slash;

        if (*pos != '/' || search->count == DP_ROUTE_SEGMENTS) {
            return false;
        }

        slash = memchr(start, '/', (size_t) (end - start));
        pos = slash == NULL ? end : slash;
        search->segments[search->count++] =
            dp_slice(start, (size_t) (pos - start));
    }

    return search->count != 0;
}

/* The segment of a row's path that begins at `offset`, behind its slash. */
static dp_slice_t
row_segment(size_t row, size_t offset)
{
    const char *start = dp_routes[row].path + offset;

    return dp_slice(start, strcspn(start, "/"));
}

/*
 * Below, at or above 0: a row's segment, from `row` on, against another one.  A
 * slash ends it, as the end of the path does.
 */
static int
segment_order(const char *row, dp_slice_t segment)
{
    for (size_t i = 0; i < segment.len; i++) {
        uint8_t c = row[i] == '/' ? '\0' : (uint8_t) row[i];

        if (c == '\0' || c != segment.data[i]) {
            return c == '\0' || c < segment.data[i] ? -1 : 1;
        }
    }

    return row[segment.len] != '\0' && row[segment.len] != '/';
}

/*
 * The first row of the range whose segment is at least `segment`, or, with
 * `behind`, greater than it.
 */
static size_t
bisect(const range_t *range, dp_slice_t segment, bool behind)
{
    size_t first = range->first;
    size_t last = range->last;

    while (first < last) {
        size_t middle = first + (last - first) / 2;
        int    order = segment_order(dp_routes[middle].path + range->offset,
                                     segment);

        if (order < 0 || (behind && order == 0)) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }

    return first;
}

/* The rows of the range with this segment, which may be none. */
static range_t
range_narrow(const range_t *range, dp_slice_t segment)
{
    range_t rest = *range;

    rest.first = bisect(range, segment, false);

    return (range_t) {
        .first = rest.first,
        .last = bisect(&rest, segment, true),
        .offset = range->offset + segment.len + 1,
    };
}

/* The parameter that the range's rows have here: their greatest segment. */
static bool
range_parameter(const range_t *range, dp_slice_t *segment)
{
    *segment = row_segment(range->last - 1, range->offset);

    return segment->len != 0 && segment->data[0] == '{';
}

/* The first row whose path goes on; those that end here come before it. */
static size_t
first_longer(const range_t *range)
{
    size_t row = range->first;

    while (row < range->last
           && dp_routes[row].path[range->offset - 1] == '\0') {
        row++;
    }

    return row;
}

static bool descend(search_t *search, range_t range, size_t depth,
                    size_t params);

static bool
descend_literal(search_t *search, const range_t *range, size_t depth,
                size_t params)
{
    dp_slice_t segment = search->segments[depth];
    range_t    narrowed = range_narrow(range, segment);

    return segment.data[0] != '{' && narrowed.first < narrowed.last
           && descend(search, narrowed, depth + 1, params);
}

static bool
descend_parameter(search_t *search, const range_t *range, size_t depth,
                  size_t params)
{
    dp_slice_t parameter;

    if (params == DP_ROUTE_PARAMS || !range_parameter(range, &parameter)) {
        return false;
    }

    search->match->params[params] = search->segments[depth];

    return descend(search, range_narrow(range, parameter), depth + 1,
                   params + 1);
}

/* Recurs once a segment: DP_ROUTE_SEGMENTS deep at most. */
static bool
descend(search_t *search, range_t range, size_t depth, size_t params)
{
    size_t longer = first_longer(&range);

    if (depth == search->count) {
        range.last = longer;
        search->found = range;
        return range.first < range.last;
    }

    range.first = longer;

    if (range.first == range.last || search->segments[depth].len == 0) {
        return false;
    }

    return descend_literal(search, &range, depth, params)
           || descend_parameter(search, &range, depth, params);
}

static uint32_t
allowed_methods(const range_t *range)
{
    uint32_t allowed = 0;

    for (size_t row = range->first; row < range->last; row++) {
        allowed |= dp_routes[row].method;
    }

    return allowed & DP_METHOD_GET ? allowed | DP_METHOD_HEAD : allowed;
}

dp_match_result_t
dp_route_match(dp_match_t *match, uint32_t method, dp_slice_t path)
{
    uint32_t row_method = method == DP_METHOD_HEAD ? DP_METHOD_GET : method;
    search_t search;
    range_t  all = {.first = 0, .last = dp_routes_count, .offset = 1};

    *match = (dp_match_t) {0};
    search.match = match;

    if (!path_split(&search, path) || !descend(&search, all, 0, 0)) {
        return DP_MATCH_NO_PATH;
    }

    match->allowed = allowed_methods(&search.found);

    for (size_t row = search.found.first; row < search.found.last; row++) {
        if (dp_routes[row].method == row_method) {
            match->route = &dp_routes[row];
            return DP_MATCH_FOUND;
        }
    }

    return DP_MATCH_NO_METHOD;
}

const dp_route_t *
dp_route_find(dp_slice_t operation)
{
    size_t first = 0;
    size_t last = dp_routes_count;

    while (first < last) {
        size_t            middle = first + (last - first) / 2;
        const dp_route_t *route = &dp_routes[dp_routes_by_name[middle]];
        int order = dp_slice_compare(dp_slice_text(route->operation), operation);

        if (order == 0) {
            return route;
        }

        if (order < 0) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }

    return NULL;
}
