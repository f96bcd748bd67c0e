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
    /* 17: components/parameters/IdempotencyKey/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 0},
    {.keyword = DP_KEYWORD_END},
    /* 20: components/schemas/ApiKeyCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {0, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {0, 4}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 25: components/schemas/ApiKeyCreate/properties/expiresAt */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 40},
    {DP_KEYWORD_PATTERN, .pattern = 1},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_DATE_TIME},
    {.keyword = DP_KEYWORD_END},
    /* 30: components/schemas/ApiKeyCreate/properties/maxRole */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 4},
    {DP_KEYWORD_DEFAULT, .value = 8},
    {.keyword = DP_KEYWORD_END},
    /* 34: components/schemas/ApiKeyCreate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 38: components/schemas/ApiKeyCreate/properties/scopes */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_ARRAY},
    {DP_KEYWORD_MIN_ITEMS, .number = 1},
    {DP_KEYWORD_MAX_ITEMS, .number = 32},
    {.keyword = DP_KEYWORD_UNIQUE_ITEMS},
    {DP_KEYWORD_ITEMS, .schema = 44},
    {.keyword = DP_KEYWORD_END},
    /* 44: components/schemas/ApiKeyCreate/properties/scopes/items */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 2},
    {.keyword = DP_KEYWORD_END},
    /* 47: components/parameters/KeyId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 50: components/schemas/ApiKeyRotate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_PROPERTIES, .list = {4, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 54: components/schemas/ApiKeyRotate/properties/overlapSeconds */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 0u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 6048u, .exponent = 2}},
    {DP_KEYWORD_DEFAULT, .value = 9},
    {.keyword = DP_KEYWORD_END},
    /* 59: components/schemas/ProjectCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {1, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {5, 3}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 64: components/schemas/ProjectCreate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 68: components/schemas/ProjectCreate/properties/previewTtlHours */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 24u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 168u}},
    {DP_KEYWORD_DEFAULT, .value = 10},
    {.keyword = DP_KEYWORD_END},
    /* 73: components/schemas/ProjectCreate/properties/template */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {DP_KEYWORD_DEFAULT, .value = 11},
    {.keyword = DP_KEYWORD_END},
    /* 78: components/parameters/ProjectId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 81: components/parameters/IfMatch/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {.keyword = DP_KEYWORD_END},
    /* 84: components/schemas/ProjectUpdate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_MIN_PROPERTIES, .number = 1},
    {DP_KEYWORD_PROPERTIES, .list = {8, 2}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 89: components/schemas/ProjectUpdate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 93: components/schemas/ProjectUpdate/properties/previewTtlHours */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 24u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 168u}},
    {.keyword = DP_KEYWORD_END},
    /* 97: components/parameters/IfMatchOptional/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {.keyword = DP_KEYWORD_END},
};

static const dp_schema_property_t properties[] = {
    {{(const uint8_t *) "expiresAt", 9}, 25},
    {{(const uint8_t *) "maxRole", 7}, 30},
    {{(const uint8_t *) "name", 4}, 34},
    {{(const uint8_t *) "scopes", 6}, 38},
    {{(const uint8_t *) "overlapSeconds", 14}, 54},
    {{(const uint8_t *) "name", 4}, 64},
    {{(const uint8_t *) "previewTtlHours", 15}, 68},
    {{(const uint8_t *) "template", 8}, 73},
    {{(const uint8_t *) "name", 4}, 89},
    {{(const uint8_t *) "previewTtlHours", 15}, 93},
};

static const dp_slice_t names[] = {
    {(const uint8_t *) "name", 4},
    {(const uint8_t *) "name", 4},
};

static dp_pattern_t patterns[] = {
    {"^[!-~]{16,255}$", NULL},
    {"^2", NULL},
    {"^[a-z]{1,32}:(?:read|write)$", NULL},
};

static const char values_text[] =
    "[[\"read\"]"
    ",25"
    ",[\"organization_admin\",\"developer\",\"viewer\"]"
    ",\"organization_admin\""
    ",86400"
    ",72"
    ",\"platform\""
    "]";

static dp_json_token_t values_tape[12];

static dp_json_t values = {.tokens = values_tape, .capacity = 12};

const dp_schema_set_t dp_contract_schemas = {
    .rows = rows,
    .names = names,
    .properties = properties,
    .patterns = patterns,
    .pattern_count = 3,
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
    /* createApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 6},
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 17},
    /* revokeApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 6},
    {"keyId", DP_IN_PATH, .required = true, .schema = 47},
    /* rotateApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 6},
    {"keyId", DP_IN_PATH, .required = true, .schema = 47},
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 17},
    /* listProjects */
    {"cursor", DP_IN_QUERY, .schema = 9},
    {"limit", DP_IN_QUERY, .schema = 12, .otherwise = "25"},
    /* createProject */
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 17},
    /* getProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 78},
    /* updateProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 78},
    {"If-Match", DP_IN_HEADER, .required = true, .schema = 81},
    /* deleteProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 78},
    {"If-Match", DP_IN_HEADER, .schema = 97},
    /* listProjectMembers */
    {"cursor", DP_IN_QUERY, .schema = 9},
    {"limit", DP_IN_QUERY, .schema = 12, .otherwise = "25"},
    {"projectId", DP_IN_PATH, .required = true, .schema = 78},
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
    [DP_ROUTE_createApiKey] = {
        .parameters = &parameters[5],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 20,
    },
    [DP_ROUTE_revokeApiKey] = {
        .parameters = &parameters[7],
        .count = 2,
    },
    [DP_ROUTE_rotateApiKey] = {
        .parameters = &parameters[9],
        .count = 3,
        .has_body = true,
        .body_required = true,
        .body = 50,
    },
    [DP_ROUTE_listProjects] = {
        .parameters = &parameters[12],
        .count = 2,
        .query_count = 2,
    },
    [DP_ROUTE_createProject] = {
        .parameters = &parameters[14],
        .count = 1,
        .has_body = true,
        .body_required = true,
        .body = 59,
    },
    [DP_ROUTE_getProject] = {
        .parameters = &parameters[15],
        .count = 1,
    },
    [DP_ROUTE_updateProject] = {
        .parameters = &parameters[16],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 84,
    },
    [DP_ROUTE_deleteProject] = {
        .parameters = &parameters[18],
        .count = 2,
    },
    [DP_ROUTE_listProjectMembers] = {
        .parameters = &parameters[20],
        .count = 3,
        .query_count = 2,
    },
};
