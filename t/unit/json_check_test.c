/*
 * The strict JSON reader: what it refuses, why and where; the tape; and that
 * its time does not depend on who wrote the text.
 */

#include "dp_json_check.h"
#include "dp_json_number.h"
#include "dp_json_out.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#define TOKENS 65536

static dp_json_token_t tokens[TOKENS];

/* Checks a copy that a sanitizer sees the ends of; json.text is the original. */
static dp_json_fault_t
check(dp_json_t *json, dp_slice_t text)
{
    dp_slice_t      copy = unit_copy(text);
    dp_json_fault_t fault;

    *json = (dp_json_t) {.tokens = tokens, .capacity = TOKENS};
    fault = dp_json_check(json, copy);
    json->text = text;
    free((void *) copy.data);

    return fault;
}

typedef struct {
    dp_slice_t      text;
    dp_json_fault_t fault;
    size_t          offset;
} row_t;

static void
assert_rows(const row_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dp_json_t       json;
        dp_json_fault_t fault = check(&json, rows[i].text);

        ck_assert_msg(fault == rows[i].fault, "%.*s: fault %d, expected %d",
                      (int) rows[i].text.len, (const char *) rows[i].text.data,
                      fault, rows[i].fault);
        ck_assert_msg(json.offset == rows[i].offset,
                      "%.*s: offset %zu, expected %zu", (int) rows[i].text.len,
                      (const char *) rows[i].text.data, json.offset,
                      rows[i].offset);
    }
}

#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof((rows)[0]))
#define ACCEPTED(text) {DP_SLICE(text), DP_JSON_OK, 0}
#define REFUSED(text, fault, offset) {DP_SLICE(text), DP_JSON_##fault, offset}

START_TEST(syntax)
{
    static const row_t rows[] = {
        ACCEPTED("{}"),
        ACCEPTED(" [ ] \r\n\t"),
        ACCEPTED("null"),
        ACCEPTED("{\"a\":[1,{\"b\":true}],\"c\":\"\"}"),
        REFUSED("", SYNTAX, 0),
        REFUSED(" ", SYNTAX, 1),
        REFUSED("\xef\xbb\xbf{}", SYNTAX, 0),
        REFUSED("{} {}", TRAILING, 3),
        REFUSED("1 2", TRAILING, 2),
        REFUSED("01", TRAILING, 1),
        REFUSED("[1,]", SYNTAX, 3),
        REFUSED("[,1]", SYNTAX, 1),
        REFUSED("[1 2]", SYNTAX, 3),
        REFUSED("[1}", SYNTAX, 2),
        REFUSED("{\"a\"}", SYNTAX, 4),
        REFUSED("{\"a\":}", SYNTAX, 5),
        REFUSED("{\"a\":1,}", SYNTAX, 7),
        REFUSED("{a:1}", SYNTAX, 1),
        REFUSED("{1:1}", SYNTAX, 1),
        REFUSED("[", SYNTAX, 1),
        REFUSED("{\"a\":1", SYNTAX, 6),
        REFUSED("nul", SYNTAX, 3),
        REFUSED("nulL", SYNTAX, 3),
        REFUSED("True", SYNTAX, 0),
        REFUSED("-", SYNTAX, 1),
        REFUSED("1.", SYNTAX, 2),
        REFUSED(".1", SYNTAX, 0),
        REFUSED("+1", SYNTAX, 0),
        REFUSED("1e", SYNTAX, 2),
        REFUSED("1e+", SYNTAX, 3),
        REFUSED("0x1", TRAILING, 1),
        REFUSED("NaN", SYNTAX, 0),
        REFUSED("'a'", SYNTAX, 0),
        REFUSED("[1]\0", TRAILING, 3),
        REFUSED("\0", SYNTAX, 0),
        REFUSED("[1/**/]", SYNTAX, 2),
    };

    ASSERT_ROWS(rows);
}
END_TEST

