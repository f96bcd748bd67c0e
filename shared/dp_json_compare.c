/*
 * Comparing the values of JSON texts.  See dp_json_compare() in dp_json_check.h.
 *
 * Containers are compared by size and then part by part; an object's members in
 * the order of their names that the scan left on the tape.
 */

#include "dp_json_check.h"
#include "dp_json_string.h"

/* A value and the text it is in. */
typedef struct {
    const dp_json_t *json;
    uint32_t         token;
} value_t;

static int compare(value_t a, value_t b);

static const dp_json_token_t *
token_of(value_t value)
{
    return &value.json->tokens[value.token];
}

static int
number_compare(value_t a, value_t b)
{
    dp_decimal_t number_a = dp_json_decimal(a.json, a.token);
    dp_decimal_t number_b = dp_json_decimal(b.json, b.token);

    return dp_decimal_compare(&number_a, &number_b);
}

/* Without escapes, a string's bytes are its value, backslashes too. */
static dp_json_chars_t
chars_of(value_t value)
{
    dp_json_chars_t chars = dp_json_chars(dp_json_raw(value.json, value.token));

    chars.plain = !token_of(value)->escaped;

    return chars;
}

static int
string_compare(value_t a, value_t b)
{
    dp_json_chars_t chars_a = chars_of(a);
    dp_json_chars_t chars_b = chars_of(b);
    int             byte_a, byte_b;

    if (chars_a.plain && chars_b.plain) {
        return dp_slice_compare(chars_a.rest, chars_b.rest);
    }

    do {
        byte_a = dp_json_chars_next(&chars_a);
        byte_b = dp_json_chars_next(&chars_b);
    } while (byte_a == byte_b && byte_a >= 0);

    return byte_a - byte_b;
}

static int
array_compare(value_t a, value_t b)
{
    uint32_t count = token_of(a)->count;
    int      order = 0;

    a.token++;
    b.token++;

    for (uint32_t i = 0; i < count && order == 0; i++) {
        order = compare(a, b);
        a.token = token_of(a)->next;
        b.token = token_of(b)->next;
    }

    return order;
}

static int
member_compare(value_t a, value_t b)
{
    int order = string_compare(a, b);

    a.token++;
    b.token++;

    return order != 0 ? order : compare(a, b);
}

/* Behind the value of the name. */
static uint32_t
name_next(value_t name)
{
    return name.json->tokens[name.token + 1].next;
}

static int
object_compare(value_t a, value_t b)
{
    uint32_t count = token_of(a)->count;
    int      order = 0;

    a.token++;
    b.token++;

    for (uint32_t i = 0; i < count && order == 0; i++) {
        order = member_compare((value_t) {a.json, token_of(a)->count},
                               (value_t) {b.json, token_of(b)->count});
        a.token = name_next(a);
        b.token = name_next(b);
    }

    return order;
}

static int
compare(value_t a, value_t b)
{
    const dp_json_token_t *token_a = token_of(a);
    const dp_json_token_t *token_b = token_of(b);

    if (token_a->type != token_b->type) {
        return token_a->type < token_b->type ? -1 : 1;
    }

    switch (token_a->type) {
    case DP_JSON_NUMBER:
        return number_compare(a, b);
    case DP_JSON_STRING:
        return string_compare(a, b);
    case DP_JSON_ARRAY:
    case DP_JSON_OBJECT:
        if (token_a->count != token_b->count) {
            return token_a->count < token_b->count ? -1 : 1;
        }

        return token_a->type == DP_JSON_ARRAY ? array_compare(a, b)
                                              : object_compare(a, b);
    default:
        return 0;
    }
}

int
dp_json_compare(const dp_json_t *json_a, uint32_t a, const dp_json_t *json_b,
                uint32_t b)
{
    return compare((value_t) {json_a, a}, (value_t) {json_b, b});
}
