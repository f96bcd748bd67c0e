/*
 * Claims: what a token may say, whether it holds at a moment, and whom one of ours
 * is about.
 */

#include "dp_access_claims.h"
#include "dp_scope.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND UINT64_C(1000000)
#define NOW_S UINT64_C(1800000000)

static dp_jwt_claims_t claims;
static dp_slice_t      text;

static dp_jwt_fault_t
claims_of(const char *json)
{
    free((void *) text.data);
    text = unit_copy(dp_slice_text(json));

    return dp_jwt_claims_read(&claims, text);
}

/* At so many seconds after NOW_S. */
static dp_jwt_fault_t
judge(const char *json, int64_t after_s)
{
    static const dp_slice_t audiences[] = {
        {(const uint8_t *) "devpilot", 8}, {(const uint8_t *) "other", 5},
    };
    const dp_jwt_expected_t expected = {
        .issuer = DP_SLICE("us"),
        .audiences = audiences,
        .audiences_count = 2,
        .lifetime_s = 900,
        .leeway_s = DP_JWT_LEEWAY_S,
    };
    dp_jwt_fault_t fault = claims_of(json);

    return fault != DP_JWT_OK
               ? fault
               : dp_jwt_judge(&claims, &expected,
                              (uint64_t) ((int64_t) NOW_S + after_s) * SECOND);
}

#define TOKEN(audience, dates) \
    "{\"iss\":\"us\",\"aud\":" audience "," dates "}"
#define DATES "\"iat\":1800000000,\"exp\":1800000900"

START_TEST(a_token_ends_with_sixty_seconds_of_leeway)
{
    static const char token[] = TOKEN("\"devpilot\"", DATES);

    ck_assert_int_eq(judge(token, 0), DP_JWT_OK);
    ck_assert_int_eq(judge(token, 900), DP_JWT_OK);
    ck_assert_int_eq(judge(token, 959), DP_JWT_OK);
    ck_assert_int_eq(judge(token, 960), DP_JWT_EXPIRED);
    ck_assert_int_eq(judge(token, 961), DP_JWT_EXPIRED);
}
END_TEST

START_TEST(it_is_not_of_the_future)
{
    static const char later[] = TOKEN("\"devpilot\"", DATES ",\"nbf\":1800000100");

    ck_assert_int_eq(judge(TOKEN("\"devpilot\"", DATES), -60), DP_JWT_OK);
    ck_assert_int_eq(judge(TOKEN("\"devpilot\"", DATES), -61), DP_JWT_EARLY);
    ck_assert_int_eq(judge(later, 39), DP_JWT_EARLY);
    ck_assert_int_eq(judge(later, 40), DP_JWT_OK);
}
END_TEST

START_TEST(it_lives_no_longer_than_allowed)
{
    static const struct {
        const char    *dates;
        dp_jwt_fault_t fault;
    } rows[] = {
        {"\"iat\":1800000000,\"exp\":1800000900", DP_JWT_OK},
        {"\"iat\":1800000000,\"exp\":1800000901", DP_JWT_LIFETIME},
        {"\"iat\":1800000000,\"exp\":1800000900.5", DP_JWT_LIFETIME},
        {"\"iat\":1800000000,\"exp\":9e9", DP_JWT_LIFETIME},
        {"\"iat\":1800000000,\"exp\":1800000000", DP_JWT_LIFETIME},
        {"\"iat\":1800000000,\"exp\":1799999999", DP_JWT_LIFETIME},
        {"\"iat\":0,\"exp\":1800000900", DP_JWT_CLAIMS},
        {"\"exp\":1800000900", DP_JWT_CLAIMS},
        {"\"iat\":1800000000", DP_JWT_CLAIMS},
        {"\"iat\":1800000000,\"exp\":0", DP_JWT_CLAIMS},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char json[256];

        snprintf(json, sizeof(json), "{\"iss\":\"us\",\"aud\":\"other\",%s}",
                 rows[i].dates);
        ck_assert_msg(judge(json, 0) == rows[i].fault, "%s", rows[i].dates);
    }
}
END_TEST

