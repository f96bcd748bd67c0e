/*
 * Any text: an accepted one fits into the promised tape, the tape is sound, and
 * each string is well-formed and survives being written and read again.
 */

#include "dp_json_check.h"
#include "dp_json_out.h"
#include "dp_utf8.h"
#include "fuzz.h"

#include <stdlib.h>

/* The UTF-16 unit of an escape, or 0 where none is. */
static unsigned
unit_at(dp_slice_t raw, size_t at)
{
    char digits[5] = {0};

    if (raw.len - at < 6 || raw.data[at] != '\\' || raw.data[at + 1] != 'u') {
        return 0;
    }

    memcpy(digits, raw.data + at + 2, 4);

    return (unsigned) strtoul(digits, NULL, 16);
}

/* A high surrogate is followed by a low one, which is nowhere else. */
static void
surrogates_paired(dp_slice_t raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        unsigned unit = unit_at(raw, i);

        if (raw.data[i] != '\\') {
            continue;
        }

        FUZZ_ASSERT(unit < 0xdc00 || unit > 0xdfff);

        if (unit >= 0xd800 && unit <= 0xdbff) {
            unit = unit_at(raw, i + 6);
            FUZZ_ASSERT(unit >= 0xdc00 && unit <= 0xdfff);
            i += 6;
        }

        i++; /* what is escaped */
    }
}

static void
string_survives(const dp_json_t *json, uint32_t token)
{
    dp_slice_t      raw = dp_json_raw(json, token);
    uint8_t        *value = malloc(raw.len + 1);
    uint8_t        *text = malloc(2 + 6 * raw.len);
    dp_slice_t      string = dp_json_text(json, token, value, raw.len);
    dp_writer_t     writer = dp_writer(text, 2 + 6 * raw.len);
    dp_json_token_t tape[1];
    dp_json_t       again = {.tokens = tape, .capacity = 1};
    size_t          characters;

    surrogates_paired(raw);
    FUZZ_ASSERT(dp_utf8_count(string, &characters));
    dp_json_string(&writer, string);
    FUZZ_ASSERT(!writer.failed);
    FUZZ_ASSERT(dp_json_check(&again, dp_written(&writer)) == DP_JSON_OK);
    FUZZ_ASSERT(dp_json_text_equal(&again, 0, string));
    free(value);
    free(text);
}

/* A container's parts lie within it and come one after the other. */
static void
container_sound(const dp_json_t *json, uint32_t index)
{
    const dp_json_token_t *token = &json->tokens[index];
    uint32_t               parts = 0;
    uint32_t               at = token->start;

    for (uint32_t i = index + 1; i < token->next; i = json->tokens[i].next) {
        FUZZ_ASSERT(json->tokens[i].start > at);
        at = json->tokens[i].start;
        FUZZ_ASSERT(at + json->tokens[i].len < token->start + token->len);
        parts++;
    }

    FUZZ_ASSERT(parts
                == token->count * (token->type == DP_JSON_OBJECT ? 2 : 1));
}

/* A member is found under its own name. */
static void
members_found(const dp_json_t *json, uint32_t object)
{
    uint32_t end = json->tokens[object].next;

    for (uint32_t i = object + 1; i < end; i = json->tokens[i + 1].next) {
        dp_slice_t raw = dp_json_raw(json, i);
        uint8_t   *value = malloc(raw.len + 1);
        dp_slice_t name = dp_json_text(json, i, value, raw.len);

        FUZZ_ASSERT(dp_json_member(json, object, name) == i + 1);
        free(value);
    }
}

static void
token_sound(const dp_json_t *json, uint32_t i)
{
    int64_t value;

    switch (json->tokens[i].type) {
    case DP_JSON_STRING:
        string_survives(json, i);
        break;
    case DP_JSON_OBJECT:
        container_sound(json, i);
        members_found(json, i);
        break;
    case DP_JSON_ARRAY:
        container_sound(json, i);
        break;
    default:
        (void) !dp_json_integer(json, i, &value);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t         capacity = (uint32_t) size + 1;
    dp_json_token_t *tape = malloc(capacity * sizeof(*tape));
    dp_json_t        json = {.tokens = tape, .capacity = capacity};
    dp_json_fault_t  fault = dp_json_check(&json, dp_slice(data, size));

    FUZZ_ASSERT(fault != DP_JSON_TOO_MANY_TOKENS);
    FUZZ_ASSERT(json.offset <= size);

    if (fault == DP_JSON_OK) {
        FUZZ_ASSERT(tape[0].next == json.count);
        FUZZ_ASSERT(json.count <= size / 2 + 1);

        for (uint32_t i = 0; i < json.count; i++) {
            token_sound(&json, i);
        }
    }

    free(tape);

    return 0;
}
