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
    /* 3: components/schemas/Login */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {0, 2}},
    {DP_KEYWORD_PROPERTIES, .list = {0, 4}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 8: components/schemas/Login/properties/code */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 6},
    {DP_KEYWORD_MAX_LENGTH, .number = 32},
    {.keyword = DP_KEYWORD_END},
    /* 12: components/schemas/Email */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 3},
    {DP_KEYWORD_MAX_LENGTH, .number = 254},
    {DP_KEYWORD_PATTERN, .pattern = 0},
    {.keyword = DP_KEYWORD_END},
    /* 17: components/schemas/Login/properties/password */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 128},
    {.keyword = DP_KEYWORD_END},
    /* 21: components/schemas/SessionTransport */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 1},
    {DP_KEYWORD_DEFAULT, .value = 4},
    {.keyword = DP_KEYWORD_END},
    /* 25: components/schemas/Refresh */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {2, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {4, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 30: components/schemas/Refresh/properties/refreshToken */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 2048},
    {.keyword = DP_KEYWORD_END},
    /* 34: components/schemas/SessionOrg */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {3, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {5, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 39: components/schemas/SessionOrg/properties/orgId */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 42: components/parameters/Cursor/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 512},
    {.keyword = DP_KEYWORD_END},
    /* 45: components/parameters/Limit/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 1u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 1u, .exponent = 2}},
    {DP_KEYWORD_DEFAULT, .value = 5},
    {.keyword = DP_KEYWORD_END},
    /* 50: components/parameters/SessionId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 53: components/parameters/IdempotencyKey/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 1},
    {.keyword = DP_KEYWORD_END},
    /* 56: components/schemas/Signup */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {4, 2}},
    {DP_KEYWORD_PROPERTIES, .list = {6, 4}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 61: components/schemas/Signup/properties/captchaToken */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 4096},
    {.keyword = DP_KEYWORD_END},
    /* 65: components/schemas/Signup/properties/displayName */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 69: components/schemas/NewPassword */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 8},
    {DP_KEYWORD_MAX_LENGTH, .number = 128},
    {.keyword = DP_KEYWORD_END},
    /* 73: components/schemas/EmailVerification */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {6, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {10, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 78: components/schemas/EmailVerification/properties/token */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 128},
    {.keyword = DP_KEYWORD_END},
    /* 82: components/parameters/ReadinessScope/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 6},
    {.keyword = DP_KEYWORD_END},
    /* 85: components/parameters/OrgId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 88: components/schemas/ApiKeyCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {7, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {11, 4}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 93: components/schemas/ApiKeyCreate/properties/expiresAt */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 40},
    {DP_KEYWORD_PATTERN, .pattern = 2},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_DATE_TIME},
    {.keyword = DP_KEYWORD_END},
    /* 98: components/schemas/ApiKeyCreate/properties/maxRole */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 8},
    {DP_KEYWORD_DEFAULT, .value = 12},
    {.keyword = DP_KEYWORD_END},
    /* 102: components/schemas/ApiKeyCreate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 106: components/schemas/ApiKeyCreate/properties/scopes */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_ARRAY},
    {DP_KEYWORD_MIN_ITEMS, .number = 1},
    {DP_KEYWORD_MAX_ITEMS, .number = 32},
    {.keyword = DP_KEYWORD_UNIQUE_ITEMS},
    {DP_KEYWORD_ITEMS, .schema = 112},
    {.keyword = DP_KEYWORD_END},
    /* 112: components/schemas/ApiKeyCreate/properties/scopes/items */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 3},
    {.keyword = DP_KEYWORD_END},
    /* 115: components/parameters/KeyId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 118: components/schemas/ApiKeyRotate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_PROPERTIES, .list = {15, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 122: components/schemas/ApiKeyRotate/properties/overlapSeconds */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 0u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 6048u, .exponent = 2}},
    {DP_KEYWORD_DEFAULT, .value = 13},
    {.keyword = DP_KEYWORD_END},
    /* 127: components/schemas/ProjectCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {8, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {16, 3}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 132: components/schemas/ProjectCreate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 136: components/schemas/ProjectCreate/properties/previewTtlHours */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 24u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 168u}},
    {DP_KEYWORD_DEFAULT, .value = 14},
    {.keyword = DP_KEYWORD_END},
    /* 141: components/schemas/ProjectCreate/properties/template */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {DP_KEYWORD_DEFAULT, .value = 15},
    {.keyword = DP_KEYWORD_END},
    /* 146: components/parameters/ProjectId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 149: components/parameters/IfMatch/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {.keyword = DP_KEYWORD_END},
    /* 152: components/schemas/ProjectUpdate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_MIN_PROPERTIES, .number = 1},
    {DP_KEYWORD_PROPERTIES, .list = {19, 2}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 157: components/schemas/ProjectUpdate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 161: components/schemas/ProjectUpdate/properties/previewTtlHours */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 24u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 168u}},
    {.keyword = DP_KEYWORD_END},
    /* 165: components/parameters/IfMatchOptional/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {.keyword = DP_KEYWORD_END},
};

static const dp_schema_property_t properties[] = {
    {{(const uint8_t *) "code", 4}, 8},
    {{(const uint8_t *) "email", 5}, 12},
    {{(const uint8_t *) "password", 8}, 17},
    {{(const uint8_t *) "transport", 9}, 21},
    {{(const uint8_t *) "refreshToken", 12}, 30},
    {{(const uint8_t *) "orgId", 5}, 39},
    {{(const uint8_t *) "captchaToken", 12}, 61},
    {{(const uint8_t *) "displayName", 11}, 65},
    {{(const uint8_t *) "email", 5}, 12},
    {{(const uint8_t *) "password", 8}, 69},
    {{(const uint8_t *) "token", 5}, 78},
    {{(const uint8_t *) "expiresAt", 9}, 93},
    {{(const uint8_t *) "maxRole", 7}, 98},
    {{(const uint8_t *) "name", 4}, 102},
    {{(const uint8_t *) "scopes", 6}, 106},
    {{(const uint8_t *) "overlapSeconds", 14}, 122},
    {{(const uint8_t *) "name", 4}, 132},
    {{(const uint8_t *) "previewTtlHours", 15}, 136},
    {{(const uint8_t *) "template", 8}, 141},
    {{(const uint8_t *) "name", 4}, 157},
    {{(const uint8_t *) "previewTtlHours", 15}, 161},
};

static const dp_slice_t names[] = {
    {(const uint8_t *) "email", 5},
    {(const uint8_t *) "password", 8},
    {(const uint8_t *) "refreshToken", 12},
    {(const uint8_t *) "orgId", 5},
    {(const uint8_t *) "email", 5},
    {(const uint8_t *) "password", 8},
    {(const uint8_t *) "token", 5},
    {(const uint8_t *) "name", 4},
    {(const uint8_t *) "name", 4},
};

static dp_pattern_t patterns[] = {
    {"^[!-?A-~]+@[!-?A-~]+$", NULL},
    {"^[!-~]{16,255}$", NULL},
    {"^2", NULL},
    {"^[a-z]{1,32}:(?:read|write)$", NULL},
};

static const char values_text[] =
    "[[\"token\",\"cookie\"]"
    ",\"token\""
    ",25"
    ",[\"read\"]"
    ",[\"organization_admin\",\"developer\",\"viewer\"]"
    ",\"organization_admin\""
    ",86400"
    ",72"
    ",\"platform\""
    "]";

static dp_json_token_t values_tape[16];

static dp_json_t values = {.tokens = values_tape, .capacity = 16};

const dp_schema_set_t dp_contract_schemas = {
    .rows = rows,
    .names = names,
    .properties = properties,
    .patterns = patterns,
    .pattern_count = 4,
    .values_text = {(const uint8_t *) values_text, sizeof(values_text) - 1},
    .values = &values,
};

static const dp_contract_parameter_t parameters[] = {
    /* listSessions */
    {"cursor", DP_IN_QUERY, .schema = 42},
    {"limit", DP_IN_QUERY, .schema = 45, .otherwise = "25"},
    /* revokeSession */
    {"sessionId", DP_IN_PATH, .required = true, .schema = 50},
    /* signup */
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 53},
    /* getReadiness */
    {"scope", DP_IN_QUERY, .schema = 82},
    /* getOrg */
    {"orgId", DP_IN_PATH, .required = true, .schema = 85},
    /* listApiKeys */
    {"cursor", DP_IN_QUERY, .schema = 42},
    {"limit", DP_IN_QUERY, .schema = 45, .otherwise = "25"},
    {"orgId", DP_IN_PATH, .required = true, .schema = 85},
    /* createApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 85},
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 53},
    /* revokeApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 85},
    {"keyId", DP_IN_PATH, .required = true, .schema = 115},
    /* rotateApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 85},
    {"keyId", DP_IN_PATH, .required = true, .schema = 115},
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 53},
    /* listProjects */
    {"cursor", DP_IN_QUERY, .schema = 42},
    {"limit", DP_IN_QUERY, .schema = 45, .otherwise = "25"},
    /* createProject */
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 53},
    /* getProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 146},
    /* updateProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 146},
    {"If-Match", DP_IN_HEADER, .required = true, .schema = 149},
    /* deleteProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 146},
    {"If-Match", DP_IN_HEADER, .schema = 165},
    /* listProjectMembers */
    {"cursor", DP_IN_QUERY, .schema = 42},
    {"limit", DP_IN_QUERY, .schema = 45, .otherwise = "25"},
    {"projectId", DP_IN_PATH, .required = true, .schema = 146},
};

