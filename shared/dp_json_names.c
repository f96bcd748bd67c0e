/*
 * No name twice in one JSON object.
 *
 * The names are sorted by hash and then by value, and neighbours compared:
 * n log n whatever the names are, where a hash table would need a secret.  As
 * long as they are few and their hashes differ, values need not be looked at.
 * The order is left on the tape, where dp_json_compare() finds it.
 */

#include "dp_json_scan.h"
#include "dp_json_string.h"
#include "dp_sort.h"

static int
name_compare(const void *data, uint32_t a, uint32_t b)
{
    const dp_json_t *json = data;
    uint32_t         hash_a = json->tokens[a].count;
    uint32_t         hash_b = json->tokens[b].count;

    if (hash_a != hash_b) {
        return hash_a < hash_b ? -1 : 1;
    }

    return dp_json_string_compare(dp_json_raw(json, a), dp_json_raw(json, b));
}

/* The order takes the place of the hashes. */
static void
order_keep(dp_json_t *json, const uint32_t *names, uint32_t object)
{
    uint32_t name = object + 1;

    for (uint32_t i = 0; i < json->tokens[object].count; i++) {
        json->tokens[name].count = names[i];
        name = json->tokens[name + 1].next;
    }
}

#define FEW 16

/* The hash, and behind it the name's token. */
static inline uint64_t
name_key(const dp_json_t *json, uint32_t name)
{
    return (uint64_t) json->tokens[name].count << 32 | name;
}

/*
 * Sorts by hash, one name or more, and keeps the order.  False, and nothing is
 * changed, when two hashes are the same.
 */
static bool
few_order(dp_json_t *json, const uint32_t *names, uint32_t count)
{
    uint64_t keys[FEW];

    keys[0] = name_key(json, names[0]);

    for (uint32_t i = 1; i < count; i++) {
        uint64_t key = name_key(json, names[i]);
        uint32_t place = i;

        for (; place > 0 && keys[place - 1] > key; place--) {
            keys[place] = keys[place - 1];
        }

        if (place > 0 && keys[place - 1] >> 32 == key >> 32) {
            return false;
        }

        keys[place] = key;
    }

    for (uint32_t i = 0; i < count; i++) {
        json->tokens[names[i]].count = (uint32_t) keys[i];
    }

    return true;
}

/* Leaves what comes later of two that are the same in *later. */
static bool
many_sort(const dp_json_t *json, uint32_t *names, uint32_t count,
          uint32_t *later)
{
    dp_sort(names, count, name_compare, json);

    for (uint32_t i = 1; i < count; i++) {
        if (name_compare(json, names[i], names[i - 1]) == 0) {
            *later = names[i] > names[i - 1] ? names[i] : names[i - 1];
            return false;
        }
    }

    return true;
}

bool
dp_scan_names(dp_scan_t *scan, uint32_t object)
{
    dp_json_t *json = scan->json;
    uint32_t   names[DP_JSON_NAMES];
    uint32_t   count = 0;
    uint32_t   later;

    for (uint32_t name = object + 1; name < json->count;
         name = json->tokens[name + 1].next) {
        names[count++] = name;
    }

    if (count == 0 || (count <= FEW && few_order(json, names, count))) {
        return true;
    }

    if (!many_sort(json, names, count, &later)) {
        return dp_scan_fail_at(scan, dp_json_raw(json, later).data,
                               DP_JSON_DUPLICATE_NAME);
    }

    order_keep(json, names, object);

    return true;
}
