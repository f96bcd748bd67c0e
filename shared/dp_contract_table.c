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
    /* 6: components/parameters/OrgId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 9: components/parameters/Cursor/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 512},
    {.keyword = DP_KEYWORD_END},
    /* 12: components/parameters/Limit/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 1u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 1u, .exponent = 2}},
    {DP_KEYWORD_DEFAULT, .value = 3},
    {.keyword = DP_KEYWORD_END},
    /* 17: components/parameters/KeyId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 20: components/parameters/IdempotencyKey/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 0},
    {.keyword = DP_KEYWORD_END},
    /* 23: components/schemas/ProjectCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {0, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {0, 3}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 28: components/schemas/ProjectCreate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 32: components/schemas/ProjectCreate/properties/previewTtlHours */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 24u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 168u}},
    {DP_KEYWORD_DEFAULT, .value = 4},
    {.keyword = DP_KEYWORD_END},
    /* 37: components/schemas/ProjectCreate/properties/template */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {DP_KEYWORD_DEFAULT, .value = 5},
    {.keyword = DP_KEYWORD_END},
    /* 42: components/parameters/ProjectId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 45: components/parameters/IfMatch/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {.keyword = DP_KEYWORD_END},
    /* 48: components/schemas/ProjectUpdate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_MIN_PROPERTIES, .number = 1},
    {DP_KEYWORD_PROPERTIES, .list = {3, 2}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 53: components/schemas/ProjectUpdate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 57: components/schemas/ProjectUpdate/properties/previewTtlHours */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 24u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 168u}},
    {.keyword = DP_KEYWORD_END},
    /* 61: components/parameters/IfMatchOptional/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {.keyword = DP_KEYWORD_END},
};

static const dp_schema_property_t properties[] = {
    {{(const uint8_t *) "name", 4}, 28},
    {{(const uint8_t *) "previewTtlHours", 15}, 32},
    {{(const uint8_t *) "template", 8}, 37},
    {{(const uint8_t *) "name", 4}, 53},
    {{(const uint8_t *) "previewTtlHours", 15}, 57},
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
    /* getOrg */
    {"orgId", DP_IN_PATH, .required = true, .schema = 6},
    /* listApiKeys */
    {"cursor", DP_IN_QUERY, .schema = 9},
    {"limit", DP_IN_QUERY, .schema = 12, .otherwise = "25"},
    {"orgId", DP_IN_PATH, .required = true, .schema = 6},
    /* revokeApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 6},
    {"keyId", DP_IN_PATH, .required = true, .schema = 17},
    /* listProjects */
    {"cursor", DP_IN_QUERY, .schema = 9},
    {"limit", DP_IN_QUERY, .schema = 12, .otherwise = "25"},
    /* createProject */
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 20},
    /* getProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 42},
    /* updateProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 42},
    {"If-Match", DP_IN_HEADER, .required = true, .schema = 45},
    /* deleteProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 42},
    {"If-Match", DP_IN_HEADER, .schema = 61},
    /* listProjectMembers */
    {"cursor", DP_IN_QUERY, .schema = 9},
    {"limit", DP_IN_QUERY, .schema = 12, .otherwise = "25"},
    {"projectId", DP_IN_PATH, .required = true, .schema = 42},
};

const dp_contract_operation_t dp_contract_operations[DP_ROUTE_COUNT] = {
    [DP_ROUTE_getReadiness] = {
        .parameters = &parameters[0],
        .count = 1,
        .query_count = 1,
    },
    [DP_ROUTE_getOrg] = {
        .parameters = &parameters[1],
        .count = 1,
    },
    [DP_ROUTE_listApiKeys] = {
        .parameters = &parameters[2],
        .count = 3,
        .query_count = 2,
    },
    [DP_ROUTE_revokeApiKey] = {
        .parameters = &parameters[5],
        .count = 2,
    },
    [DP_ROUTE_listProjects] = {
        .parameters = &parameters[7],
        .count = 2,
        .query_count = 2,
    },
    [DP_ROUTE_createProject] = {
        .parameters = &parameters[9],
        .count = 1,
        .has_body = true,
        .body_required = true,
        .body = 23,
    },
    [DP_ROUTE_getProject] = {
        .parameters = &parameters[10],
        .count = 1,
    },
    [DP_ROUTE_updateProject] = {
        .parameters = &parameters[11],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 48,
    },
    [DP_ROUTE_deleteProject] = {
        .parameters = &parameters[13],
        .count = 2,
    },
    [DP_ROUTE_listProjectMembers] = {
        .parameters = &parameters[15],
        .count = 3,
        .query_count = 2,
    },
};
