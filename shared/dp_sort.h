/*
 * A heap sort of indexes, in place: n log n whatever they stand for, and no
 * allocation, where libc's qsort() may allocate.
 */

#ifndef DP_SORT_H
#define DP_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Orders what two indexes stand for; `data` is the caller's. */
typedef int dp_sort_compare_fn(const void *data, uint32_t a, uint32_t b);

/* Lets items[root] sink in the heap items[0 .. count - 1], greatest on top. */
static inline void
dp_sort_sink(uint32_t *items, size_t root, size_t count,
             dp_sort_compare_fn *compare, const void *data)
{
    for (;;) {
        size_t   child = 2 * root + 1;
        uint32_t item = items[root];

        if (child + 1 < count
            && compare(data, items[child], items[child + 1]) < 0) {
            child++;
        }

        if (child >= count || compare(data, item, items[child]) >= 0) {
            return;
        }

        items[root] = items[child];
        items[child] = item;
        root = child;
    }
}

static inline void
dp_sort(uint32_t *items, size_t count, dp_sort_compare_fn *compare,
        const void *data)
{
    for (size_t root = count / 2; root > 0; root--) {
        dp_sort_sink(items, root - 1, count, compare, data);
    }

    for (size_t last = count; last > 1; last--) {
        uint32_t item = items[0];

        items[0] = items[last - 1];
        items[last - 1] = item;
        dp_sort_sink(items, 0, last - 1, compare, data);
    }
}

#endif /* DP_SORT_H */
