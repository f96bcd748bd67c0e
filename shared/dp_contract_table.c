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
    /* 25: components/parameters/IdempotencyKey/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 1},
    {.keyword = DP_KEYWORD_END},
    /* 28: components/schemas/FactorCode */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {2, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {4, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 33: components/schemas/FactorCode/properties/code */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 6},
    {DP_KEYWORD_MAX_LENGTH, .number = 6},
    {.keyword = DP_KEYWORD_END},
    /* 37: components/schemas/FactorVerification */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {3, 2}},
    {DP_KEYWORD_PROPERTIES, .list = {5, 3}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 42: components/schemas/FactorVerification/properties/code */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 6},
    {DP_KEYWORD_MAX_LENGTH, .number = 32},
    {.keyword = DP_KEYWORD_END},
    /* 46: components/schemas/FactorVerification/properties/mfaToken */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 128},
    {.keyword = DP_KEYWORD_END},
    /* 50: components/schemas/FactorVerification/properties/transport */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 5},
    {.keyword = DP_KEYWORD_END},
    /* 53: paths//auth/oauth/{provider}/callback/get/parameters/authuser/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 255},
    {.keyword = DP_KEYWORD_END},
    /* 56: paths//auth/oauth/{provider}/callback/get/parameters/code/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 1024},
    {.keyword = DP_KEYWORD_END},
    /* 59: paths//auth/oauth/{provider}/callback/get/parameters/error/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 255},
    {.keyword = DP_KEYWORD_END},
    /* 62: paths//auth/oauth/{provider}/callback/get/parameters/error_description/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 1024},
    {.keyword = DP_KEYWORD_END},
    /* 65: paths//auth/oauth/{provider}/callback/get/parameters/error_uri/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 1024},
    {.keyword = DP_KEYWORD_END},
    /* 68: paths//auth/oauth/{provider}/callback/get/parameters/hd/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 255},
    {.keyword = DP_KEYWORD_END},
    /* 71: paths//auth/oauth/{provider}/callback/get/parameters/iss/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 255},
    {.keyword = DP_KEYWORD_END},
    /* 74: paths//auth/oauth/{provider}/callback/get/parameters/prompt/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 255},
    {.keyword = DP_KEYWORD_END},
    /* 77: paths//auth/oauth/{provider}/callback/get/parameters/scope/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 1024},
    {.keyword = DP_KEYWORD_END},
    /* 80: paths//auth/oauth/{provider}/callback/get/parameters/session_state/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 1024},
    {.keyword = DP_KEYWORD_END},
    /* 83: paths//auth/oauth/{provider}/callback/get/parameters/state/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 128},
    {.keyword = DP_KEYWORD_END},
    /* 86: components/parameters/Provider/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 32},
    {.keyword = DP_KEYWORD_END},
    /* 89: paths//auth/oauth/{provider}/start/get/parameters/returnTo/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 2},
    {DP_KEYWORD_DEFAULT, .value = 8},
    {.keyword = DP_KEYWORD_END},
    /* 93: components/schemas/PasswordChange */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {5, 2}},
    {DP_KEYWORD_PROPERTIES, .list = {8, 2}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 98: components/schemas/PasswordChange/properties/currentPassword */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 128},
    {.keyword = DP_KEYWORD_END},
    /* 102: components/schemas/NewPassword */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 8},
    {DP_KEYWORD_MAX_LENGTH, .number = 128},
    {.keyword = DP_KEYWORD_END},
    /* 106: components/schemas/PasswordForgotten */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {7, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {10, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 111: components/schemas/PasswordReset */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {8, 2}},
    {DP_KEYWORD_PROPERTIES, .list = {11, 2}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 116: components/schemas/PasswordReset/properties/token */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 128},
    {.keyword = DP_KEYWORD_END},
    /* 120: components/schemas/Refresh */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {10, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {13, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 125: components/schemas/Refresh/properties/refreshToken */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 2000},
    {.keyword = DP_KEYWORD_END},
    /* 129: components/schemas/SessionOrg */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {11, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {14, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 134: components/schemas/SessionOrg/properties/orgId */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 137: components/parameters/Cursor/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 512},
    {.keyword = DP_KEYWORD_END},
    /* 140: components/parameters/Limit/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 1u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 1u, .exponent = 2}},
    {DP_KEYWORD_DEFAULT, .value = 9},
    {.keyword = DP_KEYWORD_END},
    /* 145: components/parameters/SessionId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 148: components/schemas/Signup */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {12, 2}},
    {DP_KEYWORD_PROPERTIES, .list = {15, 4}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 153: components/schemas/Signup/properties/captchaToken */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 4096},
    {.keyword = DP_KEYWORD_END},
    /* 157: components/schemas/Signup/properties/displayName */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 161: components/schemas/EmailVerification */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {14, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {19, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 166: components/schemas/EmailVerification/properties/token */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 128},
    {.keyword = DP_KEYWORD_END},
    /* 170: components/parameters/ReadinessScope/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 10},
    {.keyword = DP_KEYWORD_END},
    /* 173: components/schemas/InvitationAccept */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {15, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {20, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 178: components/schemas/InvitationAccept/properties/token */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 3},
    {.keyword = DP_KEYWORD_END},
    /* 181: components/parameters/IfMatch/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {.keyword = DP_KEYWORD_END},
    /* 184: components/schemas/MeUpdate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {16, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {21, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 189: components/schemas/MeUpdate/properties/displayName */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 193: paths//oauth/token/post/form/client_id */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 4},
    {.keyword = DP_KEYWORD_END},
    /* 196: paths//oauth/token/post/form/client_secret */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 255},
    {.keyword = DP_KEYWORD_END},
    /* 200: paths//oauth/token/post/form/grant_type */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 12},
    {.keyword = DP_KEYWORD_END},
    /* 203: components/schemas/OrganizationCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {17, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {22, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 208: components/schemas/OrganizationCreate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 212: components/parameters/OrgId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 215: components/schemas/OrganizationUpdate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {18, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {23, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 220: components/schemas/OrganizationUpdate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 224: components/parameters/IfMatchOptional/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {.keyword = DP_KEYWORD_END},
    /* 227: components/schemas/ApiKeyCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {19, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {24, 4}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 232: components/schemas/ApiKeyCreate/properties/expiresAt */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_DATE_TIME},
    {.keyword = DP_KEYWORD_END},
    /* 235: components/schemas/ApiKeyCreate/properties/maxRole */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 14},
    {DP_KEYWORD_DEFAULT, .value = 18},
    {.keyword = DP_KEYWORD_END},
    /* 239: components/schemas/ApiKeyCreate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 243: components/schemas/ApiKeyCreate/properties/scopes */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_ARRAY},
    {DP_KEYWORD_MIN_ITEMS, .number = 1},
    {DP_KEYWORD_MAX_ITEMS, .number = 32},
    {DP_KEYWORD_ITEMS, .schema = 248},
    {.keyword = DP_KEYWORD_END},
    /* 248: components/schemas/ApiKeyCreate/properties/scopes/items */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_PATTERN, .pattern = 5},
    {.keyword = DP_KEYWORD_END},
    /* 251: components/parameters/KeyId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 254: components/schemas/ApiKeyRotate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_PROPERTIES, .list = {28, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 258: components/schemas/ApiKeyRotate/properties/overlapSeconds */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 0u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 6048u, .exponent = 2}},
    {DP_KEYWORD_DEFAULT, .value = 19},
    {.keyword = DP_KEYWORD_END},
    /* 263: components/parameters/AuditAction/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 267: components/parameters/AuditActor/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 270: components/parameters/AuditFrom/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_DATE_TIME},
    {.keyword = DP_KEYWORD_END},
    /* 273: components/parameters/AuditOutcome/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 20},
    {.keyword = DP_KEYWORD_END},
    /* 276: components/parameters/AuditTarget/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 200},
    {.keyword = DP_KEYWORD_END},
    /* 280: components/parameters/AuditTo/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_DATE_TIME},
    {.keyword = DP_KEYWORD_END},
    /* 283: components/parameters/ExportLimit/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 1u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 2u, .exponent = 3}},
    {DP_KEYWORD_DEFAULT, .value = 25},
    {.keyword = DP_KEYWORD_END},
    /* 288: components/parameters/AuditAfter/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 0u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 9007199254740991u}},
    {DP_KEYWORD_DEFAULT, .value = 26},
    {.keyword = DP_KEYWORD_END},
    /* 293: components/parameters/EventId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 296: components/schemas/InvitationCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {20, 2}},
    {DP_KEYWORD_PROPERTIES, .list = {29, 2}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 301: components/schemas/InvitationCreate/properties/email */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MAX_LENGTH, .number = 254},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_EMAIL},
    {.keyword = DP_KEYWORD_END},
    /* 305: components/schemas/InvitationCreate/properties/role */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 27},
    {.keyword = DP_KEYWORD_END},
    /* 308: components/parameters/InvitationId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 311: components/parameters/UserId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 314: components/schemas/MemberUpdate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {22, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {31, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 319: components/schemas/MemberUpdate/properties/role */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 31},
    {.keyword = DP_KEYWORD_END},
    /* 322: components/schemas/ProjectCreate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {23, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {32, 3}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 327: components/schemas/ProjectCreate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 331: components/schemas/ProjectCreate/properties/previewTtlHours */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 24u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 168u}},
    {DP_KEYWORD_DEFAULT, .value = 35},
    {.keyword = DP_KEYWORD_END},
    /* 336: components/schemas/ProjectCreate/properties/template */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {DP_KEYWORD_DEFAULT, .value = 36},
    {.keyword = DP_KEYWORD_END},
    /* 341: components/parameters/ProjectId/schema */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_FORMAT, .format = DP_FORMAT_UUID},
    {.keyword = DP_KEYWORD_END},
    /* 344: components/schemas/ProjectUpdate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_MIN_PROPERTIES, .number = 1},
    {DP_KEYWORD_PROPERTIES, .list = {35, 2}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 349: components/schemas/ProjectUpdate/properties/name */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_MIN_LENGTH, .number = 1},
    {DP_KEYWORD_MAX_LENGTH, .number = 100},
    {.keyword = DP_KEYWORD_END},
    /* 353: components/schemas/ProjectUpdate/properties/previewTtlHours */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_INTEGER},
    {DP_KEYWORD_MINIMUM, .decimal = {.digits = 24u}},
    {DP_KEYWORD_MAXIMUM, .decimal = {.digits = 168u}},
    {.keyword = DP_KEYWORD_END},
    /* 357: components/schemas/ProjectMemberUpdate */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_OBJECT},
    {DP_KEYWORD_REQUIRED, .list = {24, 1}},
    {DP_KEYWORD_PROPERTIES, .list = {37, 1}},
    {DP_KEYWORD_ADDITIONAL_PROPERTIES, .schema = 1},
    {.keyword = DP_KEYWORD_END},
    /* 362: components/schemas/ProjectMemberUpdate/properties/role */
    {DP_KEYWORD_TYPE, .types = DP_TYPE_STRING},
    {DP_KEYWORD_ENUM, .value = 37},
    {.keyword = DP_KEYWORD_END},
};

