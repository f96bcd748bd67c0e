/*
 * The check of a document against a schema: what is told, where, and that
 * nothing a client sends makes it long.  ERR-09.
 */

#include "dp_schema.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#define TOKENS 70000

enum {
    ANYTHING = 0,
    NOTHING = 1,
    ORDER = 3,
    LINES = 8,
    LINE = 12,
    SKU = 17,
    NOTE = 20,
    LIST = 23,
    TREE = 26,
    NUMBERS = 29,
};

static const dp_schema_row_t rows[] = {
    [ANYTHING] = {.keyword = DP_KEYWORD_END},
    [NOTHING] = {.keyword = DP_KEYWORD_NEVER},
    {.keyword = DP_KEYWORD_END},
    [ORDER] = {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {0, 2}},
    {DP_KEYWORD_PROPERTIES, .list = {0, 3}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = NOTHING},
    {.keyword = DP_KEYWORD_END},
    [LINES] = {DP_KEYWORD_TYPE, .types = DP_TYPE_ARRAY | DP_TYPE_NULL},
    {DP_KEYWORD_MAX_ITEMS, .number = 40},
    {DP_KEYWORD_ITEMS, .schema = LINE},
    {.keyword = DP_KEYWORD_END},
    [LINE] = {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {2, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {3, 2}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = NOTHING},
    {.keyword = DP_KEYWORD_END},
    [SKU] = {DP_KEYWORD_ENUM, .value = 1},
    {DP_KEYWORD_PATTERN, .pattern = 0},
    {.keyword = DP_KEYWORD_END},
    [NOTE] = {DP_KEYWORD_MAX_LENGTH, .number = 4},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_EMAIL},
    {.keyword = DP_KEYWORD_END},
    [LIST] = {DP_KEYWORD_MAX_ITEMS, .number = DP_SCHEMA_UNIQUE_ITEMS},
    {.keyword = DP_KEYWORD_UNIQUE_ITEMS},
    {.keyword = DP_KEYWORD_END},
    [TREE] = {DP_KEYWORD_TYPE, .types = DP_TYPE_ARRAY},
    {DP_KEYWORD_ITEMS, .schema = TREE},
    {.keyword = DP_KEYWORD_END},
    [NUMBERS] = {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER | DP_TYPE_STRING},
    {DP_KEYWORD_EXCLUSIVE_MINIMUM,
     .decimal = {.digits = 15, .exponent = -1, .negative = true}},
    {DP_KEYWORD_MULTIPLE_OF, .decimal = {.digits = 3, .exponent = 2}},
    {DP_KEYWORD_PATTERN, .pattern = 1},
    {.keyword = DP_KEYWORD_END},
};

#define NAME(text) {(const uint8_t *) (text), sizeof(text) - 1}

static const dp_schema_property_t properties[] = {
    {NAME("l/~\n"), LINES},
    {NAME("no"), NOTHING},
    {NAME("any"), ANYTHING},
    {NAME("sku"), SKU},
    {NAME("note"), NOTE},
};

static const dp_slice_t names[] = {NAME("l/~\n"), NAME("any"), NAME("sku")};

static dp_pattern_t patterns[] = {{"^[a-c]+$", NULL}, {"^(a+)+$", NULL}};

static const char      values_text[] = "[[\"a\",\"b\",{\"x\":[1,2.50]}]]";
static dp_json_token_t values_tape[16];
static dp_json_t       values = {.tokens = values_tape, .capacity = 16};

static const dp_schema_set_t set = {
    .rows = rows,
    .properties = properties,
    .names = names,
    .patterns = patterns,
    .pattern_count = 2,
    .values_text = NAME(values_text),
    .values = &values,
};

static dp_json_token_t tape[TOKENS];
static dp_issues_t     issues;

static void
check(uint32_t schema, dp_slice_t text)
{
    dp_json_t           json = {.tokens = tape, .capacity = TOKENS};
    dp_schema_subject_t subject = {.json = &json, .place = DP_IN_BODY};
    dp_slice_t          copy = unit_copy(text);

    issues.count = 0;
    ck_assert_int_eq(dp_json_check(&json, copy), DP_JSON_OK);
    dp_schema_check(&set, schema, &subject, &issues);
    free((void *) copy.data);
}

static void
assert_valid(uint32_t schema, const char *text)
{
    check(schema, dp_slice_text(text));
    ck_assert_msg(issues.count == 0, "%s", text);
}

/* `told` is "POINTER KEYWORD: MESSAGE" of each issue, a line each. */
static void
assert_issues(uint32_t schema, const char *text, const char *told)
{
    uint8_t     buffer[8192];
    dp_writer_t writer = dp_writer(buffer, sizeof(buffer));

    check(schema, dp_slice_text(text));

    for (size_t i = 0; i < issues.count; i++) {
        const dp_issue_t *issue = &issues.list[i];

        dp_write_text(&writer, i == 0 ? "" : "|");
        dp_write_bytes(&writer, dp_slice(issue->pointer, issue->pointer_len));
        dp_write_text(&writer, " ");
        dp_write_text(&writer, issue->keyword);
        dp_write_text(&writer, ": ");
        dp_write_bytes(&writer, dp_slice(issue->message, issue->message_len));
    }

    unit_assert_text(dp_written(&writer), told);
}

