/*
 * Reading the claims of access tokens, each by its name.
 */

#include "dp_access_claims.h"

#include "dp_control.h"
#include "dp_id.h"
#include "dp_scope.h"

#define SCOPE_SIZE 1024 /* bytes of all names */
#define LEVELS 2

static bool
id_read(const dp_jwt_claims_t *claims, dp_slice_t name, uint8_t id[DP_ID_SIZE])
{
    char       buffer[DP_ID_TEXT_SIZE];
    dp_slice_t text;

    return dp_jwt_claim_text(claims, name, buffer, sizeof(buffer), &text)
           && dp_id_parse(id, text);
}

static bool
kind_read(const dp_jwt_claims_t *claims, uint16_t *kind)
{
    char       buffer[sizeof("session")];
    dp_slice_t name;

    if (!dp_jwt_claim_text(claims, DP_SLICE("ctp"), buffer, sizeof(buffer),
                           &name)) {
        return false;
    }

    *kind = dp_slice_equal(name, DP_SLICE("session"))   ? DP_PRINCIPAL_SESSION
            : dp_slice_equal(name, DP_SLICE("api_key")) ? DP_PRINCIPAL_API_KEY
                                                        : DP_PRINCIPAL_NONE;

    return *kind != DP_PRINCIPAL_NONE;
}

/* A whole number from `min` to `max`. */
static bool
number_read(const dp_jwt_claims_t *claims, dp_slice_t name, int64_t min,
            int64_t max, int64_t *value)
{
    uint32_t token = dp_jwt_claim(claims, name);

    return token != 0 && claims->tokens[token].type == DP_JSON_NUMBER
           && dp_json_integer(&claims->json, token, value) && *value >= min
           && *value <= max;
}

static bool
plan_read(const dp_jwt_claims_t *claims, uint16_t *plan)
{
    int64_t rank = 0;

    if (dp_jwt_claim(claims, DP_SLICE("pln")) != 0
        && !number_read(claims, DP_SLICE("pln"), 0, UINT16_MAX, &rank)) {
        return false;
    }

    *plan = (uint16_t) rank;

    return true;
}

static bool
scopes_read(const dp_jwt_claims_t *claims, uint64_t *scopes)
{
    char       buffer[SCOPE_SIZE];
    dp_slice_t names;

    *scopes = DP_SCOPES_ALL;

    if (dp_jwt_claim(claims, DP_SLICE("scope")) == 0) {
        return true;
    }

    if (!dp_jwt_claim_text(claims, DP_SLICE("scope"), buffer, sizeof(buffer),
                           &names)) {
        return false;
    }

    *scopes = dp_scopes_read(names, ' ');

    return true;
}

bool
dp_access_claims_read(dp_access_claims_t    *access,
                      const dp_jwt_claims_t *claims)
{
    dp_principal_t *principal = &access->principal;
    int64_t         level, generation;

    if (!kind_read(claims, &principal->kind)
        || !id_read(claims, DP_SLICE("sub"), principal->user_id)
        || !id_read(claims, DP_SLICE("org"), principal->org_id)
        || !id_read(claims, DP_SLICE("sid"), principal->credential_id)
        || !number_read(claims, DP_SLICE("lvl"), 1, LEVELS, &level)
        || !number_read(claims, DP_SLICE("gen"), 1,
                        (int64_t) DP_CONTROL_GENERATION_MAX, &generation)
        || !plan_read(claims, &access->plan)
        || !scopes_read(claims, &access->scopes)) {
        return false;
    }

    principal->auth_level = (uint16_t) level;
    access->generation = (uint64_t) generation;

    return true;
}