static const dp_schema_property_t properties[] = {
    {{(const uint8_t *) "code", 4}, 8},
    {{(const uint8_t *) "email", 5}, 12},
    {{(const uint8_t *) "password", 8}, 17},
    {{(const uint8_t *) "transport", 9}, 21},
    {{(const uint8_t *) "code", 4}, 33},
    {{(const uint8_t *) "code", 4}, 42},
    {{(const uint8_t *) "mfaToken", 8}, 46},
    {{(const uint8_t *) "transport", 9}, 50},
    {{(const uint8_t *) "currentPassword", 15}, 98},
    {{(const uint8_t *) "newPassword", 11}, 102},
    {{(const uint8_t *) "email", 5}, 12},
    {{(const uint8_t *) "newPassword", 11}, 102},
    {{(const uint8_t *) "token", 5}, 116},
    {{(const uint8_t *) "refreshToken", 12}, 125},
    {{(const uint8_t *) "orgId", 5}, 134},
    {{(const uint8_t *) "captchaToken", 12}, 153},
    {{(const uint8_t *) "displayName", 11}, 157},
    {{(const uint8_t *) "email", 5}, 12},
    {{(const uint8_t *) "password", 8}, 102},
    {{(const uint8_t *) "token", 5}, 166},
    {{(const uint8_t *) "token", 5}, 178},
    {{(const uint8_t *) "displayName", 11}, 189},
    {{(const uint8_t *) "name", 4}, 208},
    {{(const uint8_t *) "name", 4}, 220},
    {{(const uint8_t *) "expiresAt", 9}, 232},
    {{(const uint8_t *) "maxRole", 7}, 235},
    {{(const uint8_t *) "name", 4}, 239},
    {{(const uint8_t *) "scopes", 6}, 243},
    {{(const uint8_t *) "overlapSeconds", 14}, 258},
    {{(const uint8_t *) "email", 5}, 301},
    {{(const uint8_t *) "role", 4}, 305},
    {{(const uint8_t *) "role", 4}, 319},
    {{(const uint8_t *) "name", 4}, 327},
    {{(const uint8_t *) "previewTtlHours", 15}, 331},
    {{(const uint8_t *) "template", 8}, 336},
    {{(const uint8_t *) "name", 4}, 349},
    {{(const uint8_t *) "previewTtlHours", 15}, 353},
    {{(const uint8_t *) "role", 4}, 362},
};

