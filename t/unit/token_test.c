/*
 * Access tokens: OpenSSL's HMAC by hand and the edge's own reader agree with what
 * is made here.  IDN-02.
 */

#include <openssl/hmac.h>
#include <stdlib.h>

#include "dp_access_claims.h"
#include "dp_base64url.h"
#include "identity/token.h"
#include "unit.h"

#define NOW_US UINT64_C(1795168800000000)
#define SECOND_US UINT64_C(1000000)

static const uint8_t session_id[DP_ID_SIZE] = {1, 2, 3};
static const uint8_t user_id[DP_ID_SIZE] = {4, 5, 6};
static const uint8_t org_id[DP_ID_SIZE] = {7, 8, 9};

static const dp_signing_key_t key = {
    .kid = "0123456789abcdef",
    .kid_len = 16,
    .secret = {0xaa, 0xbb, 0xcc},
};

static dp_token_claims_t
claims_of_session(void)
{
    return (dp_token_claims_t) {
        .kind = DP_PRINCIPAL_SESSION,
        .credential_id = session_id,
        .user_id = user_id,
        .org_id = org_id,
        .auth_level = 2,
        .plan = 30,
        .generation = NOW_US + 7,
        .auth_us = NOW_US - 5 * SECOND_US,
    };
}

static dp_arena_t *arena;
static dp_jwt_t        jwt;
static dp_jwt_claims_t claims;

/* Made, taken apart and read as an edge does. */
static dp_slice_t
token_read(const dp_token_claims_t *made, dp_access_claims_t *access)
{
    dp_slice_t token = unit_copy(dp_access_token_sign(arena, made, &key, NOW_US));

    ck_assert_int_eq(dp_jwt_parse(&jwt, token), DP_JWT_OK);
    ck_assert_int_eq(jwt.algorithm, DP_JWT_HS256);
    unit_assert_text(jwt.kid, "0123456789abcdef");
    ck_assert_int_eq(dp_jwt_claims_read(&claims, jwt.claims), DP_JWT_OK);
    ck_assert(dp_access_claims_read(access, &claims));

    return token;
}

START_TEST(IDN_02_the_edge_reads_what_is_made)
{
    static const dp_slice_t audience = DP_SLICE("api");
    const dp_jwt_expected_t expected = {
        .issuer = DP_SLICE("https://id.example"),
        .audiences = &audience,
        .audiences_count = 1,
        .lifetime_s = 900,
        .leeway_s = 0,
    };
    dp_token_claims_t  made = claims_of_session();
    dp_access_claims_t access;
    dp_slice_t         token;

    dp_token_configure("https://id.example", "api");
    token = token_read(&made, &access);
    ck_assert_int_eq(access.principal.kind, DP_PRINCIPAL_SESSION);
    ck_assert_int_eq(access.principal.auth_level, 2);
    ck_assert_mem_eq(access.principal.credential_id, session_id, DP_ID_SIZE);
    ck_assert_mem_eq(access.principal.user_id, user_id, DP_ID_SIZE);
    ck_assert_mem_eq(access.principal.org_id, org_id, DP_ID_SIZE);
    ck_assert_uint_eq(access.generation, NOW_US + 7);
    ck_assert_uint_eq(access.plan, 30);
    ck_assert_int_eq(dp_jwt_judge(&claims, &expected, NOW_US), DP_JWT_OK);
    ck_assert_int_eq(dp_jwt_judge(&claims, &expected, NOW_US + 899 * SECOND_US),
                     DP_JWT_OK);
    ck_assert_int_eq(dp_jwt_judge(&claims, &expected, NOW_US + 900 * SECOND_US),
                     DP_JWT_EXPIRED);
    dp_token_configure("devpilot", "devpilot");
    free((void *) token.data);
}
END_TEST

START_TEST(IDN_02_the_signature_is_openssls)
{
    dp_token_claims_t  made = claims_of_session();
    dp_access_claims_t access;
    dp_slice_t         token = token_read(&made, &access);
    uint8_t            mac[32];
    size_t             signed_len = token.len - 1 - 43;

    ck_assert_int_eq(token.data[signed_len], '.');
    ck_assert_ptr_nonnull(HMAC(EVP_sha256(), key.secret, sizeof(key.secret),
                               token.data, signed_len, mac, NULL));
    ck_assert_uint_eq(jwt.signature.len, sizeof(mac));
    ck_assert_mem_eq(jwt.signature.data, mac, sizeof(mac));
    free((void *) token.data);
}
END_TEST

START_TEST(IDN_02_a_token_ends_with_its_key)
{
    dp_token_claims_t  made = claims_of_session();
    dp_access_claims_t access;

    made.kind = DP_PRINCIPAL_API_KEY;
    made.auth_us = 0;
    made.expires_us = NOW_US + 60 * SECOND_US;
    made.scope = DP_SLICE("projects:read projects:write");
    ck_assert_uint_eq(dp_access_token_lifetime_s(&made, NOW_US), 60);
    free((void *) token_read(&made, &access).data);
    ck_assert_int_eq(access.principal.kind, DP_PRINCIPAL_API_KEY);
    ck_assert_uint_eq(claims.expires_us, NOW_US + 60 * SECOND_US);
    ck_assert_uint_eq(claims.issued_us, NOW_US);
    ck_assert_uint_eq((uint64_t) __builtin_popcountll(access.scopes), 2);

    made.expires_us = NOW_US - 1;
    ck_assert_uint_eq(dp_access_token_lifetime_s(&made, NOW_US), 0);
    made.expires_us = NOW_US + 3600 * SECOND_US;
    ck_assert_uint_eq(dp_access_token_lifetime_s(&made, NOW_US), 900);
}
END_TEST

START_TEST(IDN_02_no_two_tokens_are_the_same)
{
    dp_token_claims_t made = claims_of_session();
    dp_slice_t        one = dp_access_token_sign(arena, &made, &key, NOW_US);
    dp_slice_t        other = dp_access_token_sign(arena, &made, &key, NOW_US);

    ck_assert(!dp_slice_equal(one, other));
}
END_TEST

START_TEST(IDN_02_without_a_key_there_is_no_token)
{
    dp_token_claims_t made = claims_of_session();
    dp_op_t           op = {.arena = arena};

    dp_key_ring_clear();
    ck_assert_uint_eq(dp_access_token_make(&op, &made).len, 0);
    ck_assert_int_eq(op.error, DP_ERR_WORKER_UNAVAILABLE);
    ck_assert_uint_eq(dp_csrf_token_make(&op, session_id).len, 0);
}
END_TEST

int
main(void)
{
    int code;

    arena = dp_arena_create();
    code = UNIT_RUN("token", IDN_02_the_edge_reads_what_is_made,
                    IDN_02_the_signature_is_openssls,
                    IDN_02_a_token_ends_with_its_key,
                    IDN_02_no_two_tokens_are_the_same,
                    IDN_02_without_a_key_there_is_no_token);
    dp_arena_destroy(arena);

    return code;
}
