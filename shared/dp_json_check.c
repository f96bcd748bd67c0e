/*
 * The strict JSON reader: a scan of the text that writes the tape.
 *
 * The containers that are open are kept on a stack of token indexes, so depth
 * costs no recursion.  When an object closes, its names are sorted by hash and
 * value and neighbours are compared: n log n whatever the names are, where a
 * hash table would need a secret.
 */

#include "dp_json_check.h"
#include "dp_hex.h"
#include "dp_json_number.h"
#include "dp_json_string.h"
#include "dp_utf8.h"

typedef struct {
    dp_json_t      *json;
    const uint8_t  *pos;
    const uint8_t  *end;
    dp_json_fault_t fault;
    uint32_t        depth;
    uint32_t        open[DP_JSON_DEPTH];
} scan_t;

/* Always false, so that callers write return fail(). */
static bool
fail(scan_t *scan, dp_json_fault_t fault)
{
    scan->fault = fault;

    return false;
}

static bool
fail_at(scan_t *scan, const uint8_t *pos, dp_json_fault_t fault)
{
    scan->pos = pos;

    return fail(scan, fault);
}

static void
skip_space(scan_t *scan)
{
    while (scan->pos < scan->end
           && (*scan->pos == ' ' || *scan->pos == '\n' || *scan->pos == '\r'
               || *scan->pos == '\t')) {
        scan->pos++;
    }
}

/* The byte at the position; 0, which begins nothing, at the end. */
static uint8_t
peek(const scan_t *scan)
{
    return scan->pos < scan->end ? *scan->pos : 0;
}

static bool
take(scan_t *scan, uint8_t byte)
{
    if (peek(scan) != byte) {
        return fail(scan, DP_JSON_SYNTAX);
    }

    scan->pos++;

    return true;
}

static uint32_t
offset_of(const scan_t *scan, const uint8_t *pos)
{
    return (uint32_t) (pos - scan->json->text.data);
}

/* Puts a token that holds nothing, yet, on the tape. */
static bool
token_add(scan_t *scan, dp_json_type_t type, const uint8_t *start, size_t len)
{
    dp_json_t *json = scan->json;

    if (json->count == json->capacity) {
        return fail_at(scan, start, DP_JSON_TOO_MANY_TOKENS);
    }

    json->tokens[json->count] = (dp_json_token_t) {
        .type = (uint8_t) type,
        .start = offset_of(scan, start),
        .len = (uint32_t) len,
        .next = json->count + 1,
    };
    json->count++;

    return true;
}

static bool
scan_word(scan_t *scan, dp_json_type_t type, const char *word)
{
    const uint8_t *start = scan->pos;

    for (; *word != '\0'; word++) {
        if (!take(scan, (uint8_t) *word)) {
            return false;
        }
    }

    return token_add(scan, type, start, (size_t) (scan->pos - start));
}

/* One digit or more. */
static bool
scan_digits(scan_t *scan)
{
    const uint8_t *start = scan->pos;

    while (peek(scan) >= '0' && peek(scan) <= '9') {
        scan->pos++;
    }

    return scan->pos != start || fail(scan, DP_JSON_SYNTAX);
}

static bool
scan_exponent(scan_t *scan)
{
    if (peek(scan) != 'e' && peek(scan) != 'E') {
        return true;
    }

    scan->pos++;

    if (peek(scan) == '+' || peek(scan) == '-') {
        scan->pos++;
    }

    return scan_digits(scan);
}

static bool
scan_fraction(scan_t *scan)
{
    if (peek(scan) != '.') {
        return true;
    }

    scan->pos++;

    return scan_digits(scan);
}

/* A zero is followed by no further digit: what comes then is no separator. */
static bool
scan_whole(scan_t *scan)
{
    if (peek(scan) == '-') {
        scan->pos++;
    }

    if (peek(scan) == '0') {
        scan->pos++;
        return true;
    }

    return scan_digits(scan);
}

static bool
scan_number(scan_t *scan)
{
    const uint8_t *start = scan->pos;
    size_t         len;

    if (!scan_whole(scan) || !scan_fraction(scan) || !scan_exponent(scan)) {
        return false;
    }

    len = (size_t) (scan->pos - start);

    if (!dp_json_number_exact(dp_slice(start, len))) {
        return fail_at(scan, start, DP_JSON_NUMBER_INEXACT);
    }

    return token_add(scan, DP_JSON_NUMBER, start, len);
}

/* The four digits behind "\u". */
static bool
scan_unit(scan_t *scan, uint32_t *unit)
{
    *unit = 0;

    for (size_t i = 0; i < 4; i++) {
        int digit = dp_hex_digit(peek(scan));

        if (digit < 0) {
            return fail(scan, DP_JSON_SYNTAX);
        }

        *unit = *unit << 4 | (uint32_t) digit;
        scan->pos++;
    }

    return true;
}

/* Behind a high surrogate's escape. */
static bool
scan_low_surrogate(scan_t *scan, const uint8_t *escape)
{
    uint32_t unit;

    if (scan->end - scan->pos < 2 || scan->pos[0] != '\\'
        || scan->pos[1] != 'u') {
        return fail_at(scan, escape, DP_JSON_LONE_SURROGATE);
    }

    scan->pos += 2;

    if (!scan_unit(scan, &unit)) {
        return false;
    }

    return (unit >= 0xdc00 && unit <= 0xdfff)
           || fail_at(scan, escape, DP_JSON_LONE_SURROGATE);
}