static const dp_slice_t names[] = {
    {(const uint8_t *) "email", 5},
    {(const uint8_t *) "password", 8},
    {(const uint8_t *) "code", 4},
    {(const uint8_t *) "mfaToken", 8},
    {(const uint8_t *) "code", 4},
    {(const uint8_t *) "currentPassword", 15},
    {(const uint8_t *) "newPassword", 11},
    {(const uint8_t *) "email", 5},
    {(const uint8_t *) "token", 5},
    {(const uint8_t *) "newPassword", 11},
    {(const uint8_t *) "refreshToken", 12},
    {(const uint8_t *) "orgId", 5},
    {(const uint8_t *) "email", 5},
    {(const uint8_t *) "password", 8},
    {(const uint8_t *) "token", 5},
    {(const uint8_t *) "token", 5},
    {(const uint8_t *) "displayName", 11},
    {(const uint8_t *) "name", 4},
    {(const uint8_t *) "name", 4},
    {(const uint8_t *) "name", 4},
    {(const uint8_t *) "email", 5},
    {(const uint8_t *) "role", 4},
    {(const uint8_t *) "role", 4},
    {(const uint8_t *) "name", 4},
    {(const uint8_t *) "role", 4},
};

static dp_pattern_t patterns[] = {
    {"^[!-?A-~]+@[!-?A-~]+$", NULL},
    {"^[!-~]{16,255}$", NULL},
    {"^/(?:[!-.0-\\[\\]-~][!-\\[\\]-~]{0,510})?$", NULL},
    {"^dpo_[A-Za-z0-9_-]{43}$", NULL},
    {"^(?:dp_)?[A-Za-z0-9]{8}$", NULL},
    {"^[a-z]{1,32}:(?:read|write)$", NULL},
};

