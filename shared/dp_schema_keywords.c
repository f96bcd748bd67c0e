/*
 * What each keyword demands of a value, as a table of functions.
 *
 * A keyword says nothing about values of a type it is not made for: they meet
 * it.
 */

#include "dp_schema_walk.h"
#include "dp_sort.h"

typedef bool check_fn(dp_schema_walk_t *walk, const dp_schema_row_t *row,
                      uint32_t token);

static dp_json_type_t
type_of(const dp_schema_walk_t *walk, uint32_t token)
{
    return (dp_json_type_t) walk->json->tokens[token].type;
}

/* A container's members or items. */
static uint32_t
count_of(const dp_schema_walk_t *walk, uint32_t token)
{
    return walk->json->tokens[token].count;
}

static bool
never(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    (void) walk;
    (void) row;
    (void) token;

    return false;
}

static bool
any(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    (void) walk;
    (void) row;
    (void) token;

    return true;
}

static bool
type(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    dp_json_type_t found = type_of(walk, token);
    dp_decimal_t   number;

    if (row->types & 1u << found) {
        return true;
    }

    if (found != DP_JSON_NUMBER || !(row->types & DP_TYPE_INTEGER)) {
        return false;
    }

    number = dp_json_decimal(walk->json, token);

    return dp_decimal_whole(&number);
}

static bool
value_equal(const dp_schema_walk_t *walk, uint32_t value, uint32_t token)
{
    return dp_json_compare(walk->set->values, value, walk->json, token) == 0;
}

static bool
enumeration(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    const dp_json_token_t *values = walk->set->values->tokens;

    for (uint32_t value = row->value + 1; value < values[row->value].next;
         value = values[value].next) {
        if (value_equal(walk, value, token)) {
            return true;
        }
    }

    return false;
}

static bool
constant(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    return value_equal(walk, row->value, token);
}

/* A string has no more characters than bytes: most need no counting. */
static bool
min_length(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    return type_of(walk, token) != DP_JSON_STRING
           || (row->number <= 1 && walk->json->tokens[token].len >= row->number)
           || dp_json_length(walk->json, token) >= row->number;
}

static bool
max_length(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    return type_of(walk, token) != DP_JSON_STRING
           || walk->json->tokens[token].len <= row->number
           || dp_json_length(walk->json, token) <= row->number;
}

/* A string's value; false when it is too long to be looked at. */
static bool
text_of(dp_schema_walk_t *walk, uint32_t token, dp_slice_t *text)
{
    *text = dp_json_text(walk->json, token, walk->text, sizeof(walk->text));

    return walk->json->tokens[token].len <= sizeof(walk->text);
}

static bool
pattern(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    dp_slice_t text;

    if (type_of(walk, token) != DP_JSON_STRING) {
        return true;
    }

    return text_of(walk, token, &text)
           && dp_pattern_match(&walk->set->patterns[row->pattern], text);
}

static bool
format(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    dp_slice_t text;

    if (type_of(walk, token) != DP_JSON_STRING) {
        return true;
    }

    return text_of(walk, token, &text) && dp_format_check(row->format, text);
}

/* Where the number stands; a value of another type stands in `otherwise`. */
static int
number_order(const dp_schema_walk_t *walk, const dp_schema_row_t *row,
             uint32_t token, int otherwise)
{
    dp_decimal_t number;

    if (type_of(walk, token) != DP_JSON_NUMBER) {
        return otherwise;
    }

    number = dp_json_decimal(walk->json, token);

    return dp_decimal_compare(&number, &row->decimal);
}

static bool
minimum(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    return number_order(walk, row, token, 0) >= 0;
}

static bool
maximum(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    return number_order(walk, row, token, 0) <= 0;
}

static bool
exclusive_minimum(dp_schema_walk_t *walk, const dp_schema_row_t *row,
                  uint32_t token)
{
    return number_order(walk, row, token, 1) > 0;
}

static bool
exclusive_maximum(dp_schema_walk_t *walk, const dp_schema_row_t *row,
                  uint32_t token)
{
    return number_order(walk, row, token, -1) < 0;
}

static bool
multiple_of(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    dp_decimal_t number;

    if (type_of(walk, token) != DP_JSON_NUMBER) {
        return true;
    }

    number = dp_json_decimal(walk->json, token);

    return dp_decimal_multiple(&number, &row->decimal);
}

static bool
min_items(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    return type_of(walk, token) != DP_JSON_ARRAY
           || count_of(walk, token) >= row->number;
}

static bool
max_items(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    return type_of(walk, token) != DP_JSON_ARRAY
           || count_of(walk, token) <= row->number;
}

