/*
 * No name twice in one JSON object.
 *
 * The names are sorted by hash and then by value, and neighbours compared:
 * n log n whatever the names are, where a hash table would need a secret.  The
 * sort is a heap's, in place, for libc's may allocate.
 */

#include "dp_json_scan.h"
#include "dp_json_string.h"

static int
name_compare(const dp_json_t *json, uint32_t a, uint32_t b)
{
    uint32_t hash_a = json->tokens[a].count;
    uint32_t hash_b = json->tokens[b].count;

    if (hash_a != hash_b) {
        return hash_a < hash_b ? -1 : 1;
    }

    return dp_json_string_compare(dp_json_raw(json, a), dp_json_raw(json, b));
}

/* Lets names[root] sink in the heap names[0 .. count - 1], greatest on top. */
static void
heap_sink(const dp_json_t *json, uint32_t *names, size_t root, size_t count)
{
    for (;;) {
        size_t   child = 2 * root + 1;
        uint32_t name = names[root];

        if (child + 1 < count
            && name_compare(json, names[child], names[child + 1]) < 0) {
            child++;
        }

        if (child >= count || name_compare(json, name, names[child]) >= 0) {
            return;
        }

        names[root] = names[child];
        names[child] = name;
        root = child;
    }
}

static void
names_sort(const dp_json_t *json, uint32_t *names, size_t count)
{
    for (size_t root = count / 2; root > 0; root--) {
        heap_sink(json, names, root - 1, count);
    }

    for (size_t last = count; last > 1; last--) {
        uint32_t name = names[0];

        names[0] = names[last - 1];
        names[last - 1] = name;
        heap_sink(json, names, 0, last - 1);
    }
}

bool
dp_scan_names(dp_scan_t *scan, uint32_t object)
{
    dp_json_t *json = scan->json;
    uint32_t   names[DP_JSON_NAMES];
    uint32_t   count = 0;

    for (uint32_t name = object + 1; name < json->count;
         name = json->tokens[name + 1].next) {
        names[count++] = name;
    }

    names_sort(json, names, count);

    for (uint32_t i = 1; i < count; i++) {
        uint32_t later = names[i] > names[i - 1] ? names[i] : names[i - 1];

        if (name_compare(json, names[i], names[i - 1]) == 0) {
            return dp_scan_fail_at(scan, dp_json_raw(json, later).data,
                                   DP_JSON_DUPLICATE_NAME);
        }
    }

    return true;
}