START_TEST(strings)
{
    static const row_t rows[] = {
        ACCEPTED("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\""),
        ACCEPTED("\"\x7f\xc3\xa9\xf0\x9f\x98\x80\""),
        REFUSED("\"a", SYNTAX, 2),
        REFUSED("\"\n\"", SYNTAX, 1),
        REFUSED("\"\\", SYNTAX, 2),
        REFUSED("\"\\\"", SYNTAX, 3),
        REFUSED("\"\\x\"", SYNTAX, 2),
        REFUSED("\"\\U0041\"", SYNTAX, 2),
        REFUSED("\"\\u12\"", SYNTAX, 5),
        REFUSED("\"\\u12g4\"", SYNTAX, 5),
        REFUSED("\"\xff\"", NOT_UTF8, 1),
        REFUSED("\"\xc3\"", NOT_UTF8, 1),
        REFUSED("\"a\xed\xa0\x80\"", NOT_UTF8, 2),
        REFUSED("\"\\u0000\"", ZERO_CHARACTER, 1),
        REFUSED("{\"\\u0000\":1}", ZERO_CHARACTER, 2),
        REFUSED("\"\\ud800\"", LONE_SURROGATE, 1),
        REFUSED("\"\\udc00\"", LONE_SURROGATE, 1),
        REFUSED("\"\\ud800\\ud800\"", LONE_SURROGATE, 1),
        REFUSED("\"\\udc00\\udc00\"", LONE_SURROGATE, 1),
        REFUSED("\"\\ud800\\n\"", LONE_SURROGATE, 1),
        REFUSED("\"\\ud800\\u12\"", SYNTAX, 11),
        REFUSED("\"\\ud800", LONE_SURROGATE, 1),
    };

    ASSERT_ROWS(rows);
}
END_TEST

START_TEST(names_come_once)
{
    static const row_t rows[] = {
        ACCEPTED("{\"a\":1,\"A\":2,\"\":3,\"aa\":4}"),
        ACCEPTED("[{\"a\":1},{\"a\":1}]"),
        ACCEPTED("{\"a\":{\"a\":{\"a\":1}}}"),
        REFUSED("{\"a\":1,\"a\":1}", DUPLICATE_NAME, 8),
        REFUSED("{\"\":1,\"\":1}", DUPLICATE_NAME, 7),
        REFUSED("{\"a\":1,\"b\":{},\"\\u0061\":1}", DUPLICATE_NAME, 15),
        REFUSED("{\"\\/\":1,\"/\":1}", DUPLICATE_NAME, 9),
        REFUSED("{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":1}",
                DUPLICATE_NAME, 11),
        REFUSED("[{\"x\":{\"k\":[{\"k\":1}],\"k\":2}}]", DUPLICATE_NAME, 22),
    };

    ASSERT_ROWS(rows);
}
END_TEST

/* {"aaa":1,"\u0061aa":2}: `length` times the same letter, escaped once. */
static void
assert_same_name(size_t length)
{
    char      first[64], text[256];
    dp_json_t json;

    memset(first, 'a', length);
    first[length] = '\0';
    snprintf(text, sizeof(text), "{\"%s\":1,\"b\":2,\"\\u0061%s\":3}", first,
             first + 1);
    ck_assert_int_eq(check(&json, dp_slice_text(text)), DP_JSON_DUPLICATE_NAME);

    snprintf(text, sizeof(text), "{\"%s\":1,\"b\":2,\"\\u0061a%s\":3}", first,
             first + 1);
    ck_assert_int_eq(check(&json, dp_slice_text(text)), DP_JSON_OK);
}

START_TEST(an_escaped_name_is_the_same_at_every_length)
{
    for (size_t length = 1; length <= 40; length++) {
        assert_same_name(length);
    }
}
END_TEST

/* An object of `count` names; the last is that of number `twin` again. */
static dp_json_fault_t
check_twin(size_t count, size_t twin)
{
    char        text[4096];
    dp_writer_t writer = dp_writer(text, sizeof(text));
    dp_json_t   json;

    for (size_t i = 0; i < count; i++) {
        char name[32];

        snprintf(name, sizeof(name), "%s\"n%zu\":1", i == 0 ? "{" : ",",
                 i == count - 1 ? twin : i);
        dp_write_text(&writer, name);
    }

    dp_write_text(&writer, "}");
    ck_assert(!writer.failed);

    return check(&json, dp_written(&writer));
}