/* `count` times a piece, between an opening and an end; the caller frees. */
static dp_slice_t
repeat(const char *open, const char *piece, size_t count, const char *close)
{
    size_t      size = strlen(open) + count * strlen(piece) + strlen(close);
    uint8_t    *bytes = malloc(size);
    dp_writer_t writer = dp_writer(bytes, size);

    dp_write_text(&writer, open);

    for (size_t i = 0; i < count; i++) {
        dp_write_text(&writer, piece);
    }

    dp_write_text(&writer, close);

    return dp_written(&writer);
}

static void
check_free(uint32_t schema, dp_slice_t text)
{
    check(schema, text);
    free((void *) text.data);
}

START_TEST(an_issue_says_where_what_and_why)
{
    assert_valid(ORDER, "{\"any\":[[{}]],\"l\\u002f~\\n\":null}");
    assert_issues(ORDER, "7", " type: must be an object");
    assert_issues(ORDER, "{}", "/l~1~0\n required: is required|"
                               "/any required: is required");
    assert_issues(ORDER, "{\"any\":1,\"l/~\\n\":{}}",
                  "/l~1~0\n type: must be an array or null");
    assert_issues(ORDER, "{\"any\":1,\"l/~\\n\":[],\"no\":1}",
                  "/no properties: is not allowed");
    assert_issues(ORDER, "{\"any\":1,\"l/~\\n\":[],\"m\\u006f\":{\"x\":[1]}}",
                  "/mo additionalProperties: is not known here");
    assert_issues(
        ORDER,
        "{\"any\":1,\"l/~\\n\":[{\"sku\":\"a\"},{},{\"sku\":\"d\",\"x\":[]},3]}",
        "/l~1~0\n/1/sku required: is required|"
        "/l~1~0\n/2/sku enum: must be one of [\"a\",\"b\",{\"x\":[1,2.50]}]|"
        "/l~1~0\n/2/sku pattern: must match the pattern ^[a-c]+$|"
        "/l~1~0\n/2/x additionalProperties: is not known here|"
        "/l~1~0\n/3 type: must be an object");
}
END_TEST

START_TEST(names_have_schemas_too)
{
    static const dp_schema_row_t own[] = {
        {DP_KEYWORD_PROPERTY_NAMES, .schema = 2},
        {.keyword = DP_KEYWORD_END},
        {DP_KEYWORD_MAX_LENGTH, .number = 1},
        {.keyword = DP_KEYWORD_END},
    };
    const dp_schema_set_t named = {.rows = own};
    dp_json_t             json = {.tokens = tape, .capacity = TOKENS};
    dp_schema_subject_t   subject = {.json = &json, .place = DP_IN_BODY};

    issues.count = 0;
    ck_assert_int_eq(dp_json_check(&json, DP_SLICE("{\"a\":1,\"\\u00e9\":2,"
                                                   "\"bb\":{\"cc\":1}}")),
                     DP_JSON_OK);
    dp_schema_check(&named, 0, &subject, &issues);
    ck_assert_uint_eq(issues.count, 1);
    ck_assert_str_eq(issues.list[0].keyword, "propertyNames");
    unit_assert_text(dp_slice(issues.list[0].pointer,
                              issues.list[0].pointer_len), "/bb");
}
END_TEST

START_TEST(numbers_are_told_as_they_are)
{
    assert_valid(NUMBERS, "0");
    assert_valid(NUMBERS, "-0.0");
    assert_valid(NUMBERS, "6e2");
    assert_valid(NUMBERS, "3e300");
    assert_issues(NUMBERS, "1.5",
                  " type: must be a string or a whole number");
    assert_issues(NUMBERS, "-300",
                  " exclusiveMinimum: must be greater than -1.5");
    assert_issues(NUMBERS, "301", " multipleOf: must be a multiple of 300");
    assert_issues(NUMBERS, "1e300", " multipleOf: must be a multiple of 300");
}
END_TEST