START_TEST(it_is_for_us)
{
    ck_assert_int_eq(judge(TOKEN("[\"x\",\"devpilot\"]", DATES), 0), DP_JWT_OK);
    ck_assert_int_eq(judge(TOKEN("[\"other\"]", DATES), 0), DP_JWT_OK);
    ck_assert_int_eq(judge(TOKEN("\"dev\\u0070ilot\"", DATES), 0), DP_JWT_OK);
    ck_assert_int_eq(judge(TOKEN("[]", DATES), 0), DP_JWT_AUDIENCE);
    ck_assert_int_eq(judge(TOKEN("[\"x\",\"y\"]", DATES), 0), DP_JWT_AUDIENCE);
    ck_assert_int_eq(judge(TOKEN("\"Devpilot\"", DATES), 0), DP_JWT_AUDIENCE);
    ck_assert_int_eq(judge(TOKEN("\"\"", DATES), 0), DP_JWT_AUDIENCE);
    ck_assert_int_eq(judge("{\"iss\":\"us\"," DATES "}", 0), DP_JWT_AUDIENCE);
    ck_assert_int_eq(judge(TOKEN("[\"devpilot\",1]", DATES), 0), DP_JWT_CLAIMS);
    ck_assert_int_eq(judge(TOKEN("{\"devpilot\":1}", DATES), 0), DP_JWT_CLAIMS);
    ck_assert_int_eq(judge(TOKEN("null", DATES), 0), DP_JWT_CLAIMS);
}
END_TEST

START_TEST(and_from_whom_it_should_be)
{
    ck_assert_int_eq(judge("{\"iss\":\"them\",\"aud\":\"other\"," DATES "}", 0),
                     DP_JWT_ISSUER);
    ck_assert_int_eq(judge("{\"iss\":\"us \",\"aud\":\"other\"," DATES "}", 0),
                     DP_JWT_ISSUER);
    ck_assert_int_eq(judge("{\"aud\":\"other\"," DATES "}", 0), DP_JWT_ISSUER);
    ck_assert_int_eq(judge("{\"iss\":[\"us\"],\"aud\":\"other\"," DATES "}", 0),
                     DP_JWT_CLAIMS);
}
END_TEST

START_TEST(a_date_is_a_number_of_seconds)
{
    static const struct {
        const char *date;
        uint64_t    us;
    } rows[] = {
        {"0", 0},
        {"1300819380", 1300819380 * SECOND},
        {"1300819380.5", 1300819380 * SECOND + 500000},
        {"1300819380.000001", 1300819380 * SECOND + 1},
        {"1.5e9", 1500000000 * SECOND},
        {"0.0000009", 0},
        {"1e-300", 0},
        {"253402300799", 253402300799 * SECOND},
    };
    static const char *const wrong[] = {
        "-1", "-0.5", "253402300800", "1e300", "1e18", "\"1300819380\"", "true",
        "null", "[1]", "{}",
    };
    char     json[64];
    uint64_t us;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(json, sizeof(json), "{\"exp\":%s,\"at\":%s}", rows[i].date,
                 rows[i].date);
        ck_assert_int_eq(claims_of(json), DP_JWT_OK);
        ck_assert_uint_eq(claims.expires_us, rows[i].us);
        ck_assert(dp_jwt_claim_date(&claims, DP_SLICE("at"), &us));
        ck_assert_uint_eq(us, rows[i].us);
    }

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        static const char *const names[] = {"exp", "nbf", "iat"};

        snprintf(json, sizeof(json), "{\"%s\":%s}", names[i % 3], wrong[i]);
        ck_assert_msg(claims_of(json) == DP_JWT_CLAIMS, "%s", json);
    }
}
END_TEST

START_TEST(claims_are_one_strict_object)
{
    static const char *const wrong[] = {
        "", " ", "[]", "\"x\"", "1", "null", "{", "{}{}", "{\"exp\":1,\"exp\":2}",
        "{\"exp\":1,\"e\\u0078p\":2}", "{\"sub\":\"\\ud800\"}", "{\"sub\":1}",
        "{\"iss\":\"a\\u0000\"}", "{\"a\":9007199254740993}", "\xef\xbb\xbf{}",
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_msg(claims_of(wrong[i]) == DP_JWT_CLAIMS, "%s", wrong[i]);
    }

    ck_assert_int_eq(claims_of("{\"iss\":\"https:\\/\\/a.example\\/\"}"),
                     DP_JWT_OK);
    unit_assert_text(claims.issuer, "https://a.example/");
}
END_TEST

START_TEST(any_claim_is_found_by_its_name)
{
    char       buffer[8];
    dp_slice_t value;
    uint64_t   us;

    ck_assert_int_eq(claims_of("{\"a\":\"b\",\"long\":\"123456789\",\"n\":1}"),
                     DP_JWT_OK);
    ck_assert(dp_jwt_claim_text(&claims, DP_SLICE("a"), buffer, 8, &value));
    unit_assert_text(value, "b");
    ck_assert(!dp_jwt_claim_text(&claims, DP_SLICE("long"), buffer, 8, &value));
    ck_assert(!dp_jwt_claim_text(&claims, DP_SLICE("n"), buffer, 8, &value));
    ck_assert(!dp_jwt_claim_text(&claims, DP_SLICE("b"), buffer, 8, &value));
    ck_assert(!dp_jwt_claim_date(&claims, DP_SLICE("a"), &us));
    ck_assert(dp_jwt_claim_date(&claims, DP_SLICE("n"), &us));
    ck_assert_uint_eq(us, SECOND);
}
END_TEST