static int
item_compare(const void *data, uint32_t a, uint32_t b)
{
    const dp_json_t *json = data;

    return dp_json_compare(json, a, json, b);
}

/* Sorted, equal items are neighbours. */
static bool
unique_items(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    const dp_json_t *json = walk->json;
    uint32_t         items[DP_SCHEMA_UNIQUE_ITEMS];
    uint32_t         count = 0;

    (void) row;

    if (type_of(walk, token) != DP_JSON_ARRAY
        || count_of(walk, token) > DP_SCHEMA_UNIQUE_ITEMS) {
        return true;
    }

    for (uint32_t item = token + 1; item < json->tokens[token].next;
         item = json->tokens[item].next) {
        items[count++] = item;
    }

    dp_sort(items, count, item_compare, json);

    for (uint32_t i = 1; i < count; i++) {
        if (item_compare(json, items[i - 1], items[i]) == 0) {
            return false;
        }
    }

    return true;
}

static bool
min_properties(dp_schema_walk_t *walk, const dp_schema_row_t *row,
               uint32_t token)
{
    return type_of(walk, token) != DP_JSON_OBJECT
           || count_of(walk, token) >= row->number;
}

static bool
max_properties(dp_schema_walk_t *walk, const dp_schema_row_t *row,
               uint32_t token)
{
    return type_of(walk, token) != DP_JSON_OBJECT
           || count_of(walk, token) <= row->number;
}

/* Tells by itself what is missing. */
static bool
required(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    if (type_of(walk, token) == DP_JSON_OBJECT) {
        dp_schema_report_missing(walk, row, token);
    }

    return true;
}

/* The frame's place for a row about a container's parts. */
static bool
remember(const dp_schema_walk_t *walk, const dp_schema_row_t *row,
         uint32_t token, dp_json_type_t container,
         const dp_schema_row_t **place)
{
    if (type_of(walk, token) == container) {
        *place = row;
    }

    return true;
}

static bool
items(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    return remember(walk, row, token, DP_JSON_ARRAY,
                    &walk->frames[walk->depth].items);
}

static bool
properties(dp_schema_walk_t *walk, const dp_schema_row_t *row, uint32_t token)
{
    return remember(walk, row, token, DP_JSON_OBJECT,
                    &walk->frames[walk->depth].properties);
}

static bool
additional_properties(dp_schema_walk_t *walk, const dp_schema_row_t *row,
                      uint32_t token)
{
    return remember(walk, row, token, DP_JSON_OBJECT,
                    &walk->frames[walk->depth].additional);
}

static bool
property_names(dp_schema_walk_t *walk, const dp_schema_row_t *row,
               uint32_t token)
{
    return remember(walk, row, token, DP_JSON_OBJECT,
                    &walk->frames[walk->depth].names);
}

static check_fn *const checks[] = {
    [DP_KEYWORD_NEVER] = never,
    [DP_KEYWORD_TYPE] = type,
    [DP_KEYWORD_ENUM] = enumeration,
    [DP_KEYWORD_CONST] = constant,
    [DP_KEYWORD_MIN_LENGTH] = min_length,
    [DP_KEYWORD_MAX_LENGTH] = max_length,
    [DP_KEYWORD_PATTERN] = pattern,
    [DP_KEYWORD_FORMAT] = format,
    [DP_KEYWORD_MINIMUM] = minimum,
    [DP_KEYWORD_MAXIMUM] = maximum,
    [DP_KEYWORD_EXCLUSIVE_MINIMUM] = exclusive_minimum,
    [DP_KEYWORD_EXCLUSIVE_MAXIMUM] = exclusive_maximum,
    [DP_KEYWORD_MULTIPLE_OF] = multiple_of,
    [DP_KEYWORD_MIN_ITEMS] = min_items,
    [DP_KEYWORD_MAX_ITEMS] = max_items,
    [DP_KEYWORD_UNIQUE_ITEMS] = unique_items,
    [DP_KEYWORD_ITEMS] = items,
    [DP_KEYWORD_MIN_PROPERTIES] = min_properties,
    [DP_KEYWORD_MAX_PROPERTIES] = max_properties,
    [DP_KEYWORD_REQUIRED] = required,
    [DP_KEYWORD_PROPERTIES] = properties,
    [DP_KEYWORD_ADDITIONAL_PROPERTIES] = additional_properties,
    [DP_KEYWORD_PROPERTY_NAMES] = property_names,
    [DP_KEYWORD_DEFAULT] = any,
};

bool
dp_keyword_check(dp_schema_walk_t *walk, const dp_schema_row_t *row,
                 uint32_t token)
{
    return checks[row->keyword](walk, row, token);
}
