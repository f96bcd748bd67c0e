/*
 * Requests against the contract: parameters as text, bodies, and what the
 * tables promise.  ERR-09.
 */

#include "dp_contract.h"
#include "dp_routes_index.h"
#include "unit.h"

#include <stdlib.h>

#define ID "2eb8aa08-aa98-41ea-b4aa-73b441d16380"

static dp_verdict_t    verdict;
static dp_parameters_t parameters;
static uint8_t         decoded[1024];

static dp_error_t
judge(dp_route_index_t route, const char *path, const char *query)
{
    static dp_slice_t params[DP_ROUTE_PARAMS];

    params[0] = dp_slice_text(path);
    parameters = (dp_parameters_t) {
        .route = &dp_routes[route],
        .path = params,
        .query = dp_slice_text(query),
        .buffer = decoded,
    };
    dp_verdict_begin(&verdict);
    dp_contract_parameters(&verdict, &parameters);

    return verdict.code;
}

static dp_error_t
judge_body(const char *text)
{
    static dp_json_token_t tape[64];
    dp_json_t              json = {.tokens = tape, .capacity = 64};

    dp_verdict_begin(&verdict);
    dp_contract_body(&verdict, &dp_routes[DP_ROUTE_createProject], &json,
                     dp_slice_text(text));

    return verdict.code;
}

static dp_error_t
judge_header(dp_slice_t name, dp_slice_t value)
{
    dp_verdict_begin(&verdict);
    dp_contract_header(&verdict, &dp_routes[DP_ROUTE_createProject], name,
                       value);

    return verdict.code;
}

static void
assert_details(const char *expected)
{
    size_t      size = dp_verdict_size(&verdict);
    uint8_t    *text = malloc(size);
    dp_writer_t writer = dp_writer(text, size);

    dp_verdict_render(&writer, &verdict);
    ck_assert(!writer.failed);
    unit_assert_text(dp_written(&writer), expected);
    free(text);
}

START_TEST(a_path_that_no_resource_has_is_not_found)
{
    ck_assert_int_eq(judge(DP_ROUTE_getProject, ID, ""), DP_OK);
    ck_assert_int_eq(judge(DP_ROUTE_getProject, "first", ""),
                     DP_ERR_RESOURCE_NOT_FOUND);
    ck_assert_int_eq(judge(DP_ROUTE_getProject, ID "\xff", ""),
                     DP_ERR_RESOURCE_NOT_FOUND);
    ck_assert_int_eq(judge(DP_ROUTE_getProject, "first", "x=1"),
                     DP_ERR_RESOURCE_NOT_FOUND);
    assert_details("");
}
END_TEST

START_TEST(a_query_has_what_the_contract_has)
{
    ck_assert_int_eq(judge(DP_ROUTE_listProjects, "", ""), DP_OK);
    ck_assert_int_eq(dp_parameter_integer(&parameters, "limit"), 25);
    ck_assert(!dp_parameter_present(&parameters, "limit"));
    ck_assert_uint_eq(dp_parameter_text(&parameters, "cursor").len, 0);

    ck_assert_int_eq(judge(DP_ROUTE_listProjects, "", "cursor=a%5C&limit=7"),
                     DP_OK);
    ck_assert_int_eq(dp_parameter_integer(&parameters, "limit"), 7);
    unit_assert_text(dp_parameter_text(&parameters, "cursor"), "a\\");

    ck_assert_int_eq(judge(DP_ROUTE_listProjects, "", "limit=%"),
                     DP_ERR_REQUEST_MALFORMED);
    assert_details("");
    ck_assert_int_eq(judge(DP_ROUTE_getProject, ID, "limit=7"),
                     DP_ERR_VALIDATION_FAILED);
    assert_details("{\"issues\":[{\"in\":\"query\",\"pointer\":\"/limit\","
                   "\"keyword\":\"additionalProperties\","
                   "\"message\":\"is not known here\"}]}");
    ck_assert_int_eq(judge(DP_ROUTE_getReadiness, "", "scope=write"),
                     DP_ERR_VALIDATION_FAILED);
    assert_details("{\"issues\":[{\"in\":\"query\",\"pointer\":\"/scope\","
                   "\"keyword\":\"enum\","
                   "\"message\":\"must be one of [\\\"read\\\"]\"}]}");
}
END_TEST