START_TEST(a_twin_is_found_among_few_and_many)
{
    for (size_t count = 2; count <= 64; count++) {
        ck_assert_int_eq(check_twin(count, count - 1), DP_JSON_OK);

        for (size_t twin = 0; twin < count - 1; twin++) {
            ck_assert_int_eq(check_twin(count, twin), DP_JSON_DUPLICATE_NAME);
        }
    }
}
END_TEST

START_TEST(numbers_survive_a_double)
{
    static const row_t rows[] = {
        ACCEPTED("0"),
        ACCEPTED("-0"),
        ACCEPTED("0.000"),
        ACCEPTED("0e99999"),
        ACCEPTED("0.1"),
        ACCEPTED("-0.30000000000000004"),
        ACCEPTED("123456789012345"),
        ACCEPTED("9007199254740992"),
        ACCEPTED("9007199254740994"),
        ACCEPTED("90071992547409920000000"),
        ACCEPTED("1e308"),
        ACCEPTED("1.7976931348623157e308"),
        ACCEPTED("2.2250738585072014E-308"),
        ACCEPTED("5e-324"),
        ACCEPTED("1000000000000000000000000000000"),
        ACCEPTED("0.00000000000000000000000000000000000000001"),
        ACCEPTED("1.00000000000000000000000000000000"),
        REFUSED("9007199254740993", NUMBER_INEXACT, 0),
        REFUSED("[1,-9007199254740993]", NUMBER_INEXACT, 3),
        REFUSED("12345678901234567890", NUMBER_INEXACT, 0),
        REFUSED("3.14159265358979323846", NUMBER_INEXACT, 0),
        REFUSED("0.1234567890123456789", NUMBER_INEXACT, 0),
        REFUSED("1e309", NUMBER_INEXACT, 0),
        REFUSED("1.7976931348623159e308", NUMBER_INEXACT, 0),
        REFUSED("-1e400", NUMBER_INEXACT, 0),
        REFUSED("4e-324", NUMBER_INEXACT, 0),
        REFUSED("2e-324", NUMBER_INEXACT, 0),
        REFUSED("1.1e-323", NUMBER_INEXACT, 0),
        REFUSED("1e-400", NUMBER_INEXACT, 0),
        REFUSED("1e99999999999999999999", NUMBER_INEXACT, 0),
        REFUSED("1e-99999999999999999999", NUMBER_INEXACT, 0),
    };

    ASSERT_ROWS(rows);
}
END_TEST

/* What libc prints of a double with 17 digits is always kept. */
START_TEST(every_double_is_kept)
{
    uint64_t bits = 88172645463325252ull;
    size_t   wrong = 0;

    for (int i = 0; i < 100000; i++) {
        double value;
        char   text[32];

        bits ^= bits << 13; /* xorshift64 */
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&value, &bits, sizeof(value));

        if (value - value != 0) {
            continue; /* not finite */
        }

        snprintf(text, sizeof(text), "%.17g", value);
        wrong += !dp_json_number_exact(dp_slice_text(text));
    }

    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* `depth` arrays, one in another. */
static dp_slice_t
nested(size_t depth)
{
    uint8_t *text = malloc(2 * depth);

    ck_assert_ptr_nonnull(text);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);

    return dp_slice(text, 2 * depth);
}

START_TEST(depth_is_limited)
{
    dp_json_t  json;
    dp_slice_t deep = nested(DP_JSON_DEPTH);
    dp_slice_t deeper = nested(DP_JSON_DEPTH + 1);
    dp_slice_t abyss = nested(100000);

    ck_assert_int_eq(check(&json, deep), DP_JSON_OK);
    ck_assert_int_eq(check(&json, deeper), DP_JSON_TOO_DEEP);
    ck_assert_uint_eq(json.offset, DP_JSON_DEPTH);
    ck_assert_int_eq(check(&json, abyss), DP_JSON_TOO_DEEP);
    free((void *) deep.data);
    free((void *) deeper.data);
    free((void *) abyss.data);
}
END_TEST

