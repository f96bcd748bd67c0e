/*
 * Walking the tape that dp_json_check() wrote.  See dp_json_check.h.
 */

#include "dp_json_check.h"
#include "dp_json_number.h"
#include "dp_json_string.h"

const char *
dp_json_fault_text(dp_json_fault_t fault)
{
    static const char *const texts[] = {
        [DP_JSON_OK] = "The text is acceptable.",
        [DP_JSON_SYNTAX] = "This is not JSON.",
        [DP_JSON_TRAILING] = "Something follows the value.",
        [DP_JSON_NOT_UTF8] = "The text is not UTF-8.",
        [DP_JSON_LONE_SURROGATE] = "An escaped surrogate lacks its other half.",
        [DP_JSON_ZERO_CHARACTER] = "The character U+0000 is not accepted.",
        [DP_JSON_DUPLICATE_NAME] = "A name comes twice in one object.",
        [DP_JSON_NUMBER_INEXACT] = "A double cannot keep this number.",
        [DP_JSON_TOO_DEEP] = "The nesting is too deep.",
        [DP_JSON_TOO_MANY_TOKENS] = "There are too many values.",
        [DP_JSON_TOO_MANY_NAMES] = "An object has too many members.",
        [DP_JSON_TOO_LONG] = "The text is too long.",
    };

    return texts[fault];
}

uint32_t
dp_json_member(const dp_json_t *json, uint32_t object, dp_slice_t name)
{
    uint32_t end = json->tokens[object].next;

    if (json->tokens[object].type != DP_JSON_OBJECT) {
        return 0;
    }

    for (uint32_t i = object + 1; i < end; i = json->tokens[i + 1].next) {
        if (dp_json_text_equal(json, i, name)) {
            return i + 1;
        }
    }

    return 0;
}

dp_slice_t
dp_json_raw(const dp_json_t *json, uint32_t token)
{
    return dp_slice(json->text.data + json->tokens[token].start,
                    json->tokens[token].len);
}

bool
dp_json_text_equal(const dp_json_t *json, uint32_t token, dp_slice_t value)
{
    dp_json_chars_t chars = dp_json_chars(dp_json_raw(json, token));

    if (!json->tokens[token].escaped) {
        return dp_slice_equal(chars.rest, value);
    }

    for (size_t i = 0; i < value.len; i++) {
        if (dp_json_chars_next(&chars) != value.data[i]) {
            return false;
        }
    }

    return dp_json_chars_next(&chars) < 0;
}

/* A character's first byte is the one that continues none. */
size_t
dp_json_length(const dp_json_t *json, uint32_t token)
{
    dp_json_chars_t chars = dp_json_chars(dp_json_raw(json, token));
    size_t          length = 0;
    int             byte;

    if (!json->tokens[token].escaped) {
        for (size_t i = 0; i < chars.rest.len; i++) {
            length += (chars.rest.data[i] & 0xc0) != 0x80;
        }

        return length;
    }

    while ((byte = dp_json_chars_next(&chars)) >= 0) {
        length += (byte & 0xc0) != 0x80;
    }

    return length;
}

dp_slice_t
dp_json_text(const dp_json_t *json, uint32_t token, void *buffer,
             size_t capacity)
{
    dp_slice_t      raw = dp_json_raw(json, token);
    dp_json_chars_t chars = dp_json_chars(raw);
    uint8_t        *bytes = buffer;
    size_t          len = 0;
    int             byte;

    if (!json->tokens[token].escaped) {
        return raw;
    }

    if (capacity < raw.len) {
        return dp_slice(NULL, 0);
    }

    while ((byte = dp_json_chars_next(&chars)) >= 0) {
        bytes[len++] = (uint8_t) byte;
    }

    return dp_slice(bytes, len);
}

dp_decimal_t
dp_json_decimal(const dp_json_t *json, uint32_t token)
{
    return dp_json_number_decimal(dp_json_raw(json, token));
}

bool
dp_json_integer(const dp_json_t *json, uint32_t token, int64_t *value)
{
    *value = 0;

    return json->tokens[token].type == DP_JSON_NUMBER
           && dp_json_number_integer(dp_json_raw(json, token), value);
}