START_TEST(a_whole_number_is_digits)
{
    static const struct {
        const char *query;
        const char *keyword; /* NULL: accepted */
    } rows[] = {
        {"limit=1", NULL},           {"limit=100", NULL},
        {"limit=%31", NULL},         {"limit=0", "minimum"},
        {"limit=-0", "minimum"},     {"limit=101", "maximum"},
        {"limit=", "type"},          {"limit=+1", "type"},
        {"limit=%2B1", "type"},      {"limit=1.0", "type"},
        {"limit=1e1", "type"},       {"limit=01", "type"},
        {"limit=1%20", "type"},      {"limit=true", "type"},
        {"limit=[1]", "type"},       {"limit=-", "type"},
        {"limit=1-1", "type"},       {"limit=0x1", "type"},
        {"limit=9007199254740993", "type"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_error_t code = judge(DP_ROUTE_listProjects, "", rows[i].query);

        ck_assert_msg(code == (rows[i].keyword == NULL
                                   ? DP_OK
                                   : DP_ERR_VALIDATION_FAILED),
                      "%s", rows[i].query);

        if (rows[i].keyword != NULL) {
            ck_assert_str_eq(verdict.issues.list[0].keyword, rows[i].keyword);
        }
    }
}
END_TEST

START_TEST(a_header_is_judged_by_its_name_in_any_case)
{
    dp_slice_t good = DP_SLICE("0123456789abcdef");

    ck_assert_int_eq(judge_header(DP_SLICE("Idempotency-Key"), good), DP_OK);
    ck_assert_int_eq(judge_header(DP_SLICE("idempotency-KEY"), DP_SLICE("x")),
                     DP_ERR_VALIDATION_FAILED);
    ck_assert_int_eq(judge_header(DP_SLICE("idempotency-key"),
                                  DP_SLICE("\xff" "123456789abcdef")),
                     DP_ERR_VALIDATION_FAILED);
    ck_assert_str_eq(verdict.issues.list[0].keyword, "pattern");
    ck_assert_int_eq(judge_header(DP_SLICE("X-Idempotency"), DP_SLICE("x")),
                     DP_OK);
}
END_TEST

START_TEST(what_cannot_be_read_outranks_what_is_not_valid)
{
    ck_assert_int_eq(judge_body("{\"name\":\"x\"}"), DP_OK);
    ck_assert_int_eq(judge_body(""), DP_ERR_REQUEST_MALFORMED);
    ck_assert_int_eq(judge_body("{\"name\":1}"), DP_ERR_VALIDATION_FAILED);
    dp_verdict_fail(&verdict, DP_ERR_REQUEST_MALFORMED);
    ck_assert_int_eq(verdict.code, DP_ERR_REQUEST_MALFORMED);
    ck_assert_int_eq(judge_body("{\"name\":\"x\"} x"),
                     DP_ERR_REQUEST_MALFORMED);
    assert_details("{\"reason\":\"Something follows the value.\","
                   "\"offset\":13}");
}
END_TEST

/* The place of a parameter in the path is its place behind the query's. */
START_TEST(the_tables_agree_with_the_routes)
{
    for (size_t i = 0; i < dp_routes_count; i++) {
        const dp_route_t              *route = &dp_routes[i];
        const dp_contract_operation_t *operation = &dp_contract_operations[i];

        ck_assert_uint_le(operation->count, DP_CONTRACT_PARAMETERS);
        ck_assert_int_eq(operation->has_body || operation->field_count != 0,
                         route->body_limit != 0);

        for (size_t j = 0; j < operation->count; j++) {
            const dp_contract_parameter_t *parameter = &operation->parameters[j];

            ck_assert_int_eq(parameter->place == DP_IN_QUERY,
                             j < operation->query_count);

            if (parameter->place == DP_IN_PATH) {
                ck_assert_str_eq(parameter->name,
                                 route->param_names[j - operation->query_count]);
            }
        }
    }
}
END_TEST

/* Of scalars: their token may stand for a document's root. */
static void
assert_default_valid(const dp_schema_property_t *property)
{
    const dp_schema_set_t *set = &dp_contract_schemas;
    const dp_schema_row_t *row = dp_schema_find(set, property->schema,
                                                DP_KEYWORD_DEFAULT);
    dp_json_t              json = *set->values;
    dp_schema_subject_t    subject = {.json = &json, .place = DP_IN_BODY};

    if (row != NULL) {
        json.tokens += row->value;
        verdict.issues.count = 0;
        dp_schema_check(set, property->schema, &subject, &verdict.issues);
        ck_assert_msg(verdict.issues.count == 0, "%s", property->name.data);
    }
}

START_TEST(every_default_is_valid)
{
    for (size_t i = 0; i < dp_routes_count; i++) {
        const dp_contract_operation_t *operation = &dp_contract_operations[i];
        const dp_schema_row_t         *row;

        for (size_t j = 0; j < operation->count; j++) {
            assert_default_valid(&(dp_schema_property_t) {
                dp_slice_text(operation->parameters[j].name),
                operation->parameters[j].schema,
            });
        }

        row = dp_schema_find(&dp_contract_schemas, operation->body,
                             DP_KEYWORD_PROPERTIES);

        for (uint32_t j = 0; row != NULL && j < row->list.count; j++) {
            assert_default_valid(
                &dp_contract_schemas.properties[row->list.first + j]);
        }
    }
}
END_TEST

int
main(void)
{
    if (!dp_contract_open()) {
        return 1;
    }

    return UNIT_RUN("contract form", a_path_that_no_resource_has_is_not_found,
                    a_query_has_what_the_contract_has, a_whole_number_is_digits,
                    a_header_is_judged_by_its_name_in_any_case,
                    what_cannot_be_read_outranks_what_is_not_valid,
                    the_tables_agree_with_the_routes, every_default_is_valid);
}