START_TEST(the_tape_is_limited_by_its_capacity)
{
    dp_slice_t text = DP_SLICE("[1,{\"a\":2}]"); /* five tokens */

    for (uint32_t capacity = 0; capacity < 5; capacity++) {
        dp_json_token_t *tape = malloc(capacity * sizeof(*tape) + 1);
        dp_json_t        json = {.tokens = tape, .capacity = capacity};

        ck_assert_int_eq(dp_json_check(&json, text), DP_JSON_TOO_MANY_TOKENS);
        free(tape);
    }
}
END_TEST

/* The densest texts need n / 2 + 1 tokens and no more. */
START_TEST(the_promised_capacity_suffices)
{
    static const char *const rows[] = {
        "1", "[]", "[1]", "[1,1,1,1]", "[[[[]]]]", "[[],[],[]]", "{\"\":1}",
        "[\"\",\"\",\"\"]", "{\"\":{\"\":{\"\":1}}}", "[{},{},{}]",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t       text = dp_slice_text(rows[i]);
        uint32_t         capacity = (uint32_t) text.len / 2 + 1;
        dp_json_token_t *tape = malloc(capacity * sizeof(*tape));
        dp_json_t        json = {.tokens = tape, .capacity = capacity};

        ck_assert_msg(dp_json_check(&json, text) == DP_JSON_OK, "%s", rows[i]);
        free(tape);
    }
}
END_TEST

/* An object of `count` names, each `length` characters that begin alike. */
static dp_slice_t
object_of(size_t count, int length)
{
    char       *text = malloc(count * (size_t) (length + 8) + 3);
    dp_writer_t writer = dp_writer(text, count * (size_t) (length + 8) + 3);

    for (size_t i = 0; i < count; i++) {
        char name[2048];

        snprintf(name, sizeof(name), "%s\"%0*zu\":1", i == 0 ? "{" : ",",
                 length, i);
        dp_write_text(&writer, name);
    }

    dp_write_text(&writer, "}");
    ck_assert(!writer.failed);

    return dp_written(&writer);
}

START_TEST(names_are_limited)
{
    dp_json_t  json;
    dp_slice_t many = object_of(DP_JSON_NAMES, 8);
    dp_slice_t more = object_of(DP_JSON_NAMES + 1, 8);

    ck_assert_int_eq(check(&json, many), DP_JSON_OK);
    ck_assert_uint_eq(json.tokens[0].count, DP_JSON_NAMES);
    ck_assert_int_eq(check(&json, more), DP_JSON_TOO_MANY_NAMES);
    free((void *) many.data);
    free((void *) more.data);
}
END_TEST

/*
 * Names made to be compared at length: sorted, with a common beginning.  Square
 * time would run into Check's time-out.
 */
START_TEST(hostile_names_cost_little)
{
    dp_json_t  json;
    dp_slice_t text = object_of(DP_JSON_NAMES, 1000);

    ck_assert_uint_gt(text.len, 1000000);

    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(check(&json, text), DP_JSON_OK);
    }

    free((void *) text.data);
}
END_TEST