static bool
scan_code_point(scan_t *scan, const uint8_t *escape)
{
    uint32_t unit;

    if (!scan_unit(scan, &unit)) {
        return false;
    }

    if (unit == 0) {
        return fail_at(scan, escape, DP_JSON_ZERO_CHARACTER);
    }

    if (unit >= 0xdc00 && unit <= 0xdfff) {
        return fail_at(scan, escape, DP_JSON_LONE_SURROGATE);
    }

    return unit < 0xd800 || unit > 0xdfff || scan_low_surrogate(scan, escape);
}

static bool
scan_escape(scan_t *scan)
{
    const uint8_t *escape = scan->pos;

    scan->pos++;

    switch (peek(scan)) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        scan->pos++;
        return true;
    case 'u':
        scan->pos++;
        return scan_code_point(scan, escape);
    default:
        return fail(scan, DP_JSON_SYNTAX);
    }
}

/* Goes on to the next byte that is a quote, a backslash or at fault. */
static bool
scan_plain(scan_t *scan)
{
    while (scan->pos < scan->end) {
        uint8_t byte = *scan->pos;
        size_t  len;

        if (byte == '"' || byte == '\\') {
            return true;
        }

        if (byte < 0x20) {
            return fail(scan, DP_JSON_SYNTAX);
        }

        len = dp_utf8_length(scan->pos, scan->end);

        if (len == 0) {
            return fail(scan, DP_JSON_NOT_UTF8);
        }

        scan->pos += len;
    }

    return fail(scan, DP_JSON_SYNTAX);
}

static bool
scan_string(scan_t *scan)
{
    const uint8_t *start;
    bool           escaped = false;

    if (!take(scan, '"')) {
        return false;
    }

    start = scan->pos;

    while (scan_plain(scan) && *scan->pos == '\\') {
        escaped = true;

        if (!scan_escape(scan)) {
            return false;
        }
    }

    if (scan->fault != DP_JSON_OK
        || !token_add(scan, DP_JSON_STRING, start,
                      (size_t) (scan->pos - start))) {
        return false;
    }

    scan->json->tokens[scan->json->count - 1].escaped = escaped;
    scan->pos++;

    return true;
}

static bool
container_open(scan_t *scan, dp_json_type_t type)
{
    if (scan->depth == DP_JSON_DEPTH) {
        return fail(scan, DP_JSON_TOO_DEEP);
    }

    scan->open[scan->depth] = scan->json->count;

    if (!token_add(scan, type, scan->pos, 1)) {
        return false;
    }

    scan->depth++;
    scan->pos++;

    return true;
}

/* A scalar, or the opening of a container. */
static bool
scan_value(scan_t *scan)
{
    skip_space(scan);

    switch (peek(scan)) {
    case '{':
        return container_open(scan, DP_JSON_OBJECT);
    case '[':
        return container_open(scan, DP_JSON_ARRAY);
    case '"':
        return scan_string(scan);
    case 't':
        return scan_word(scan, DP_JSON_TRUE, "true");
    case 'f':
        return scan_word(scan, DP_JSON_FALSE, "false");
    case 'n':
        return scan_word(scan, DP_JSON_NULL, "null");
    default:
        return scan_number(scan);
    }
}

/* A member's name and the colon; the token's count keeps the name's hash. */
static bool
scan_name(scan_t *scan)
{
    dp_json_token_t *name = &scan->json->tokens[scan->json->count];

    skip_space(scan);

    if (!scan_string(scan)) {
        return false;
    }

    name->count = dp_json_string_hash(
        dp_slice(scan->json->text.data + name->start, name->len));
    skip_space(scan);

    return take(scan, ':');
}

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

/* The object's members are complete: no two have one name. */
static bool
names_check(scan_t *scan, uint32_t object)
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
            return fail_at(scan, dp_json_raw(json, later).data,
                           DP_JSON_DUPLICATE_NAME);
        }
    }

    return true;
}

static bool
container_close(scan_t *scan)
{
    dp_json_t       *json = scan->json;
    uint32_t         index = scan->open[--scan->depth];
    dp_json_token_t *token = &json->tokens[index];

    scan->pos++;
    token->len = offset_of(scan, scan->pos) - token->start;
    token->next = json->count;

    return token->type != DP_JSON_OBJECT || token->count < 2
           || names_check(scan, index);
}

/* What comes next in the innermost container: its end, an item or a member. */
static bool
scan_within(scan_t *scan)
{
    dp_json_token_t *token = &scan->json->tokens[scan->open[scan->depth - 1]];
    bool             object = token->type == DP_JSON_OBJECT;

    skip_space(scan);

    if (peek(scan) == (object ? '}' : ']')) {
        return container_close(scan);
    }

    if (token->count != 0 && !take(scan, ',')) {
        return false;
    }

    if (object && token->count == DP_JSON_NAMES) {
        return fail(scan, DP_JSON_TOO_MANY_NAMES);
    }

    token->count++;

    return (!object || scan_name(scan)) && scan_value(scan);
}

static bool
scan_document(scan_t *scan)
{
    if (scan->json->text.len > INT32_MAX) {
        return fail(scan, DP_JSON_TOO_LONG);
    }

    if (!scan_value(scan)) {
        return false;
    }

    while (scan->depth != 0) {
        if (!scan_within(scan)) {
            return false;
        }
    }

    skip_space(scan);

    return scan->pos == scan->end || fail(scan, DP_JSON_TRAILING);
}

dp_json_fault_t
dp_json_check(dp_json_t *json, dp_slice_t text)
{
    scan_t scan;

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
