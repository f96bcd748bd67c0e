/*
 * The scan of a JSON text: its state and its steps.  Private to the dp_json_*
 * files; dp_json_check.h is the interface.
 *
 * A step takes what it knows from the front of the text.  On a fault it leaves
 * `pos` there, sets `fault` and returns false.
 */

#ifndef DP_JSON_SCAN_H
#define DP_JSON_SCAN_H

#include "dp_json_check.h"

#include <endian.h>

typedef struct {
    dp_json_t      *json;
    const uint8_t  *pos;
    const uint8_t  *end;
    dp_json_fault_t fault;
    uint32_t        depth; /* of containers that are open */
    uint32_t        open[DP_JSON_DEPTH]; /* their tokens, innermost last */
} dp_scan_t;

/* Always false, so that callers write return dp_scan_fail(). */
static inline bool
dp_scan_fail(dp_scan_t *scan, dp_json_fault_t fault)
{
    scan->fault = fault;

    return false;
}

static inline bool
dp_scan_fail_at(dp_scan_t *scan, const uint8_t *pos, dp_json_fault_t fault)
{
    scan->pos = pos;

    return dp_scan_fail(scan, fault);
}

static inline void
dp_scan_skip_space(dp_scan_t *scan)
{
    const uint8_t *pos = scan->pos;

    while (pos < scan->end && *pos <= ' '
           && (*pos == ' ' || *pos == '\n' || *pos == '\r' || *pos == '\t')) {
        pos++;
    }

    scan->pos = pos;
}

/* The byte at the position; 0, which begins nothing, at the end. */
static inline uint8_t
dp_scan_peek(const dp_scan_t *scan)
{
    return scan->pos < scan->end ? *scan->pos : 0;
}

static inline bool
dp_scan_take(dp_scan_t *scan, uint8_t byte)
{
    if (dp_scan_peek(scan) != byte) {
        return dp_scan_fail(scan, DP_JSON_SYNTAX);
    }

    scan->pos++;

    return true;
}

static inline uint32_t
dp_scan_offset(const dp_scan_t *scan, const uint8_t *pos)
{
    return (uint32_t) (pos - scan->json->text.data);
}

/* Puts a token that holds nothing, yet, on the tape. */
static inline bool
dp_scan_token(dp_scan_t *scan, dp_json_type_t type, const uint8_t *start,
              size_t len)
{
    dp_json_t *json = scan->json;

    if (json->count == json->capacity) {
        return dp_scan_fail_at(scan, start, DP_JSON_TOO_MANY_TOKENS);
    }

    json->tokens[json->count] = (dp_json_token_t) {
        .type = (uint8_t) type,
        .start = dp_scan_offset(scan, start),
        .len = (uint32_t) len,
        .next = json->count + 1,
    };
    json->count++;

    return true;
}

#define DP_SCAN_BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * How many of the eight bytes stand for themselves before one that may not.
 *
 * A difference has the highest bit of a byte where the byte is not ASCII, is a
 * control character, a quote or a backslash.  It borrows from the bytes above
 * the first such one only, so that the lowest mark is right.
 */
static inline size_t
dp_scan_word(const uint8_t *pos)
{
    uint64_t word, marks;

    memcpy(&word, pos, sizeof(word));
    word = le64toh(word);
    marks = (word | (word - DP_SCAN_BYTES(0x20))
             | ((word ^ DP_SCAN_BYTES('"')) - DP_SCAN_BYTES(1))
             | ((word ^ DP_SCAN_BYTES('\\')) - DP_SCAN_BYTES(1)))
            & DP_SCAN_BYTES(0x80);

    return marks == 0 ? 8 : (size_t) __builtin_ctzll(marks) / 8;
}

/* Behind the ASCII that stands for itself, as far as whole words reach. */
static inline const uint8_t *
dp_scan_words(const uint8_t *pos, const uint8_t *end)
{
    size_t plain = 8;

    while (plain == 8 && end - pos >= 8) {
        plain = dp_scan_word(pos);
        pos += plain;
    }

    return pos;
}

/* The closing quote is at `end`. */
static inline bool
dp_scan_string_end(dp_scan_t *scan, const uint8_t *start, const uint8_t *end,
                   bool escaped)
{
    if (!dp_scan_token(scan, DP_JSON_STRING, start, (size_t) (end - start))) {
        return false;
    }

    scan->json->tokens[scan->json->count - 1].escaped = escaped;
    scan->pos = end + 1;

    return true;
}

/* From a byte on that is no plain ASCII, or that no whole word reaches. */
bool dp_scan_string_rest(dp_scan_t *scan, const uint8_t *start,
                         const uint8_t *pos);

/* A string with its quotes, to a token. */
static inline bool
dp_scan_string(dp_scan_t *scan)
{
    const uint8_t *start = scan->pos + 1;
    const uint8_t *pos;

    if (dp_scan_peek(scan) != '"') {
        return dp_scan_fail(scan, DP_JSON_SYNTAX);
    }

    pos = dp_scan_words(start, scan->end);

    return pos < scan->end && *pos == '"'
               ? dp_scan_string_end(scan, start, pos, false)
               : dp_scan_string_rest(scan, start, pos);
}

/* A number, to a token. */
bool dp_scan_number(dp_scan_t *scan);

/*
 * The members of the object, the tape's last, are complete: no two may have one
 * name.  The count of each name's token is its hash before, and what
 * dp_json_check.h says behind.
 */
bool dp_scan_names(dp_scan_t *scan, uint32_t object);

#endif /* DP_JSON_SCAN_H */