const dp_contract_operation_t dp_contract_operations[DP_ROUTE_COUNT] = {
    [DP_ROUTE_login] = {
        .has_body = true,
        .body_required = true,
        .body = 3,
    },
    [DP_ROUTE_refreshSession] = {
        .has_body = true,
        .body_required = true,
        .body = 25,
    },
    [DP_ROUTE_setSessionOrg] = {
        .has_body = true,
        .body_required = true,
        .body = 34,
    },
    [DP_ROUTE_listSessions] = {
        .parameters = &parameters[0],
        .count = 2,
        .query_count = 2,
    },
    [DP_ROUTE_revokeSession] = {
        .parameters = &parameters[2],
        .count = 1,
    },
    [DP_ROUTE_signup] = {
        .parameters = &parameters[3],
        .count = 1,
        .has_body = true,
        .body_required = true,
        .body = 56,
    },
    [DP_ROUTE_verifyEmail] = {
        .has_body = true,
        .body_required = true,
        .body = 73,
    },
    [DP_ROUTE_getReadiness] = {
        .parameters = &parameters[4],
        .count = 1,
        .query_count = 1,
    },
    [DP_ROUTE_getOrg] = {
        .parameters = &parameters[5],
        .count = 1,
    },
    [DP_ROUTE_listApiKeys] = {
        .parameters = &parameters[6],
        .count = 3,
        .query_count = 2,
    },
    [DP_ROUTE_createApiKey] = {
        .parameters = &parameters[9],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 88,
    },
    [DP_ROUTE_revokeApiKey] = {
        .parameters = &parameters[11],
        .count = 2,
    },
    [DP_ROUTE_rotateApiKey] = {
        .parameters = &parameters[13],
        .count = 3,
        .has_body = true,
        .body_required = true,
        .body = 118,
    },
    [DP_ROUTE_listProjects] = {
        .parameters = &parameters[16],
        .count = 2,
        .query_count = 2,
    },
    [DP_ROUTE_createProject] = {
        .parameters = &parameters[18],
        .count = 1,
        .has_body = true,
        .body_required = true,
        .body = 127,
    },
    [DP_ROUTE_getProject] = {
        .parameters = &parameters[19],
        .count = 1,
    },
    [DP_ROUTE_updateProject] = {
        .parameters = &parameters[20],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 152,
    },
    [DP_ROUTE_deleteProject] = {
        .parameters = &parameters[22],
        .count = 2,
    },
    [DP_ROUTE_listProjectMembers] = {
        .parameters = &parameters[24],
        .count = 3,
        .query_count = 2,
    },
};
