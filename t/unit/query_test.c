/*
 * Query strings against the names an operation knows.
 */

#include "dp_query.h"
#include "unit.h"

#include <stdlib.h>

typedef struct {
    dp_query_param_t params[2]; /* cursor, limit */
    uint8_t          buffer[64];
    dp_query_t       query;
} fixture_t;

static dp_query_fault_t
parse(fixture_t *fixture, const char *text)
{
    dp_slice_t       copy = unit_copy(dp_slice_text(text));
    dp_query_fault_t fault;

    fixture->params[0].name = "cursor";
    fixture->params[1].name = "limit";
    fixture->query = (dp_query_t) {
        .params = fixture->params,
        .count = 2,
        .buffer = fixture->buffer,
        .capacity = copy.len,
    };
    ck_assert_uint_le(copy.len, sizeof(fixture->buffer));
    fault = dp_query_parse(&fixture->query, copy);
    free((void *) copy.data); /* values borrow from the buffer only */

    return fault;
}

START_TEST(ERR_07_parameters_are_found_and_decoded)
{
    fixture_t f;

    ck_assert_int_eq(parse(&f, "limit=25&cursor=a%2Fb+c%c3%A9"), DP_QUERY_OK);
    unit_assert_text(f.params[0].value, "a/b c\xc3\xa9");
    unit_assert_text(f.params[1].value, "25");

    ck_assert_int_eq(parse(&f, "li%6dit=1=2"), DP_QUERY_OK);
    ck_assert(!f.params[0].present);
    unit_assert_text(f.params[1].value, "1=2");

    ck_assert_int_eq(parse(&f, "&&limit&"), DP_QUERY_OK);
    ck_assert(f.params[1].present);
    ck_assert_uint_eq(f.params[1].value.len, 0);

    ck_assert_int_eq(parse(&f, ""), DP_QUERY_OK);
    ck_assert(!f.params[1].present);
}
END_TEST

START_TEST(ERR_09_unknown_and_double_names_are_reported)
{
    fixture_t f;

    ck_assert_int_eq(parse(&f, "limit=1&Limit=2"), DP_QUERY_UNKNOWN);
    unit_assert_text(f.query.name, "Limit");
    ck_assert_int_eq(parse(&f, "=1"), DP_QUERY_UNKNOWN);
    ck_assert_uint_eq(f.query.name.len, 0);
    ck_assert_int_eq(parse(&f, "limit=1&cursor=x&li%6Dit=1"),
                     DP_QUERY_DUPLICATE);
    unit_assert_text(f.query.name, "limit");
}
END_TEST

START_TEST(ERR_09_what_cannot_be_decoded_is_reported)
{
    static const char *const rows[] = {
        "limit=%", "limit=%4", "limit=%zz", "limit=%4g", "limit=%00",
        "limit=%ff", "limit=%c3", "limit=\xff", "%=1", "limit=%ed%a0%80",
        "limit=%+1", "limit=1&cursor=%",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fixture_t f;

        ck_assert_msg(parse(&f, rows[i]) == DP_QUERY_MALFORMED, "%s", rows[i]);
    }
}
END_TEST

START_TEST(a_small_buffer_is_reported)
{
    dp_query_param_t param = {.name = "limit"};
    uint8_t          buffer[6];
    dp_query_t       query = {
        .params = &param,
        .count = 1,
        .buffer = buffer,
        .capacity = sizeof(buffer),
    };

    ck_assert_int_eq(dp_query_parse(&query, DP_SLICE("limit=1")), DP_QUERY_OK);
    ck_assert_int_eq(dp_query_parse(&query, DP_SLICE("limit=12")),
                     DP_QUERY_TOO_LONG);
    unit_assert_text(query.name, "limit");
}
END_TEST

int
main(void)
{
    return UNIT_RUN("query", ERR_07_parameters_are_found_and_decoded,
                    ERR_09_unknown_and_double_names_are_reported,
                    ERR_09_what_cannot_be_decoded_is_reported,
                    a_small_buffer_is_reported);
}
