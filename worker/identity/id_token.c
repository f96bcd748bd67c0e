/*
 * Signature first, claims afterwards.
 */

#include "id_token.h"

#include "crypto/digest.h"
#include "dp_base64url.h"
#include "dp_jws.h"
#include "dp_jwt_claims.h"

#define LIFETIME_S 86400
#define TEXT_SIZE 512
#define HALF_DIGEST (DP_SHA256_SIZE / 2)

/* --- the signature ------------------------------------------------------------ */

/* A key is for the algorithm that its issuer gave it, whatever the token says. */
static bool
key_find(dp_slice_t keys, const dp_jwt_t *jwt, dp_control_issuer_key_t *key)
{
    while (dp_control_issuer_key_next(&keys, key)) {
        if (key->algorithm == jwt->algorithm
            && dp_slice_equal(key->kid, jwt->kid)) {
            return true;
        }
    }

    return false;
}

static const char *
signature_judge(const dp_jwt_t *jwt, dp_slice_t keys)
{
    dp_control_issuer_key_t key;
    dp_jws_key_t            opened;
    bool                    verified;

    if (!key_find(keys, jwt, &key)) {
        return dp_jwt_fault_name(DP_JWT_KEY);
    }

    if (!dp_jws_key_open(&opened, (dp_jwt_algorithm_t) key.algorithm, key.spki)) {
        return dp_jwt_fault_name(DP_JWT_SIGNATURE);
    }

    verified = dp_jws_verify(&opened, jwt->signed_text, jwt->signature);
    dp_jws_key_close(&opened);

    return verified ? NULL : dp_jwt_fault_name(DP_JWT_SIGNATURE);
}

/* --- claims ------------------------------------------------------------------- */

/* Empty: absent, or no text. */
static dp_slice_t
text_of(dp_arena_t *arena, const dp_jwt_claims_t *claims, const char *name)
{
    uint8_t    buffer[TEXT_SIZE];
    dp_slice_t text;

    return dp_jwt_claim_text(claims, dp_slice_text(name), buffer, sizeof(buffer),
                             &text)
               ? dp_arena_copy(arena, text)
               : dp_slice(NULL, 0);
}

/* Of several audiences one must be named as the one it was made for. */
static bool
party_is_ours(dp_arena_t *arena, const dp_jwt_claims_t *claims,
              dp_slice_t client_id)
{
    const dp_json_token_t *audience = &claims->json.tokens[claims->audience];
    bool several = audience->type == DP_JSON_ARRAY && audience->count > 1;

    if (dp_jwt_claim(claims, DP_SLICE("azp")) == 0) {
        return !several;
    }

    return dp_slice_equal(text_of(arena, claims, "azp"), client_id);
}

/* at_hash: the left half of the access token's digest, where it is given. */
static bool
access_token_is_its(dp_arena_t *arena, const dp_jwt_claims_t *claims,
                    dp_slice_t access_token)
{
    char    expected[DP_BASE64URL_TEXT_SIZE(HALF_DIGEST)];
    uint8_t digest[DP_SHA256_SIZE];

    if (dp_jwt_claim(claims, DP_SLICE("at_hash")) == 0) {
        return true;
    }

    dp_sha256(digest, &access_token, 1);
    dp_base64url_encode(expected, dp_slice(digest, HALF_DIGEST));

    return dp_slice_equal(text_of(arena, claims, "at_hash"),
                          dp_slice(expected, sizeof(expected)));
}

static const char *
claims_judge(dp_arena_t *arena, const dp_jwt_claims_t *claims,
             const dp_id_token_expected_t *expected)
{
    dp_slice_t        client_id = dp_slice_text(expected->provider->client_id);
    dp_jwt_expected_t wanted = {
        .issuer = dp_slice_text(expected->provider->issuer),
        .audiences = &client_id,
        .audiences_count = 1,
        .lifetime_s = LIFETIME_S,
        .leeway_s = DP_JWT_LEEWAY_S,
    };
    dp_jwt_fault_t fault = dp_jwt_judge(claims, &wanted, expected->now_us);

    if (fault != DP_JWT_OK) {
        return dp_jwt_fault_name(fault);
    }

    if (claims->subject.len == 0) {
        return "subject";
    }

    if (!party_is_ours(arena, claims, client_id)) {
        return "azp";
    }

    if (!dp_equal_secret(text_of(arena, claims, "nonce"), expected->nonce)) {
        return "nonce";
    }

    return access_token_is_its(arena, claims, expected->access_token) ? NULL
                                                                      : "at_hash";
}

static void
token_fill(dp_arena_t *arena, const dp_jwt_claims_t *claims,
           dp_id_token_t *token)
{
    uint32_t verified = dp_jwt_claim(claims, DP_SLICE("email_verified"));

    token->subject = dp_arena_copy(arena, claims->subject);
    token->name = text_of(arena, claims, "name");
    token->email = verified != 0
                           && claims->json.tokens[verified].type == DP_JSON_TRUE
                       ? text_of(arena, claims, "email")
                       : dp_slice(NULL, 0);
}

const char *
dp_id_token_read(dp_arena_t *arena, dp_slice_t text,
                 const dp_id_token_expected_t *expected, dp_id_token_t *token)
{
    dp_jwt_t        *jwt = dp_arena_alloc(arena, sizeof(*jwt));
    dp_jwt_claims_t *claims = dp_arena_alloc(arena, sizeof(*claims));
    dp_jwt_fault_t   fault = dp_jwt_parse(jwt, text);
    const char      *wrong;

    if (fault != DP_JWT_OK) {
        return dp_jwt_fault_name(fault);
    }

    wrong = signature_judge(jwt, expected->keys);

    if (wrong != NULL) {
        return wrong;
    }

    fault = dp_jwt_claims_read(claims, jwt->claims);

    if (fault != DP_JWT_OK) {
        return dp_jwt_fault_name(fault);
    }

    wrong = claims_judge(arena, claims, expected);

    if (wrong == NULL) {
        token_fill(arena, claims, token);
    }

    return wrong;
}