START_TEST(equal_is_what_JSON_Schema_calls_so)
{
    static const char *const equal[] = {
        "[1,1.0]", "[100,1e2]", "[0,-0.0]", "[\"a\",\"\\u0061\"]",
        "[{\"a\":1,\"b\":[2]},3,{\"b\":[2.0],\"\\u0061\":1}]", "[null,null]",
        "[[{\"x\":{},\"y\":{}}],[{\"y\":{},\"x\":{}}]]", "[\"\",\"\"]",
    };
    static const char *const different[] = {
        "[]", "[1]", "[1,true]", "[0,false]", "[null,false]", "[\"1\",1]",
        "[[],{}]", "[{\"a\":1},{\"a\":2}]", "[{\"a\":1},{\"b\":1}]",
        "[{\"a\":1},{\"a\":1,\"b\":1}]", "[[1,2],[2,1]]", "[\"a\",\"A\"]",
        "[0.1,0.10000000000000002]", "[1e22,1e23]", "[-1,1]",
        "[\"\\\\u0061\",\"a\"]",
    };

    for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
        assert_issues(LIST, equal[i],
                      " uniqueItems: must not have equal items");
    }

    for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
        assert_valid(LIST, different[i]);
    }

    assert_valid(SKU, "\"a\"");
    assert_valid(SKU, "{\"x\":[1.0,25e-1]}");
    assert_issues(SKU, "{\"x\":[2.5,1]}",
                  " enum: must be one of [\"a\",\"b\",{\"x\":[1,2.50]}]");
}
END_TEST

START_TEST(no_more_than_32_are_told)
{
    check_free(ORDER, repeat("{\"any\":1,\"l/~\\n\":[0", ",0", 39, "]}"));
    ck_assert_uint_eq(issues.count, DP_ISSUES);

    check_free(ORDER, repeat("{\"any\":1,\"l/~\\n\":[0", ",0", 40, "]}"));
    ck_assert_uint_eq(issues.count, DP_ISSUES);
    ck_assert_str_eq(issues.list[0].keyword, "maxItems");
}
END_TEST

START_TEST(a_pointer_that_grows_too_long_tells_what_holds_it)
{
    dp_slice_t long_name = repeat("{\"any\":1,\"l/~\\n\":[{\"sku\":\"a\",\"", "n",
                                  DP_ISSUE_POINTER_SIZE, "\":1}]}");

    check_free(ORDER, long_name);
    ck_assert_uint_eq(issues.count, 1);
    unit_assert_text(dp_slice(issues.list[0].pointer,
                              issues.list[0].pointer_len), "/l~1~0\n/0");
}
END_TEST

START_TEST(the_deepest_document_is_walked)
{
    char deepest[2 * DP_JSON_DEPTH + 1] = "";

    memset(deepest, '[', DP_JSON_DEPTH);
    memset(deepest + DP_JSON_DEPTH, ']', DP_JSON_DEPTH);
    assert_valid(TREE, deepest);

    deepest[DP_JSON_DEPTH] = '7'; /* one closing bracket fewer */
    memmove(deepest + DP_JSON_DEPTH - 1, deepest + DP_JSON_DEPTH,
            DP_JSON_DEPTH);
    deepest[2 * DP_JSON_DEPTH - 1] = '\0';
    check(TREE, dp_slice_text(deepest));
    ck_assert_uint_eq(issues.count, 1);
    ck_assert_uint_eq(issues.list[0].pointer_len, 2 * (DP_JSON_DEPTH - 1));
}
END_TEST

/* Each would take minutes if it were done the simple way. */
START_TEST(nothing_takes_long)
{
    dp_slice_t backtracking = repeat("\"", "a", 4000, "b\"");
    dp_slice_t too_long = repeat("\"", "a", DP_SCHEMA_TEXT_SIZE + 1, "\"");

    check_free(NUMBERS, backtracking);
    ck_assert_str_eq(issues.list[0].keyword, "pattern");
    check_free(NUMBERS, too_long);
    ck_assert_str_eq(issues.list[0].keyword, "pattern");

    check_free(LIST, repeat("[\"0123456789", ",\",\"0123456789", 1023, "\"]"));
    ck_assert_uint_eq(issues.count, 1);
    check_free(LIST, repeat("[1", ",1", 60000, "]"));
    ck_assert_uint_eq(issues.count, 1);
    ck_assert_str_eq(issues.list[0].keyword, "maxItems");
}
END_TEST

START_TEST(details_are_strict_JSON)
{
    uint8_t     buffer[4096];
    dp_writer_t writer = dp_writer(buffer, sizeof(buffer));

    check(ORDER, DP_SLICE("{\"any\":1,\"l/~\\n\":[{\"sku\":\"a\"},7]}"));
    dp_issues_render(&writer, &issues);
    ck_assert(dp_written(&writer).len <= dp_issues_size(&issues));
    unit_assert_text(dp_written(&writer),
                     "{\"issues\":[{\"in\":\"body\","
                     "\"pointer\":\"/l~1~0\\n/1\",\"keyword\":\"type\","
                     "\"message\":\"must be an object\"}]}");
}
END_TEST

int
main(void)
{
    int result;

    if (!dp_schema_open(&set)) {
        return 1;
    }

    result = UNIT_RUN("schema", an_issue_says_where_what_and_why,
                      names_have_schemas_too, numbers_are_told_as_they_are,
                      equal_is_what_JSON_Schema_calls_so,
                      no_more_than_32_are_told,
                      a_pointer_that_grows_too_long_tells_what_holds_it,
                      the_deepest_document_is_walked, nothing_takes_long,
                      details_are_strict_JSON);
    dp_schema_close(&set);

    return result;
}
