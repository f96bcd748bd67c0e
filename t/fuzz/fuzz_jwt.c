/*
 * Any token, and any list of issuers: read within its bounds; what is taken for a
 * token is the one text of its parts, and its claims are judged without surprise.
 */

#include "dp_access_claims.h"
#include "dp_base64url.h"
#include "dp_control_issuer.h"
#include "dp_jws.h"
#include "fuzz.h"

static void
part_same(dp_slice_t text, dp_slice_t bytes)
{
    static char again[2 * DP_JWT_SIZE];

    FUZZ_ASSERT(text.len == DP_BASE64URL_TEXT_SIZE(bytes.len));
    dp_base64url_encode(again, bytes);
    FUZZ_ASSERT(memcmp(again, text.data, text.len) == 0);
}

static void
try_claims(dp_slice_t json)
{
    static dp_jwt_claims_t claims;

    const dp_slice_t   audience = DP_SLICE("devpilot");
    dp_jwt_expected_t  expected = {
        .audiences = &audience,
        .audiences_count = 1,
        .lifetime_s = 900,
        .leeway_s = DP_JWT_LEEWAY_S,
    };
    dp_access_claims_t access;

    if (dp_jwt_claims_read(&claims, json) != DP_JWT_OK) {
        return;
    }

    expected.issuer = claims.issuer;

    if (dp_jwt_judge(&claims, &expected, claims.issued_us) == DP_JWT_OK) {
        FUZZ_ASSERT(claims.expires_us > claims.issued_us);
        FUZZ_ASSERT(claims.expires_us - claims.issued_us <= 900000000);
    }

    if (dp_access_claims_read(&access, &claims)) {
        FUZZ_ASSERT(access.generation != 0);
        FUZZ_ASSERT(access.principal.kind != DP_PRINCIPAL_NONE);
    }
}

static void
try_token(dp_slice_t text)
{
    static dp_jwt_t jwt;

    const uint8_t *dot;

    if (dp_jwt_parse(&jwt, text) != DP_JWT_OK) {
        return;
    }

    FUZZ_ASSERT(jwt.algorithm >= DP_JWT_HS256 && jwt.algorithm <= DP_JWT_ES256);
    FUZZ_ASSERT(jwt.signed_text.data == text.data);
    dot = memchr(text.data, '.', text.len);
    part_same(dp_slice(dot + 1, jwt.signed_text.len
                                    - (size_t) (dot + 1 - text.data)),
              jwt.claims);
    part_same(dp_slice(text.data + jwt.signed_text.len + 1,
                       text.len - jwt.signed_text.len - 1),
              jwt.signature);
    try_claims(jwt.claims);
}

static void
try_issuers(dp_slice_t list)
{
    dp_control_issuer_t issuer;
    size_t              count = 0;

    if (!dp_control_issuers_valid(list)) {
        return;
    }

    while (dp_control_issuer_next(&list, &issuer)) {
        dp_control_issuer_key_t key;
        dp_jws_key_t            opened;

        count++;

        while (dp_control_issuer_key_next(&issuer.keys, &key)) {
            if (dp_jws_key_open(&opened, key.algorithm, key.spki)) {
                FUZZ_ASSERT(!dp_jws_verify(&opened, list, key.spki));
                dp_jws_key_close(&opened);
            }
        }
    }

    FUZZ_ASSERT(count <= DP_CONTROL_ISSUERS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_slice_t input = dp_slice(data, size);

    try_token(input);
    try_claims(input);
    try_issuers(input);

    return 0;
}