START_TEST(members_are_found_and_read)
{
    dp_slice_t text = DP_SLICE("{\"n\\u0061me\":\"a\\n\\u00e9\\ud83d\\ude00\","
                               "\"list\":[1,[2,3],{}],\"ttl\":48,\"\":null}");
    dp_json_t  json;
    char       buffer[64];
    uint32_t   name, list;
    int64_t    value;

    ck_assert_int_eq(check(&json, text), DP_JSON_OK);
    ck_assert_uint_eq(json.tokens[0].count, 4);

    name = dp_json_member(&json, 0, DP_SLICE("name"));
    ck_assert_uint_eq(name, 2);
    ck_assert(json.tokens[name].escaped);
    unit_assert_text(dp_json_text(&json, name, buffer, sizeof(buffer)),
                     "a\n\xc3\xa9\xf0\x9f\x98\x80");
    ck_assert_ptr_null(dp_json_text(&json, name, buffer, 5).data);
    ck_assert(dp_json_text_equal(&json, name,
                                 DP_SLICE("a\n\xc3\xa9\xf0\x9f\x98\x80")));
    ck_assert(!dp_json_text_equal(&json, name, DP_SLICE("a\n\xc3\xa9")));
    ck_assert(!dp_json_text_equal(&json, name, DP_SLICE("b")));

    list = dp_json_member(&json, 0, DP_SLICE("list"));
    ck_assert_uint_eq(json.tokens[list].count, 3);
    unit_assert_text(dp_json_raw(&json, list), "[1,[2,3],{}]");
    ck_assert_uint_eq(json.tokens[list + 2].next, list + 5);
    unit_assert_text(dp_json_raw(&json, list + 5), "{}");

    ck_assert(dp_json_integer(
        &json, dp_json_member(&json, 0, DP_SLICE("ttl")), &value));
    ck_assert_int_eq(value, 48);
    ck_assert(!dp_json_integer(&json, list, &value));

    ck_assert_uint_ne(dp_json_member(&json, 0, DP_SLICE("")), 0);
    ck_assert_uint_eq(dp_json_member(&json, 0, DP_SLICE("lis")), 0);
    ck_assert_uint_eq(dp_json_member(&json, list, DP_SLICE("1")), 0);
}
END_TEST

START_TEST(integers_are_whole_numbers)
{
    static const struct {
        const char *text;
        bool        whole;
        int64_t     value;
    } rows[] = {
        {"0", true, 0},
        {"-0.0", true, 0},
        {"24", true, 24},
        {"-168", true, -168},
        {"24.0", true, 24},
        {"2.50e1", true, 25},
        {"1E2", true, 100},
        {"1200e-2", true, 12},
        {"9007199254740992", true, 9007199254740992},
        {"9000000000000000000", true, 9000000000000000000},
        {"-9000000000000000000", true, -9000000000000000000},
        {"9300000000000000000", false, 0},
        {"1e19", false, 0},
        {"1e300", false, 0},
        {"0.5", false, 0},
        {"1e-1", false, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_json_t json;
        int64_t   value;

        ck_assert_int_eq(check(&json, dp_slice_text(rows[i].text)), DP_JSON_OK);
        ck_assert_msg(dp_json_integer(&json, 0, &value) == rows[i].whole, "%s",
                      rows[i].text);
        ck_assert_msg(!rows[i].whole || value == rows[i].value, "%s",
                      rows[i].text);
    }
}
END_TEST

/* Every prefix and every changed byte of a text ends, one way or the other. */
START_TEST(damaged_texts_are_read_within_bounds)
{
    dp_slice_t whole = DP_SLICE("{\"a\":[1.5e3,\"\\ud83d\\ude00\xc3\xa9\"],"
                                "\"b\":{\"c\":null,\"d\":[true,false]}}");

    for (size_t i = 0; i < whole.len; i++) {
        dp_json_t json;

        ck_assert_int_ne(check(&json, dp_slice(whole.data, i)), DP_JSON_OK);
        ck_assert_uint_le(json.offset, i);

        for (unsigned byte = 0; byte < 256; byte += 5) {
            uint8_t text[128];

            memcpy(text, whole.data, whole.len);
            text[i] = (uint8_t) byte;
            (void) !check(&json, dp_slice(text, whole.len));
        }
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("json_check", syntax, strings, names_come_once,
                    an_escaped_name_is_the_same_at_every_length,
                    a_twin_is_found_among_few_and_many,
                    numbers_survive_a_double, every_double_is_kept,
                    depth_is_limited, the_tape_is_limited_by_its_capacity,
                    the_promised_capacity_suffices, names_are_limited,
                    hostile_names_cost_little, members_are_found_and_read,
                    integers_are_whole_numbers,
                    damaged_texts_are_read_within_bounds);
}
