/*
 * Claims: the registered ones that matter are rows of a table, each with the
 * member that it fills.
 */

#include "dp_jwt_claims.h"

#define SECOND_US UINT64_C(1000000)
#define MICRO_DIGITS 6

/* The year 9999 ends then; what is later is nobody's date. */
#define DATE_MAX_US (UINT64_C(253402300799) * SECOND_US)

static bool
text_take(const dp_json_t *json, uint32_t token, void *buffer, size_t capacity,
          dp_slice_t *text)
{
    if (json->tokens[token].type != DP_JSON_STRING
        || json->tokens[token].len > capacity) {
        return false;
    }

    *text = dp_json_text(json, token, buffer, capacity);

    return true;
}

/* digits * 10^exponent seconds, in microseconds. */
static bool
date_take(const dp_json_t *json, uint32_t token, uint64_t *us)
{
    dp_decimal_t date;
    uint64_t     value;

    if (json->tokens[token].type != DP_JSON_NUMBER) {
        return false;
    }

    date = dp_json_decimal(json, token);
    value = date.digits;

    for (int32_t shift = date.exponent + MICRO_DIGITS;
         shift > 0 && value <= DATE_MAX_US && value != 0; shift--) {
        value *= 10;
    }

    for (int32_t shift = date.exponent + MICRO_DIGITS; shift < 0 && value != 0;
         shift++) {
        value /= 10;
    }

    *us = value;

    return !date.negative && value <= DATE_MAX_US;
}

static bool
issuer_take(dp_jwt_claims_t *claims, uint32_t token)
{
    return text_take(&claims->json, token, claims->issuer_bytes,
                     sizeof(claims->issuer_bytes), &claims->issuer);
}

static bool
subject_take(dp_jwt_claims_t *claims, uint32_t token)
{
    return text_take(&claims->json, token, claims->subject_bytes,
                     sizeof(claims->subject_bytes), &claims->subject);
}

/* A string, or an array of strings. */
static bool
audience_take(dp_jwt_claims_t *claims, uint32_t token)
{
    const dp_json_token_t *tokens = claims->tokens;

    claims->audience = token;

    if (tokens[token].type == DP_JSON_STRING) {
        return true;
    }

    for (uint32_t i = token + 1; i < tokens[token].next; i = tokens[i].next) {
        if (tokens[i].type != DP_JSON_STRING) {
            return false;
        }
    }

    return tokens[token].type == DP_JSON_ARRAY;
}

static bool
expires_take(dp_jwt_claims_t *claims, uint32_t token)
{
    return date_take(&claims->json, token, &claims->expires_us);
}

static bool
not_before_take(dp_jwt_claims_t *claims, uint32_t token)
{
    return date_take(&claims->json, token, &claims->not_before_us);
}

static bool
issued_take(dp_jwt_claims_t *claims, uint32_t token)
{
    return date_take(&claims->json, token, &claims->issued_us);
}

static const struct {
    const char name[4];
    bool (*take)(dp_jwt_claims_t *claims, uint32_t token);
} registered[] = {
    {"iss", issuer_take},  {"sub", subject_take},    {"aud", audience_take},
    {"exp", expires_take}, {"nbf", not_before_take}, {"iat", issued_take},
};

#define REGISTERED (sizeof(registered) / sizeof(registered[0]))

static bool
claim_take(dp_jwt_claims_t *claims, uint32_t name)
{
    for (size_t i = 0; i < REGISTERED; i++) {
        if (dp_json_text_equal(&claims->json, name,
                               dp_slice(registered[i].name, 3))) {
            return registered[i].take(claims, name + 1);
        }
    }

    return true;
}

dp_jwt_fault_t
dp_jwt_claims_read(dp_jwt_claims_t *claims, dp_slice_t json)
{
    const dp_json_token_t *root = claims->tokens;

    claims->issuer = claims->subject = dp_slice(NULL, 0);
    claims->expires_us = claims->not_before_us = claims->issued_us = 0;
    claims->audience = 0;
    claims->json = (dp_json_t) {
        .tokens = claims->tokens,
        .capacity = DP_JWT_TOKENS,
    };

    if (dp_json_check(&claims->json, json) != DP_JSON_OK
        || root->type != DP_JSON_OBJECT) {
        return DP_JWT_CLAIMS;
    }

    for (uint32_t name = 1; name < root->next;
         name = claims->tokens[name + 1].next) {
        if (!claim_take(claims, name)) {
            return DP_JWT_CLAIMS;
        }
    }

    return DP_JWT_OK;
}

static bool
audience_expected(const dp_jwt_claims_t   *claims,
                  const dp_jwt_expected_t *expected, uint32_t token)
{
    for (size_t i = 0; i < expected->audiences_count; i++) {
        if (dp_json_text_equal(&claims->json, token, expected->audiences[i])) {
            return true;
        }
    }

    return false;
}

static bool
audience_named(const dp_jwt_claims_t   *claims,
               const dp_jwt_expected_t *expected)
{
    const dp_json_token_t *tokens = claims->tokens;
    uint32_t               token = claims->audience;

    if (token == 0 || tokens[token].type == DP_JSON_STRING) {
        return token != 0 && audience_expected(claims, expected, token);
    }

    for (uint32_t i = token + 1; i < tokens[token].next; i = tokens[i].next) {
        if (audience_expected(claims, expected, i)) {
            return true;
        }
    }

    return false;
}

dp_jwt_fault_t
dp_jwt_judge(const dp_jwt_claims_t *claims, const dp_jwt_expected_t *expected,
             uint64_t now_us)
{
    uint64_t leeway_us = expected->leeway_s * SECOND_US;

    if (!dp_slice_equal(claims->issuer, expected->issuer)) {
        return DP_JWT_ISSUER;
    }

    if (!audience_named(claims, expected)) {
        return DP_JWT_AUDIENCE;
    }

    if (claims->expires_us == 0 || claims->issued_us == 0) {
        return DP_JWT_CLAIMS;
    }

    if (claims->expires_us <= claims->issued_us
        || claims->expires_us - claims->issued_us
               > expected->lifetime_s * SECOND_US) {
        return DP_JWT_LIFETIME;
    }

    if (claims->not_before_us > now_us + leeway_us
        || claims->issued_us > now_us + leeway_us) {
        return DP_JWT_EARLY;
    }

    return now_us < claims->expires_us + leeway_us ? DP_JWT_OK : DP_JWT_EXPIRED;
}

uint32_t
dp_jwt_claim(const dp_jwt_claims_t *claims, dp_slice_t name)
{
    return dp_json_member(&claims->json, 0, name);
}

bool
dp_jwt_claim_text(const dp_jwt_claims_t *claims, dp_slice_t name, void *buffer,
                  size_t capacity, dp_slice_t *text)
{
    uint32_t token = dp_jwt_claim(claims, name);

    return token != 0
           && text_take(&claims->json, token, buffer, capacity, text);
}

bool
dp_jwt_claim_date(const dp_jwt_claims_t *claims, dp_slice_t name, uint64_t *us)
{
    uint32_t token = dp_jwt_claim(claims, name);

    return token != 0 && date_take(&claims->json, token, us);
}
