/*
 * createProject's body, and the slug of a name.  ERR-09.
 */

#include <string.h>

#include "dp_routes_index.h"
#include "policy/input.h"
#include "policy/slug.h"
#include "projects/create_project_input.h"
#include "unit.h"

static dp_arena_t *arena;

static void
arena_open(void)
{
    arena = dp_arena_create();
}

static void
arena_close(void)
{
    dp_arena_destroy(arena);
}

/* The outcome of reading a body; details are in the operation. */
static bool
body_read(const char *body, dp_create_project_input_t *input, dp_op_t *op)
{
    static dp_wire_request_t request;

    request = (dp_wire_request_t) {.body = dp_slice_text(body)};
    *op = (dp_op_t) {
        .arena = arena,
        .route = &dp_routes[DP_ROUTE_createProject],
        .request = &request,
    };

    if (!dp_input_check(op)) {
        return false;
    }

    dp_create_project_read(op, input);

    return true;
}

/* `text` repeated between the quotes of a name. */
static const char *
body_of_name(const char *text, size_t times)
{
    dp_slice_t  size = dp_slice(NULL, strlen(text) * times + 32);
    char       *body = dp_arena_zalloc(arena, size.len);
    dp_writer_t writer = dp_writer(body, size.len - 1);

    dp_write_text(&writer, "{\"name\":\"");
    for (size_t i = 0; i < times; i++) {
        dp_write_text(&writer, text);
    }
    dp_write_text(&writer, "\"}");

    return body;
}

static void
assert_slug(const char *name, const char *expected)
{
    char   slug[DP_SLUG_MAX];
    size_t len = dp_slug_derive(slug, dp_slice_text(name), DP_SLICE("project"));

    unit_assert_text(dp_slice(slug, len), expected);
}

START_TEST(a_body_is_read_with_its_defaults)
{
    dp_create_project_input_t input;
    dp_op_t                   op;

    ck_assert(body_read("{\"name\":\"Payments\"}", &input, &op));
    unit_assert_text(input.name, "Payments");
    unit_assert_text(input.template, "platform");
    ck_assert_int_eq(input.preview_ttl_hours, 72);

    ck_assert(body_read(" {\"previewTtlHours\":24.0e0,\"n\\u0061me\":\"\\u00e9\","
                        "\"template\":\"t\"} ",
                        &input, &op));
    unit_assert_text(input.name, "\xc3\xa9");
    unit_assert_text(input.template, "t");
    ck_assert_int_eq(input.preview_ttl_hours, 24);
}
END_TEST

START_TEST(ERR_09_a_name_is_counted_in_characters)
{
    dp_create_project_input_t input;
    dp_op_t                   op;

    ck_assert(body_read(body_of_name("\xf0\x9f\x98\x80", 100), &input, &op));
    ck_assert_uint_eq(input.name.len, 400);
    ck_assert(body_read(body_of_name("\\ud83d\\ude00", 100), &input, &op));
    ck_assert_uint_eq(input.name.len, 400);
    ck_assert(!body_read(body_of_name("x", 101), &input, &op));
    ck_assert_int_eq(op.error, DP_ERR_VALIDATION_FAILED);
    ck_assert(!body_read(body_of_name("x", 0), &input, &op));
    ck_assert_int_eq(op.error, DP_ERR_VALIDATION_FAILED);
}
END_TEST

START_TEST(ERR_09_all_faults_are_told_at_once)
{
    dp_create_project_input_t input;
    dp_op_t                   op;

    ck_assert(!body_read("{\"a/b~c\":{\"name\":1},\"template\":[],"
                         "\"previewTtlHours\":23}",
                         &input, &op));
    ck_assert_int_eq(op.error, DP_ERR_VALIDATION_FAILED);
    unit_assert_text(
        op.reply.details,
        "{\"issues\":["
        "{\"in\":\"body\",\"pointer\":\"/name\",\"keyword\":\"required\","
        "\"message\":\"is required\"},"
        "{\"in\":\"body\",\"pointer\":\"/a~1b~0c\","
        "\"keyword\":\"additionalProperties\","
        "\"message\":\"is not known here\"},"
        "{\"in\":\"body\",\"pointer\":\"/template\",\"keyword\":\"type\","
        "\"message\":\"must be a string\"},"
        "{\"in\":\"body\",\"pointer\":\"/previewTtlHours\","
        "\"keyword\":\"minimum\",\"message\":\"must be at least 24\"}]}");
}
END_TEST

START_TEST(ERR_09_numbers_have_bounds)
{
    static const struct {
        const char *body;
        bool        accepted;
    } rows[] = {
        {"{\"name\":\"n\",\"previewTtlHours\":24}", true},
        {"{\"name\":\"n\",\"previewTtlHours\":168}", true},
        {"{\"name\":\"n\",\"previewTtlHours\":169}", false},
        {"{\"name\":\"n\",\"previewTtlHours\":24.5}", false},
        {"{\"name\":\"n\",\"previewTtlHours\":\"24\"}", false},
        {"{\"name\":\"n\",\"previewTtlHours\":null}", false},
        {"{\"name\":null}", false},
        {"[]", false},
        {"\"name\"", false},
    };
    dp_create_project_input_t input;
    dp_op_t                   op;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        ck_assert_msg(body_read(rows[i].body, &input, &op) == rows[i].accepted,
                      "%s", rows[i].body);
        ck_assert_int_eq(op.error, rows[i].accepted ? DP_OK
                                                    : DP_ERR_VALIDATION_FAILED);
    }
}
END_TEST

START_TEST(ERR_09_what_is_not_json_is_malformed)
{
    static const char *const bodies[] = {
        "", "{", "{\"name\":}", "{\"name\":\"n\"} x", "{\"name\":\"n\",}",
        "{\"name\":\"n\",\"name\":\"n\"}", "{\"name\":\"\\u0000\"}",
        "{\"name\":\"\xff\"}",
    };
    dp_create_project_input_t input;
    dp_op_t                   op;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
        ck_assert_msg(!body_read(bodies[i], &input, &op), "%s", bodies[i]);
        ck_assert_int_eq(op.error, DP_ERR_REQUEST_MALFORMED);
        ck_assert_uint_ne(op.reply.details.len, 0);
    }
}
END_TEST

START_TEST(a_slug_is_derived_from_a_name)
{
    static const char sixty[] =
        "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz";

    assert_slug("Payments", "payments");
    assert_slug("  Pay -- Ments! ", "pay-ments");
    assert_slug("\xc3\x9c" "ber caf\xc3\xa9 2", "ber-caf-2");
    assert_slug("-1-", "1");
    assert_slug("\xf0\x9f\x98\x80", "project");
    assert_slug("", "project");
    assert_slug(sixty,
                "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwx");
    assert_slug("abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvw xyz",
                "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvw");
}
END_TEST

int
main(void)
{
    int result;

    if (!dp_contract_open()) {
        return 1;
    }

    arena_open();
    result = UNIT_RUN("createProject input", a_body_is_read_with_its_defaults,
                      ERR_09_a_name_is_counted_in_characters,
                      ERR_09_all_faults_are_told_at_once,
                      ERR_09_numbers_have_bounds,
                      ERR_09_what_is_not_json_is_malformed,
                      a_slug_is_derived_from_a_name);
    arena_close();

    return result;
}
