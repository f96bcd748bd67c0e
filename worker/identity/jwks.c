/*
 * From JWK to SubjectPublicKeyInfo by OpenSSL, which also refuses points that lie
 * on no curve.
 */

#include "jwks.h"

#include "dp_base64url.h"
#include "dp_control_issuer.h"
#include "dp_jws.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#define TOKENS_MAX 4096
#define NUMBER_SIZE 512 /* 4096 bits */
#define COORDINATE_SIZE 32
#define MODULUS_MIN 256

typedef struct {
    const dp_json_t *json;
    uint32_t         object;
} jwk_t;

static bool
member_is(const jwk_t *jwk, const char *name, const char *value)
{
    uint32_t member = dp_json_member(jwk->json, jwk->object, dp_slice_text(name));

    return member != 0 && jwk->json->tokens[member].type == DP_JSON_STRING
           && dp_json_text_equal(jwk->json, member, dp_slice_text(value));
}

static bool
member_there(const jwk_t *jwk, const char *name)
{
    return dp_json_member(jwk->json, jwk->object, dp_slice_text(name)) != 0;
}

/* Empty: it is not there, or not base64url. */
static dp_slice_t
member_bytes(const jwk_t *jwk, const char *name, uint8_t *bytes, size_t capacity)
{
    uint32_t   member = dp_json_member(jwk->json, jwk->object, dp_slice_text(name));
    char       buffer[DP_BASE64URL_TEXT_SIZE(NUMBER_SIZE)];
    size_t     len;
    dp_slice_t text;

    if (member == 0 || jwk->json->tokens[member].type != DP_JSON_STRING) {
        return dp_slice(NULL, 0);
    }

    text = dp_json_text(jwk->json, member, buffer, sizeof(buffer));

    return dp_base64url_decode(bytes, capacity, &len, text)
               ? dp_slice(bytes, len)
               : dp_slice(NULL, 0);
}

/* --- keys --------------------------------------------------------------------- */

/* The DER of a key; 0: it is none. */
static size_t
spki_make(const char *type, OSSL_PARAM_BLD *builder,
          uint8_t spki[DP_JWS_SPKI_SIZE])
{
    OSSL_PARAM   *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY     *key = NULL;
    int           len = 0;

    if (parameters != NULL && context != NULL
        && EVP_PKEY_fromdata_init(context) == 1
        && EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1) {
        len = i2d_PUBKEY(key, NULL);
    }

    if (len > 0 && len <= DP_JWS_SPKI_SIZE) {
        len = i2d_PUBKEY(key, &spki);
    } else {
        len = 0;
    }

    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);

    return (size_t) len;
}

static size_t
rsa_spki(const jwk_t *jwk, uint8_t spki[DP_JWS_SPKI_SIZE])
{
    uint8_t         bytes[NUMBER_SIZE], exponent_bytes[8];
    dp_slice_t      n = member_bytes(jwk, "n", bytes, sizeof(bytes));
    dp_slice_t      e = member_bytes(jwk, "e", exponent_bytes,
                                     sizeof(exponent_bytes));
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM         *modulus = BN_bin2bn(n.data, (int) n.len, NULL);
    BIGNUM         *exponent = BN_bin2bn(e.data, (int) e.len, NULL);
    size_t          len = 0;

    if (builder != NULL && n.len >= MODULUS_MIN && e.len != 0
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1) {
        len = spki_make("RSA", builder, spki);
    }

    BN_free(modulus);
    BN_free(exponent);
    OSSL_PARAM_BLD_free(builder);

    return len;
}

