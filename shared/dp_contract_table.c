/*
 * The form of each operation's requests.
 *
 * generated from api/openapi.yaml by scripts/generate-contract; do not edit
 */

#include "dp_contract.h"
#include "dp_routes_index.h"

static const dp_schema_row_t rows[] = {
    /* 0: anything */
    {.keyword = DP_KEYWORD_END},
    /* 1: nothing */
    {.keyword = DP_KEYWORD_NEVER},
    {.keyword = DP_KEYWORD_END},
    /* 3: components/parameters/ReadinessScope/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 1},
    {.keyword = DP_KEYWORD_END},
    /* 6: components/parameters/Cursor/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 512},
    {.keyword = DP_KEYWORD_END},
    /* 9: components/parameters/Limit/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 1u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 1u, .exponent = 2}},
    {DP_KEYWORD_DEFAULT, .value = 3},
    {.keyword = DP_KEYWORD_END},
    /* 14: components/parameters/IdempotencyKey/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 0},
    {.keyword = DP_KEYWORD_END},
    /* 17: components/schemas/ProjectCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {0, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {0, 3}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 22: components/schemas/ProjectCreate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 26: components/schemas/ProjectCreate/properties/previewTtlHours */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 24u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 168u}},
    {DP_KEYWORD_DEFAULT, .value = 4},
    {.keyword = DP_KEYWORD_END},
    /* 31: components/schemas/ProjectCreate/properties/template */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {DP_KEYWORD_DEFAULT, .value = 5},
    {.keyword = DP_KEYWORD_END},
    /* 36: components/parameters/ProjectId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
};

static const dp_schema_property_t properties[] = {
    {{(const uint8_t *) "name", 4}, 22},
    {{(const uint8_t *) "previewTtlHours", 15}, 26},
    {{(const uint8_t *) "template", 8}, 31},
};

static const dp_slice_t names[] = {
    {(const uint8_t *) "name", 4},
};

static dp_pattern_t patterns[] = {
    {"^[!-~]{16,255}$", NULL},
};

static const char values_text[] =
    "[[\"read\"]"
    ",25"
    ",72"
    ",\"platform\""
    "]";

static dp_json_token_t values_tape[6];

static dp_json_t values = {.tokens = values_tape, .capacity = 6};

const dp_schema_set_t dp_contract_schemas = {
    .rows = rows,
    .names = names,
    .properties = properties,
    .patterns = patterns,
    .pattern_count = 1,
    .values_text = {(const uint8_t *) values_text, sizeof(values_text) - 1},
    .values = &values,
};

static const dp_contract_parameter_t parameters[] = {
    /* getReadiness */
    {"scope", DP_IN_QUERY, .schema = 3},
    /* listProjects */
    {"cursor", DP_IN_QUERY, .schema = 6},
    {"limit", DP_IN_QUERY, .schema = 9, .otherwise = "25"},
    /* createProject */
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 14},
    /* getProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 36},
};

const dp_contract_operation_t dp_contract_operations[DP_ROUTE_COUNT] = {
    [DP_ROUTE_getReadiness] = {
        .parameters = &parameters[0],
        .count = 1,
        .query_count = 1,
    },
    [DP_ROUTE_listProjects] = {
        .parameters = &parameters[1],
        .count = 2,
        .query_count = 2,
    },
    [DP_ROUTE_createProject] = {
        .parameters = &parameters[3],
        .count = 1,
        .has_body = true,
        .body_required = true,
        .body = 17,
    },
    [DP_ROUTE_getProject] = {
        .parameters = &parameters[4],
        .count = 1,
    },
};