static const char values_text[] =
    "[[\"token\",\"cookie\"]"
    ",\"token\""
    ",[\"token\",\"cookie\"]"
    ",\"/\""
    ",25"
    ",[\"read\"]"
    ",[\"client_credentials\"]"
    ",[\"organization_admin\",\"developer\",\"viewer\"]"
    ",\"organization_admin\""
    ",86400"
    ",[\"success\",\"denied\",\"failure\",\"suppressed\"]"
    ",2000"
    ",0"
    ",[\"organization_admin\",\"developer\",\"viewer\"]"
    ",[\"organization_admin\",\"developer\",\"viewer\"]"
    ",72"
    ",\"platform\""
    ",[\"Owner\",\"Maintainer\",\"Contributor\",\"Viewer\"]"
    "]";

static dp_json_token_t values_tape[42];

static dp_json_t values = {.tokens = values_tape, .capacity = 42};

const dp_schema_set_t dp_contract_schemas = {
    .rows = rows,
    .names = names,
    .properties = properties,
    .patterns = patterns,
    .pattern_count = 6,
    .values_text = {(const uint8_t *) values_text, sizeof(values_text) - 1},
    .values = &values,
};

static const dp_contract_parameter_t parameters[] = {
    /* regenerateRecoveryCodes */
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 25},
    /* finishOAuthLogin */
    {"authuser", DP_IN_QUERY, .schema = 53},
    {"code", DP_IN_QUERY, .schema = 56},
    {"error", DP_IN_QUERY, .schema = 59},
    {"error_description", DP_IN_QUERY, .schema = 62},
    {"error_uri", DP_IN_QUERY, .schema = 65},
    {"hd", DP_IN_QUERY, .schema = 68},
    {"iss", DP_IN_QUERY, .schema = 71},
    {"prompt", DP_IN_QUERY, .schema = 74},
    {"scope", DP_IN_QUERY, .schema = 77},
    {"session_state", DP_IN_QUERY, .schema = 80},
    {"state", DP_IN_QUERY, .schema = 83},
    {"provider", DP_IN_PATH, .required = true, .schema = 86},
    /* startOAuthLogin */
    {"returnTo", DP_IN_QUERY, .schema = 89, .otherwise = "/"},
    {"provider", DP_IN_PATH, .required = true, .schema = 86},
    /* listSessions */
    {"cursor", DP_IN_QUERY, .schema = 137},
    {"limit", DP_IN_QUERY, .schema = 140, .otherwise = "25"},
    /* revokeSession */
    {"sessionId", DP_IN_PATH, .required = true, .schema = 145},
    /* signup */
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 25},
    /* getReadiness */
    {"scope", DP_IN_QUERY, .schema = 170},
    /* updateMe */
    {"If-Match", DP_IN_HEADER, .required = true, .schema = 181},
    /* issueToken */
    {"client_id", DP_IN_BODY, .schema = 193},
    {"client_secret", DP_IN_BODY, .schema = 196},
    {"grant_type", DP_IN_BODY, .required = true, .schema = 200},
    /* listOrgs */
    {"cursor", DP_IN_QUERY, .schema = 137},
    {"limit", DP_IN_QUERY, .schema = 140, .otherwise = "25"},
    /* createOrg */
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 25},
    /* getOrg */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* updateOrg */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"If-Match", DP_IN_HEADER, .required = true, .schema = 181},
    /* deleteOrg */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"If-Match", DP_IN_HEADER, .schema = 224},
    /* listApiKeys */
    {"cursor", DP_IN_QUERY, .schema = 137},
    {"limit", DP_IN_QUERY, .schema = 140, .otherwise = "25"},
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* createApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 25},
    /* revokeApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"keyId", DP_IN_PATH, .required = true, .schema = 251},
    /* rotateApiKey */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"keyId", DP_IN_PATH, .required = true, .schema = 251},
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 25},
    /* listAuditEvents */
    {"action", DP_IN_QUERY, .schema = 263},
    {"actor", DP_IN_QUERY, .schema = 267},
    {"cursor", DP_IN_QUERY, .schema = 137},
    {"from", DP_IN_QUERY, .schema = 270},
    {"limit", DP_IN_QUERY, .schema = 140, .otherwise = "25"},
    {"outcome", DP_IN_QUERY, .schema = 273},
    {"target", DP_IN_QUERY, .schema = 276},
    {"to", DP_IN_QUERY, .schema = 280},
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* getAuditCheckpoint */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* exportAudit */
    {"cursor", DP_IN_QUERY, .schema = 137},
    {"limit", DP_IN_QUERY, .schema = 283, .otherwise = "2000"},
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* getAuditSummary */
    {"from", DP_IN_QUERY, .schema = 270},
    {"to", DP_IN_QUERY, .schema = 280},
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* verifyAudit */
    {"after", DP_IN_QUERY, .schema = 288, .otherwise = "0"},
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* getAuditEvent */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"eventId", DP_IN_PATH, .required = true, .schema = 293},
    /* getAuditProof */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"eventId", DP_IN_PATH, .required = true, .schema = 293},
    /* listInvitations */
    {"cursor", DP_IN_QUERY, .schema = 137},
    {"limit", DP_IN_QUERY, .schema = 140, .otherwise = "25"},
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* createInvitation */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 25},
    /* revokeInvitation */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"invitationId", DP_IN_PATH, .required = true, .schema = 308},
    /* listMembers */
    {"cursor", DP_IN_QUERY, .schema = 137},
    {"limit", DP_IN_QUERY, .schema = 140, .otherwise = "25"},
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* setMemberRole */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"userId", DP_IN_PATH, .required = true, .schema = 311},
    /* removeMember */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    {"userId", DP_IN_PATH, .required = true, .schema = 311},
    /* listRoles */
    {"orgId", DP_IN_PATH, .required = true, .schema = 212},
    /* listProjects */
    {"cursor", DP_IN_QUERY, .schema = 137},
    {"limit", DP_IN_QUERY, .schema = 140, .otherwise = "25"},
    /* createProject */
    {"Idempotency-Key", DP_IN_HEADER, .required = true, .schema = 25},
    /* getProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 341},
    /* updateProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 341},
    {"If-Match", DP_IN_HEADER, .required = true, .schema = 181},
    /* deleteProject */
    {"projectId", DP_IN_PATH, .required = true, .schema = 341},
    {"If-Match", DP_IN_HEADER, .schema = 224},
    /* listProjectMembers */
    {"cursor", DP_IN_QUERY, .schema = 137},
    {"limit", DP_IN_QUERY, .schema = 140, .otherwise = "25"},
    {"projectId", DP_IN_PATH, .required = true, .schema = 341},
    /* setProjectMember */
    {"projectId", DP_IN_PATH, .required = true, .schema = 341},
    {"userId", DP_IN_PATH, .required = true, .schema = 311},
    /* removeProjectMember */
    {"projectId", DP_IN_PATH, .required = true, .schema = 341},
    {"userId", DP_IN_PATH, .required = true, .schema = 311},
};