static size_t
ec_spki(const jwk_t *jwk, uint8_t spki[DP_JWS_SPKI_SIZE])
{
    uint8_t         point[1 + 2 * COORDINATE_SIZE] = {POINT_CONVERSION_UNCOMPRESSED};
    dp_slice_t      x = member_bytes(jwk, "x", point + 1, COORDINATE_SIZE);
    dp_slice_t      y = member_bytes(jwk, "y", point + 1 + COORDINATE_SIZE,
                                     COORDINATE_SIZE);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    size_t          len = 0;

    if (builder != NULL && x.len == COORDINATE_SIZE && y.len == COORDINATE_SIZE
        && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME,
                                           "prime256v1", 0) == 1
        && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
                                            point, sizeof(point)) == 1) {
        len = spki_make("EC", builder, spki);
    }

    OSSL_PARAM_BLD_free(builder);

    return len;
}

typedef struct {
    dp_jwt_algorithm_t algorithm;
    const char        *name;
    const char        *type;
    const char        *curve; /* NULL: it has none */
    size_t           (*spki)(const jwk_t *jwk, uint8_t spki[DP_JWS_SPKI_SIZE]);
} kind_t;

static const kind_t kinds[] = {
    {DP_JWT_RS256, "RS256", "RSA", NULL, rsa_spki},
    {DP_JWT_ES256, "ES256", "EC", "P-256", ec_spki},
};

/* For this algorithm, and for signatures: as far as it says so itself. */
static bool
is_kind(const jwk_t *jwk, const kind_t *kind)
{
    return member_is(jwk, "kty", kind->type)
           && (kind->curve == NULL || member_is(jwk, "crv", kind->curve))
           && (!member_there(jwk, "alg") || member_is(jwk, "alg", kind->name))
           && (!member_there(jwk, "use") || member_is(jwk, "use", "sig"));
}

/* False: its kid is not one. */
static bool
kid_take(const jwk_t *jwk, uint8_t buffer[DP_JWT_KID_SIZE], dp_slice_t *kid)
{
    uint32_t member = dp_json_member(jwk->json, jwk->object, DP_SLICE("kid"));

    *kid = dp_slice(NULL, 0);

    if (member == 0) {
        return true;
    }

    if (jwk->json->tokens[member].type != DP_JSON_STRING) {
        return false;
    }

    *kid = dp_json_text(jwk->json, member, buffer, DP_JWT_KID_SIZE);

    return kid->len != 0 && kid->len <= DP_JWT_KID_SIZE;
}

static bool
key_write(dp_writer_t *keys, const jwk_t *jwk, const kind_t *kind)
{
    uint8_t                 kid[DP_JWT_KID_SIZE];
    uint8_t                 spki[DP_JWS_SPKI_SIZE];
    dp_control_issuer_key_t key = {.algorithm = (uint8_t) kind->algorithm};

    key.spki = dp_slice(spki, kind->spki(jwk, spki));

    if (key.spki.len == 0 || !kid_take(jwk, kid, &key.kid)) {
        return false;
    }

    dp_control_issuer_key_write(keys, &key);

    return true;
}

bool
dp_jwks_keys(dp_writer_t *keys, dp_slice_t text, unsigned algorithms)
{
    dp_json_token_t tokens[TOKENS_MAX];
    dp_json_t       json = {.tokens = tokens, .capacity = TOKENS_MAX};
    size_t          count = 0;
    uint32_t        list;

    if (dp_json_check(&json, text) != DP_JSON_OK
        || tokens[0].type != DP_JSON_OBJECT
        || (list = dp_json_member(&json, 0, DP_SLICE("keys"))) == 0
        || tokens[list].type != DP_JSON_ARRAY) {
        return false;
    }

    for (uint32_t at = list + 1;
         at < tokens[list].next && count < DP_CONTROL_ISSUER_KEYS;
         at = tokens[at].next) {
        const jwk_t jwk = {&json, at};

        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            if (tokens[at].type == DP_JSON_OBJECT
                && algorithms & 1u << kinds[i].algorithm
                && is_kind(&jwk, &kinds[i])) {
                count += key_write(keys, &jwk, &kinds[i]);
            }
        }
    }

    return count != 0 && !keys->failed;
}
