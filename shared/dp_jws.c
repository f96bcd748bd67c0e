/*
 * Public-key signatures.  JWS writes an ECDSA signature as two numbers of 32 bytes
 * (RFC 7518, 3.4), OpenSSL wants them in DER.  Uses OpenSSL.
 */

#include "dp_jws.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 4096
#define P256_SIZE 32
#define P256_DER_SIZE (2 + 2 * (2 + P256_SIZE + 1))

#define DER_SEQUENCE 0x30
#define DER_INTEGER 0x02

static bool
key_suits(const EVP_PKEY *key, dp_jwt_algorithm_t algorithm)
{
    char   curve[32];
    size_t len;

    switch (algorithm) {
    case DP_JWT_RS256:
        return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA
               && EVP_PKEY_get_bits(key) >= RSA_BITS_MIN
               && EVP_PKEY_get_bits(key) <= RSA_BITS_MAX;
    case DP_JWT_ES256:
        return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC
               && EVP_PKEY_get_group_name(key, curve, sizeof(curve), &len) == 1
               && OBJ_sn2nid(curve) == NID_X9_62_prime256v1;
    default:
        return false;
    }
}

bool
dp_jws_key_open(dp_jws_key_t *key, dp_jwt_algorithm_t algorithm,
                dp_slice_t spki)
{
    const uint8_t *end = spki.data;

    key->algorithm = algorithm;
    key->key = d2i_PUBKEY(NULL, &end, (long) spki.len);

    if (key->key != NULL
        && (end != dp_slice_end(spki) || !key_suits(key->key, algorithm))) {
        dp_jws_key_close(key);
    }

    ERR_clear_error();

    return key->key != NULL;
}

void
dp_jws_key_close(dp_jws_key_t *key)
{
    EVP_PKEY_free(key->key);
    key->key = NULL;
}

/* A number that is not negative, by its shortest form; false: it is zero. */
static bool
der_integer_write(dp_writer_t *der, dp_slice_t number)
{
    while (number.len != 0 && number.data[0] == 0) {
        number = dp_slice(number.data + 1, number.len - 1);
    }

    if (number.len == 0) {
        return false;
    }

    dp_write_u8(der, DER_INTEGER);

    if (number.data[0] & 0x80) {
        dp_write_u8(der, (uint8_t) (number.len + 1));
        dp_write_u8(der, 0);
    } else {
        dp_write_u8(der, (uint8_t) number.len);
    }

    dp_write_bytes(der, number);

    return true;
}

/* r and s; neither may be zero, which a flawed verifier would take for good. */
static bool
p256_der(dp_slice_t signature, uint8_t buffer[P256_DER_SIZE], dp_slice_t *der)
{
    dp_writer_t writer = dp_writer(buffer, P256_DER_SIZE);

    dp_write_u8(&writer, DER_SEQUENCE);
    dp_write_u8(&writer, 0);

    if (signature.len != 2 * P256_SIZE
        || !der_integer_write(&writer, dp_slice(signature.data, P256_SIZE))
        || !der_integer_write(&writer, dp_slice(signature.data + P256_SIZE,
                                                P256_SIZE))) {
        return false;
    }

    *der = dp_written(&writer);
    buffer[1] = (uint8_t) (der->len - 2);

    return true;
}

static bool
digest_verify(EVP_PKEY *key, dp_slice_t text, dp_slice_t signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool        good = ctx != NULL
                && EVP_DigestVerifyInit_ex(ctx, NULL, "SHA256", NULL, NULL, key,
                                           NULL)
                       == 1
                && EVP_DigestVerify(ctx, signature.data, signature.len,
                                    text.data, text.len)
                       == 1;

    EVP_MD_CTX_free(ctx);
    ERR_clear_error();

    return good;
}

bool
dp_jws_verify(const dp_jws_key_t *key, dp_slice_t text, dp_slice_t signature)
{
    uint8_t buffer[P256_DER_SIZE];

    if (key->key == NULL
        || (key->algorithm == DP_JWT_ES256
            && !p256_der(signature, buffer, &signature))) {
        return false;
    }

    return digest_verify(key->key, text, signature);
}
