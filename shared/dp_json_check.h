/*
 * A strict reader of JSON: RFC 8259 and what both programs can agree on.
 *
 * dp_json_check() accepts a text or says where and why not; what it accepts
 * has no two readings.  Beyond the grammar it refuses bytes that are not UTF-8,
 * escapes of lone surrogates, U+0000, a name that comes twice in one object, a
 * number that an IEEE double would change, nesting beyond DP_JSON_DEPTH, and
 * anything behind the value.
 *
 * The result is a tape of tokens in the caller's memory, in the order of the
 * text: a container is followed by all that it holds, an object's member is
 * the token of its name, then its value.  Strings stay as they are in the text
 * until dp_json_text() unescapes one.
 *
 * Nothing here recurs, allocates or keeps state; a token is meaningful only
 * with the text it came from.
 */

#ifndef DP_JSON_CHECK_H
#define DP_JSON_CHECK_H

#include "dp_bytes.h"
#include "dp_decimal.h"

#define DP_JSON_DEPTH 64
#define DP_JSON_NAMES 1024 /* of one object */

typedef enum {
    DP_JSON_NULL,
    DP_JSON_FALSE,
    DP_JSON_TRUE,
    DP_JSON_NUMBER,
    DP_JSON_STRING, /* also a member's name */
    DP_JSON_ARRAY,
    DP_JSON_OBJECT,
} dp_json_type_t;

typedef struct {
    uint8_t  type;    /* dp_json_type_t */
    bool     escaped; /* a string that dp_json_text() must unescape */
    uint32_t start;   /* offset in the text; a string's, behind its quote */
    uint32_t len;     /* bytes in the text; a string's, without its quotes */
    uint32_t next;    /* index of the token behind this one and all it holds */
    uint32_t count;   /* of an array's items, an object's members; see below */
} dp_json_token_t;

/*
 * An object's members have a second order, which depends on their names alone:
 * the count of its i-th name is the token of the i-th name in that order.
 */

typedef enum {
    DP_JSON_OK,
    DP_JSON_SYNTAX,          /* not JSON */
    DP_JSON_TRAILING,        /* something behind the value */
    DP_JSON_NOT_UTF8,
    DP_JSON_LONE_SURROGATE,  /* \ud800 without its other half */
    DP_JSON_ZERO_CHARACTER,  /* \u0000 */
    DP_JSON_DUPLICATE_NAME,
    DP_JSON_NUMBER_INEXACT,  /* does not survive an IEEE double */
    DP_JSON_TOO_DEEP,
    DP_JSON_TOO_MANY_TOKENS, /* more than the caller's tape holds */
    DP_JSON_TOO_MANY_NAMES,  /* more than DP_JSON_NAMES in one object */
    DP_JSON_TOO_LONG,        /* 2 GiB and more */
} dp_json_fault_t;

/* The caller's memory and, after a call, the result. */
typedef struct {
    dp_json_token_t *tokens; /* the caller's */
    uint32_t         capacity;
    uint32_t         count;  /* tokens used; the root is tokens[0] */
    size_t           offset; /* of the fault, in bytes */
    dp_slice_t       text;
} dp_json_t;

/*
 * Reads `text` into json->tokens, of which there are json->capacity; the other
 * members are set.  An acceptable text of n bytes needs n / 2 + 1 tokens at
 * most.
 */
dp_json_fault_t dp_json_check(dp_json_t *json, dp_slice_t text)
    __attribute__((warn_unused_result));

/* A sentence about the fault, for people. */
const char *dp_json_fault_text(dp_json_fault_t fault);

/* The index of the value of an object's member, or 0: the root is no member. */
uint32_t dp_json_member(const dp_json_t *json, uint32_t object,
                        dp_slice_t name);

/* A number's, a string's or a container's own bytes in the text. */
dp_slice_t dp_json_raw(const dp_json_t *json, uint32_t token);

/*
 * A string's value, in UTF-8.  Borrows from the text when nothing is escaped,
 * else is written to `buffer`; a string never needs more bytes than its raw
 * form.  An empty slice when `capacity` is less than that.
 */
dp_slice_t dp_json_text(const dp_json_t *json, uint32_t token, void *buffer,
                        size_t capacity);

/* True when a string's value is this one; needs no buffer. */
bool dp_json_text_equal(const dp_json_t *json, uint32_t token, dp_slice_t value)
    __attribute__((warn_unused_result));

/* A string's length in characters (code points). */
size_t dp_json_length(const dp_json_t *json, uint32_t token);

/* What a number says, exactly. */
dp_decimal_t dp_json_decimal(const dp_json_t *json, uint32_t token);

/*
 * Orders two values, of one text or two: 0 when JSON Schema calls them equal (1
 * is 1.0, the order of members does not count), else less or greater than 0.
 * The order is total, and recursion as deep as the values.
 */
int dp_json_compare(const dp_json_t *json_a, uint32_t a,
                    const dp_json_t *json_b, uint32_t b);

/*
 * True when the number is a whole one that fits, as 24, -1, 2.50e1 or 1E2;
 * `value` receives it.
 */
bool dp_json_integer(const dp_json_t *json, uint32_t token, int64_t *value)
    __attribute__((warn_unused_result));

#endif /* DP_JSON_CHECK_H */