const dp_contract_operation_t dp_contract_operations[DP_ROUTE_COUNT] = {
    [DP_ROUTE_login] = {
        .has_body = true,
        .body_required = true,
        .body = 3,
    },
    [DP_ROUTE_regenerateRecoveryCodes] = {
        .parameters = &parameters[0],
        .count = 1,
    },
    [DP_ROUTE_confirmTotp] = {
        .has_body = true,
        .body_required = true,
        .body = 28,
    },
    [DP_ROUTE_verifyMfa] = {
        .has_body = true,
        .body_required = true,
        .body = 37,
    },
    [DP_ROUTE_finishOAuthLogin] = {
        .parameters = &parameters[1],
        .count = 12,
        .query_count = 11,
    },
    [DP_ROUTE_startOAuthLogin] = {
        .parameters = &parameters[13],
        .count = 2,
        .query_count = 1,
    },
    [DP_ROUTE_changePassword] = {
        .has_body = true,
        .body_required = true,
        .body = 93,
    },
    [DP_ROUTE_forgotPassword] = {
        .has_body = true,
        .body_required = true,
        .body = 106,
    },
    [DP_ROUTE_resetPassword] = {
        .has_body = true,
        .body_required = true,
        .body = 111,
    },
    [DP_ROUTE_refreshSession] = {
        .has_body = true,
        .body_required = true,
        .body = 120,
    },
    [DP_ROUTE_setSessionOrg] = {
        .has_body = true,
        .body_required = true,
        .body = 129,
    },
    [DP_ROUTE_listSessions] = {
        .parameters = &parameters[15],
        .count = 2,
        .query_count = 2,
    },
    [DP_ROUTE_revokeSession] = {
        .parameters = &parameters[17],
        .count = 1,
    },
    [DP_ROUTE_signup] = {
        .parameters = &parameters[18],
        .count = 1,
        .has_body = true,
        .body_required = true,
        .body = 148,
    },
    [DP_ROUTE_verifyEmail] = {
        .has_body = true,
        .body_required = true,
        .body = 161,
    },
    [DP_ROUTE_getReadiness] = {
        .parameters = &parameters[19],
        .count = 1,
        .query_count = 1,
    },
    [DP_ROUTE_acceptInvitation] = {
        .has_body = true,
        .body_required = true,
        .body = 173,
    },
    [DP_ROUTE_updateMe] = {
        .parameters = &parameters[20],
        .count = 1,
        .has_body = true,
        .body_required = true,
        .body = 184,
    },
    [DP_ROUTE_issueToken] = {
        .parameters = &parameters[21],
        .field_count = 3,
    },
    [DP_ROUTE_listOrgs] = {
        .parameters = &parameters[24],
        .count = 2,
        .query_count = 2,
    },
    [DP_ROUTE_createOrg] = {
        .parameters = &parameters[26],
        .count = 1,
        .has_body = true,
        .body_required = true,
        .body = 203,
    },
    [DP_ROUTE_getOrg] = {
        .parameters = &parameters[27],
        .count = 1,
    },
    [DP_ROUTE_updateOrg] = {
        .parameters = &parameters[28],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 215,
    },
    [DP_ROUTE_deleteOrg] = {
        .parameters = &parameters[30],
        .count = 2,
    },
    [DP_ROUTE_listApiKeys] = {
        .parameters = &parameters[32],
        .count = 3,
        .query_count = 2,
    },
    [DP_ROUTE_createApiKey] = {
        .parameters = &parameters[35],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 227,
    },
    [DP_ROUTE_revokeApiKey] = {
        .parameters = &parameters[37],
        .count = 2,
    },
    [DP_ROUTE_rotateApiKey] = {
        .parameters = &parameters[39],
        .count = 3,
        .has_body = true,
        .body_required = true,
        .body = 254,
    },
    [DP_ROUTE_listAuditEvents] = {
        .parameters = &parameters[42],
        .count = 9,
        .query_count = 8,
    },
    [DP_ROUTE_getAuditCheckpoint] = {
        .parameters = &parameters[51],
        .count = 1,
    },
    [DP_ROUTE_exportAudit] = {
        .parameters = &parameters[52],
        .count = 3,
        .query_count = 2,
    },
    [DP_ROUTE_getAuditSummary] = {
        .parameters = &parameters[55],
        .count = 3,
        .query_count = 2,
    },
    [DP_ROUTE_verifyAudit] = {
        .parameters = &parameters[58],
        .count = 2,
        .query_count = 1,
    },
    [DP_ROUTE_getAuditEvent] = {
        .parameters = &parameters[60],
        .count = 2,
    },
    [DP_ROUTE_getAuditProof] = {
        .parameters = &parameters[62],
        .count = 2,
    },
    [DP_ROUTE_listInvitations] = {
        .parameters = &parameters[64],
        .count = 3,
        .query_count = 2,
    },
    [DP_ROUTE_createInvitation] = {
        .parameters = &parameters[67],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 296,
    },
    [DP_ROUTE_revokeInvitation] = {
        .parameters = &parameters[69],
        .count = 2,
    },
    [DP_ROUTE_listMembers] = {
        .parameters = &parameters[71],
        .count = 3,
        .query_count = 2,
    },
    [DP_ROUTE_setMemberRole] = {
        .parameters = &parameters[74],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 314,
    },
    [DP_ROUTE_removeMember] = {
        .parameters = &parameters[76],
        .count = 2,
    },
    [DP_ROUTE_listRoles] = {
        .parameters = &parameters[78],
        .count = 1,
    },
    [DP_ROUTE_listProjects] = {
        .parameters = &parameters[79],
        .count = 2,
        .query_count = 2,
    },
    [DP_ROUTE_createProject] = {
        .parameters = &parameters[81],
        .count = 1,
        .has_body = true,
        .body_required = true,
        .body = 322,
    },
    [DP_ROUTE_getProject] = {
        .parameters = &parameters[82],
        .count = 1,
    },
    [DP_ROUTE_updateProject] = {
        .parameters = &parameters[83],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 344,
    },
    [DP_ROUTE_deleteProject] = {
        .parameters = &parameters[85],
        .count = 2,
    },
    [DP_ROUTE_listProjectMembers] = {
        .parameters = &parameters[87],
        .count = 3,
        .query_count = 2,
    },
    [DP_ROUTE_setProjectMember] = {
        .parameters = &parameters[90],
        .count = 2,
        .has_body = true,
        .body_required = true,
        .body = 357,
    },
    [DP_ROUTE_removeProjectMember] = {
        .parameters = &parameters[92],
        .count = 2,
    },
};
