/*
 * Key sets: those of RFC 7517, and what of a set is left out.
 */

#include "identity/jwks.h"

#include "dp_control_issuer.h"
#include "dp_jws.h"
#include "unit.h"

#include <stdio.h>

/* RFC 7517, appendix A.1 */
#define EC_X "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
#define EC_Y "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
#define EC_KEY "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""
#define RSA_N "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1" \
              "RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yB" \
              "XArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7" \
              "d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2" \
              "NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
#define RSA_KEY "\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\""

#define BOTH (1u << DP_JWT_RS256 | 1u << DP_JWT_ES256)

static uint8_t     bytes[DP_JWKS_KEYS_SIZE];
static dp_writer_t writer;

static bool
keys(const char *text, unsigned algorithms)
{
    writer = dp_writer(bytes, sizeof(bytes));

    return dp_jwks_keys(&writer, dp_slice_text(text), algorithms);
}

/* How many the list has; the last one in `key`. */
static unsigned
count(dp_control_issuer_key_t *key)
{
    dp_slice_t              list = dp_written(&writer);
    dp_control_issuer_key_t next;
    unsigned                number = 0;

    while (dp_control_issuer_key_next(&list, &next)) {
        *key = next;
        number++;
    }

    ck_assert_uint_eq(list.len, 0);

    return number;
}

START_TEST(KEY_01_keys_that_verify)
{
    dp_control_issuer_key_t key;
    dp_jws_key_t            opened;

    ck_assert(keys("{\"keys\":[{" EC_KEY ",\"kid\":\"1\",\"use\":\"sig\"},"
                   "{" RSA_KEY ",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}]}", BOTH));
    ck_assert_uint_eq(count(&key), 2);
    ck_assert_int_eq(key.algorithm, DP_JWT_RS256);
    unit_assert_text(key.kid, "2011-04-29");
    ck_assert(dp_jws_key_open(&opened, DP_JWT_RS256, key.spki));
    dp_jws_key_close(&opened);

    ck_assert(keys("{\"keys\":[{" EC_KEY "}]}", BOTH));
    ck_assert_uint_eq(count(&key), 1);
    ck_assert_uint_eq(key.kid.len, 0);
    ck_assert(dp_jws_key_open(&opened, DP_JWT_ES256, key.spki));
    dp_jws_key_close(&opened);
}
END_TEST

START_TEST(KEY_01_others_are_left_out)
{
    static const char *const others[] = {
        "{" EC_KEY ",\"use\":\"enc\"}",
        "{" EC_KEY ",\"alg\":\"ES512\"}",
        "{" RSA_KEY ",\"alg\":\"RSA-OAEP\"}",
        "{" RSA_KEY ",\"alg\":\"none\"}",
        "{" RSA_KEY ",\"kid\":7}",
        "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        /* on no curve */
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_Y "\",\"y\":\"" EC_X "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}",
        /* too short */
        "{\"kty\":\"RSA\",\"n\":\"" EC_X "\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "=\",\"e\":\"AQAB\"}",
        "7", "[]", "\"x\"",
    };
    dp_control_issuer_key_t key;

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        char text[2048];

        snprintf(text, sizeof(text), "{\"keys\":[%s,{" EC_KEY ",\"kid\":\"good\"}]}",
                 others[i]);
        ck_assert_msg(keys(text, BOTH), "%s", others[i]);
        ck_assert_msg(count(&key) == 1, "%s", others[i]);
        unit_assert_text(key.kid, "good");
    }

    ck_assert(!keys("{\"keys\":[{" EC_KEY "}]}", 1u << DP_JWT_RS256));
}
END_TEST

START_TEST(KEY_01_what_is_no_set)
{
    static const char *const rows[] = {
        "", "{}", "[]", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[{}]}",
        "{\"keys\":[{" EC_KEY "}]} x", "{\"keys\":[{" EC_KEY "}],\"keys\":[]}",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        ck_assert_msg(!keys(rows[i], BOTH), "%s", rows[i]);
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker jwks", KEY_01_keys_that_verify,
                    KEY_01_others_are_left_out, KEY_01_what_is_no_set);
}
