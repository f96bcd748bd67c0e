/*
 * The strict JSON reader: a scan of the text that writes the tape.
 *
 * The containers that are open are kept on a stack of token indexes, so depth
 * costs no recursion.
 */

#include "dp_json_check.h"
#include "dp_json_scan.h"
#include "dp_json_string.h"

static bool
scan_word(dp_scan_t *scan, dp_json_type_t type, const char *word)
{
    const uint8_t *start = scan->pos;

    for (; *word != '\0'; word++) {
        if (!dp_scan_take(scan, (uint8_t) *word)) {
            return false;
        }
    }

    return dp_scan_token(scan, type, start, (size_t) (scan->pos - start));
}

static bool
container_open(dp_scan_t *scan, dp_json_type_t type)
{
    if (scan->depth == DP_JSON_DEPTH) {
        return dp_scan_fail(scan, DP_JSON_TOO_DEEP);
    }

    scan->open[scan->depth] = scan->json->count;

    if (!dp_scan_token(scan, type, scan->pos, 1)) {
        return false;
    }

    scan->depth++;
    scan->pos++;

    return true;
}

/* A scalar, or the opening of a container. */
static bool
scan_value(dp_scan_t *scan)
{
    dp_scan_skip_space(scan);

    switch (dp_scan_peek(scan)) {
    case '{':
        return container_open(scan, DP_JSON_OBJECT);
    case '[':
        return container_open(scan, DP_JSON_ARRAY);
    case '"':
        return dp_scan_string(scan);
    case 't':
        return scan_word(scan, DP_JSON_TRUE, "true");
    case 'f':
        return scan_word(scan, DP_JSON_FALSE, "false");
    case 'n':
        return scan_word(scan, DP_JSON_NULL, "null");
    default:
        return dp_scan_number(scan);
    }
}

/* A member's name and the colon; the token's count keeps the name's hash. */
static bool
scan_name(dp_scan_t *scan)
{
    dp_json_token_t *name = &scan->json->tokens[scan->json->count];

    dp_scan_skip_space(scan);

    if (!dp_scan_string(scan)) {
        return false;
    }

    name->count = dp_json_string_hash(
        dp_slice(scan->json->text.data + name->start, name->len), name->escaped);
    dp_scan_skip_space(scan);

    return dp_scan_take(scan, ':');
}

static bool
container_close(dp_scan_t *scan)
{
    dp_json_t       *json = scan->json;
    uint32_t         index = scan->open[--scan->depth];
    dp_json_token_t *token = &json->tokens[index];

    scan->pos++;
    token->len = dp_scan_offset(scan, scan->pos) - token->start;
    token->next = json->count;

    return token->type != DP_JSON_OBJECT || dp_scan_names(scan, index);
}

/* What comes next in the innermost container: its end, an item or a member. */
static bool
scan_within(dp_scan_t *scan)
{
    dp_json_token_t *token = &scan->json->tokens[scan->open[scan->depth - 1]];
    bool             object = token->type == DP_JSON_OBJECT;

    dp_scan_skip_space(scan);

    if (dp_scan_peek(scan) == (object ? '}' : ']')) {
        return container_close(scan);
    }

    if (token->count != 0 && !dp_scan_take(scan, ',')) {
        return false;
    }

    if (object && token->count == DP_JSON_NAMES) {
        return dp_scan_fail(scan, DP_JSON_TOO_MANY_NAMES);
    }

    token->count++;

    return (!object || scan_name(scan)) && scan_value(scan);
}

static bool
scan_document(dp_scan_t *scan)
{
    if (scan->json->text.len > INT32_MAX) {
        return dp_scan_fail(scan, DP_JSON_TOO_LONG);
    }

    if (!scan_value(scan)) {
        return false;
    }

    while (scan->depth != 0) {
        if (!scan_within(scan)) {
            return false;
        }
    }

    dp_scan_skip_space(scan);

    return scan->pos == scan->end || dp_scan_fail(scan, DP_JSON_TRAILING);
}

dp_json_fault_t
dp_json_check(dp_json_t *json, dp_slice_t text)
{
    dp_scan_t scan; /* large, and not to be cleared but begun */

    scan.json = json;
    scan.pos = text.data;
    scan.end = dp_slice_end(text);
    scan.fault = DP_JSON_OK;
    scan.depth = 0;

    json->text = text;
    json->count = 0;
    json->offset = 0;

    if (!scan_document(&scan)) {
        json->offset = (size_t) (scan.pos - text.data);
    }

    return scan.fault;
}