#define ID(digit) "00000000-0000-4000-8000-00000000000" digit
#define OURS \
    "\"sub\":\"" ID("1") "\",\"org\":\"" ID("2") "\",\"sid\":\"" ID("3") "\""

static bool
access_of(const char *json, dp_access_claims_t *access)
{
    ck_assert_int_eq(claims_of(json), DP_JWT_OK);

    return dp_access_claims_read(access, &claims);
}

START_TEST(a_token_of_ours_names_a_principal)
{
    dp_access_claims_t access;

    ck_assert(access_of("{" OURS ",\"ctp\":\"session\",\"lvl\":2,\"pln\":3,"
                        "\"gen\":1800000000000000,\"jti\":\"x\"}", &access));
    ck_assert_uint_eq(access.principal.kind, DP_PRINCIPAL_SESSION);
    ck_assert_uint_eq(access.principal.auth_level, 2);
    ck_assert_uint_eq(access.principal.user_id[15], 1);
    ck_assert_uint_eq(access.principal.org_id[15], 2);
    ck_assert_uint_eq(access.principal.credential_id[15], 3);
    ck_assert_uint_eq(access.plan, 3);
    ck_assert_uint_eq(access.generation, UINT64_C(1800000000000000));
    ck_assert(access.scopes == DP_SCOPES_ALL);

    ck_assert(access_of("{" OURS ",\"ctp\":\"api_key\",\"lvl\":1,\"gen\":1,"
                        "\"scope\":\"projects:read nobody:knows\"}", &access));
    ck_assert_uint_eq(access.principal.kind, DP_PRINCIPAL_API_KEY);
    ck_assert_uint_eq(access.plan, 0);
    ck_assert_uint_eq(access.scopes, dp_scopes_read(DP_SLICE("projects:read"), ' '));
}
END_TEST

START_TEST(or_nobody)
{
    static const char *const wrong[] = {
        "{}",
        "{" OURS ",\"ctp\":\"session\",\"lvl\":1}",
        "{" OURS ",\"ctp\":\"session\",\"gen\":1}",
        "{" OURS ",\"lvl\":1,\"gen\":1}",
        "{" OURS ",\"ctp\":\"external\",\"lvl\":1,\"gen\":1}",
        "{" OURS ",\"ctp\":\"session\",\"lvl\":0,\"gen\":1}",
        "{" OURS ",\"ctp\":\"session\",\"lvl\":3,\"gen\":1}",
        "{" OURS ",\"ctp\":\"session\",\"lvl\":\"1\",\"gen\":1}",
        "{" OURS ",\"ctp\":\"session\",\"lvl\":1,\"gen\":0}",
        "{" OURS ",\"ctp\":\"session\",\"lvl\":1,\"gen\":1e17}",
        "{" OURS ",\"ctp\":\"session\",\"lvl\":1,\"gen\":1,\"pln\":65536}",
        "{" OURS ",\"ctp\":\"session\",\"lvl\":1,\"gen\":1,\"scope\":[]}",
        "{\"sub\":\"1\",\"org\":\"" ID("2") "\",\"sid\":\"" ID("3") "\","
        "\"ctp\":\"session\",\"lvl\":1,\"gen\":1}",
        "{\"sub\":\"" ID("1") "\",\"sid\":\"" ID("3") "\","
        "\"ctp\":\"session\",\"lvl\":1,\"gen\":1}",
    };
    dp_access_claims_t access;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_msg(!access_of(wrong[i], &access), "%s", wrong[i]);
    }

    ck_assert(access_of("{" OURS ",\"ctp\":\"session\",\"lvl\":1,\"gen\":1}",
                        &access));
    free((void *) text.data);
    text = dp_slice(NULL, 0);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("jwt_claims", a_token_ends_with_sixty_seconds_of_leeway,
                    it_is_not_of_the_future, it_lives_no_longer_than_allowed,
                    it_is_for_us, and_from_whom_it_should_be,
                    a_date_is_a_number_of_seconds, claims_are_one_strict_object,
                    any_claim_is_found_by_its_name,
                    a_token_of_ours_names_a_principal, or_nobody);
}
