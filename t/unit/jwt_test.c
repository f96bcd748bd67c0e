/*
 * Tokens taken apart and their signatures: the RFC's own examples, and what
 * attackers have sent to others.
 */

#include "dp_base64url.h"
#include "dp_hmac.h"
#include "dp_jws.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#define HS256_HEADER "eyJhbGciOiJIUzI1NiJ9" /* {"alg":"HS256"} */
#define CLAIMS "e30"                        /* {} */
#define SIGNATURE "AAAA"

static dp_jwt_t jwt;

static dp_jwt_fault_t
parse(const char *text)
{
    dp_slice_t     copy = unit_copy(dp_slice_text(text));
    dp_jwt_fault_t fault = dp_jwt_parse(&jwt, copy);

    free((void *) copy.data);

    return fault;
}

/* The fault of a token with that header, as JSON. */
static dp_jwt_fault_t
parse_header(const char *json)
{
    static char text[4096];
    dp_slice_t  header = dp_slice_text(json);
    size_t      len = DP_BASE64URL_TEXT_SIZE(header.len);

    dp_base64url_encode(text, header);
    snprintf(text + len, sizeof(text) - len, "." CLAIMS "." SIGNATURE);

    return parse(text);
}

typedef struct {
    char          *line;
    dp_slice_t     name, algorithm, token;
    uint8_t        key[1024];
    size_t         key_len;
} vector_t;

static dp_slice_t
word(char **rest)
{
    return dp_slice_text(strsep(rest, " \n"));
}

static bool
vector_read(FILE *file, vector_t *vector)
{
    size_t size = 0;
    char  *rest;

    vector->line = NULL;

    if (getline(&vector->line, &size, file) <= 0) {
        free(vector->line);
        return false;
    }

    rest = vector->line;
    vector->name = word(&rest);
    vector->algorithm = word(&rest);
    ck_assert(dp_base64url_decode(vector->key, sizeof(vector->key),
                                  &vector->key_len, word(&rest)));
    vector->token = word(&rest);

    return true;
}

static bool
verified(const vector_t *vector)
{
    dp_slice_t   key = dp_slice(vector->key, vector->key_len);
    dp_hmac_t    hmac;
    dp_jws_key_t public;
    bool         good;

    if (jwt.algorithm == DP_JWT_HS256) {
        ck_assert(dp_hmac_open(&hmac, key));
        good = dp_hmac_matches(&hmac, jwt.signed_text, jwt.signature);
        dp_hmac_close(&hmac);
        return good;
    }

    ck_assert(dp_jws_key_open(&public, jwt.algorithm, key));
    good = dp_jws_verify(&public, jwt.signed_text, jwt.signature);
    dp_jws_key_close(&public);

    return good;
}

static FILE *
vectors_open(void)
{
    FILE *file = fopen("t/vectors/jwt/rfc7515", "r");

    ck_assert_ptr_nonnull(file);

    return file;
}

START_TEST(the_examples_of_the_rfc_are_good)
{
    FILE    *file = vectors_open();
    vector_t vector;
    int      count = 0;

    for (; vector_read(file, &vector); count++) {
        ck_assert_int_eq(dp_jwt_parse(&jwt, vector.token), DP_JWT_OK);
        ck_assert(verified(&vector));
        unit_assert_text(jwt.claims, "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n"
                                     " \"http://example.com/is_root\":true}");
        free(vector.line);
    }

    fclose(file);
    ck_assert_int_eq(count, 3);
}
END_TEST

START_TEST(not_with_a_bit_of_them_changed)
{
    FILE    *file = vectors_open();
    vector_t vector;

    while (vector_read(file, &vector)) {
        ck_assert_int_eq(dp_jwt_parse(&jwt, vector.token), DP_JWT_OK);

        for (size_t i = 0; i < jwt.signature.len; i++) {
            jwt.signature_bytes[i] ^= 1;
            ck_assert(!verified(&vector));
            jwt.signature_bytes[i] ^= 1;
        }

        jwt.signed_text.len--;
        ck_assert(!verified(&vector));
        free(vector.line);
    }

    fclose(file);
}
END_TEST

START_TEST(algorithms_that_are_none)
{
    static const char *const names[] = {
        "none", "None", "NONE", "nOnE", "", "hs256", "HS256 ", "HS384", "HS512",
        "RS384", "RS512", "PS256", "ES256K", "ES384", "EdDSA", "RSA1_5", "dir",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char header[64];

        snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", names[i]);
        ck_assert_msg(parse_header(header) == DP_JWT_ALGORITHM, "%s", names[i]);
    }

    ck_assert_int_eq(parse_header("{\"alg\":\"HS256\"}"), DP_JWT_OK);
}
END_TEST

START_TEST(headers_have_one_meaning)
{
    static const struct {
        const char    *header;
        dp_jwt_fault_t fault;
    } rows[] = {
        {"{\"alg\":\"HS256\",\"alg\":\"none\"}", DP_JWT_HEADER},
        {"{\"alg\":\"HS256\",\"\\u0061lg\":\"HS256\"}", DP_JWT_HEADER},
        {"{\"alg\":\"HS256\"}{}", DP_JWT_HEADER},
        {"{\"alg\":\"HS256\"} x", DP_JWT_HEADER},
        {"{\"alg\":\"HS256\"", DP_JWT_HEADER},
        {"{'alg':'HS256'}", DP_JWT_HEADER},
        {"[\"HS256\"]", DP_JWT_HEADER},
        {"\"HS256\"", DP_JWT_HEADER},
        {"{}", DP_JWT_ALGORITHM},
        {"{\"Alg\":\"HS256\"}", DP_JWT_ALGORITHM},
        {"{\"alg\":256}", DP_JWT_ALGORITHM},
        {"{\"alg\":null}", DP_JWT_ALGORITHM},
        {"{\"alg\":[\"HS256\"]}", DP_JWT_ALGORITHM},
        {"{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", DP_JWT_CRITICAL},
        {"{\"alg\":\"HS256\",\"crit\":[]}", DP_JWT_CRITICAL},
        {"{\"alg\":\"HS256\",\"b64\":false}", DP_JWT_CRITICAL},
        {"{\"alg\":\"HS256\",\"typ\":\"JWE\"}", DP_JWT_TYPE},
        {"{\"alg\":\"HS256\",\"typ\":1}", DP_JWT_TYPE},
        {"{\"alg\":\"HS256\",\"typ\":\"\"}", DP_JWT_TYPE},
        {"{\"alg\":\"HS256\",\"typ\":\"dpop+jwt\"}", DP_JWT_TYPE},
        {"{\"alg\":\"HS256\",\"kid\":7}", DP_JWT_HEADER},
        {"{\"alg\":\"HS256\",\"kid\":null}", DP_JWT_HEADER},
        {"{\"alg\":\"HS256\",\"kid\":\"a\\u0000b\"}", DP_JWT_HEADER},
        {"{\"alg\":\"HS256\",\"typ\":\"jwt\"}", DP_JWT_OK},
        {"{\"alg\":\"HS256\",\"typ\":\"at+JWT\"}", DP_JWT_OK},
        {"{\"alg\":\"HS256\",\"typ\":\"application/at+jwt\"}", DP_JWT_OK},
        {" {\"kid\" : \"a\", \"alg\" : \"HS256\"}\n", DP_JWT_OK},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(parse_header(rows[i].header) == rows[i].fault, "%s: %s",
                      rows[i].header,
                      dp_jwt_fault_name(parse_header(rows[i].header)));
    }
}
END_TEST

/* Names are compared, never opened, asked for or executed. */
START_TEST(a_kid_is_a_name)
{
    static const char *const kids[] = {
        "../../../../dev/null", "/dev/null", "x' UNION SELECT 'key';--",
        "| sleep 9", "http://127.0.0.1/key", "%2e%2e%2f", "",
    };

    for (size_t i = 0; i < sizeof(kids) / sizeof(kids[0]); i++) {
        char header[128];

        snprintf(header, sizeof(header), "{\"alg\":\"HS256\",\"kid\":\"%s\"}",
                 kids[i]);
        ck_assert_int_eq(parse_header(header), DP_JWT_OK);
        unit_assert_text(jwt.kid, kids[i]);
    }

    ck_assert_int_eq(parse_header("{\"alg\":\"ES256\",\"kid\":\"a\\/b\"}"),
                     DP_JWT_OK);
    unit_assert_text(jwt.kid, "a/b");
    ck_assert_int_eq(jwt.algorithm, DP_JWT_ES256);
}
END_TEST

/* A key that comes with the token is a stranger's. */
START_TEST(keys_in_the_header_are_passed_over)
{
    ck_assert_int_eq(
        parse_header("{\"alg\":\"RS256\",\"jku\":\"http://127.0.0.1:1/\","
                     "\"x5u\":\"file:///etc/passwd\",\"x5c\":[\"MIIB\"],"
                     "\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}"),
        DP_JWT_OK);
    ck_assert_int_eq(jwt.kid.len, 0);
}
END_TEST

START_TEST(three_parts_in_strict_base64url)
{
    static const char *const texts[] = {
        "", ".", "..", "...", "....", "a.b.c", HS256_HEADER, HS256_HEADER ".",
        HS256_HEADER "." CLAIMS, HS256_HEADER "." CLAIMS ".",
        HS256_HEADER ".." SIGNATURE, "." CLAIMS "." SIGNATURE,
        HS256_HEADER "." CLAIMS "." SIGNATURE ".",
        HS256_HEADER "." CLAIMS "." SIGNATURE "." SIGNATURE,
        HS256_HEADER "." CLAIMS "." SIGNATURE "=",
        HS256_HEADER "." CLAIMS "." SIGNATURE " ",
        HS256_HEADER "." CLAIMS "." SIGNATURE "\n",
        HS256_HEADER "." CLAIMS ".AAA/", HS256_HEADER "." CLAIMS ".AAA+",
        HS256_HEADER "." CLAIMS ".AA?A", HS256_HEADER "." CLAIMS ".A",
        HS256_HEADER "." CLAIMS ".AB", HS256_HEADER "." CLAIMS ".AAB",
        HS256_HEADER "." CLAIMS "=." SIGNATURE, HS256_HEADER ".e31." SIGNATURE,
        HS256_HEADER "=." CLAIMS "." SIGNATURE,
        HS256_HEADER "." CLAIMS ".\xc3\xa4\xc3\xa4",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ck_assert_msg(parse(texts[i]) == DP_JWT_FORM, "%s", texts[i]);
    }

    ck_assert_int_eq(dp_jwt_parse(&jwt, DP_SLICE(HS256_HEADER "." CLAIMS
                                                 "." SIGNATURE)), DP_JWT_OK);
    unit_assert_text(jwt.signed_text, HS256_HEADER "." CLAIMS);
}
END_TEST

/* A token whose parts have these many characters. */
static dp_jwt_fault_t
parse_sized(size_t claims, size_t signature)
{
    static char text[2 * DP_JWT_SIZE];
    size_t      len = sizeof(HS256_HEADER) - 1;

    memset(text, 'A', sizeof(text));
    memcpy(text, HS256_HEADER, len);
    text[len] = '.';
    text[len + 1 + claims] = '.';

    return dp_jwt_parse(&jwt, dp_slice(text, len + 2 + claims + signature));
}

START_TEST(what_is_too_long_is_refused)
{
    ck_assert_int_eq(parse_sized(4 * DP_JWT_CLAIMS_SIZE / 3 - 1024, 4), DP_JWT_OK);
    ck_assert_int_eq(parse_sized(4, 4 * DP_JWT_SIGNATURE_SIZE / 3), DP_JWT_OK);
    ck_assert_int_eq(parse_sized(4, 4 * DP_JWT_SIGNATURE_SIZE / 3 + 4),
                     DP_JWT_FORM);
    ck_assert_int_eq(parse_sized(4, DP_JWT_SIZE), DP_JWT_TOO_LONG);
}
END_TEST

static const char p384[] =
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEk3hRaF4KqKTBQrVck-FYvfn48ftod5FqYmtC"
    "DMfjV9WPsHxjOJj_W5IQjNGVAnzZ1pJhUd8A7B7z1bAj1fIdyVzEmXkvBq29Km40dKZg"
    "YVL9F2YbYeZWd5acGj18jhzw";
static const char rsa_1024[] =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDa7DlxDRakk8ErA4LnrsvCQdrmqcYm"
    "S13Wd3MHI1Elk1fy0cxhq1GXK4foOmMfLgT6Gd9Fec9CofS2m0iR7JJR3iOmbTLAAGe5"
    "RXLccasyZXVPe_xANTrr9c5ere8ak9FOvlSvJZpxJmz0KR-"
    "yFiDjE8SFsspda4ZhnAmrGPkodwIDAQAB";
static const char secp256k1[] =
    "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE26loKfovfoRK9cur6oOZHFE-"
    "gTwlP93S9eZF94btwg59sX7oep3k4qy7nv-ZY81r88JXt3LGT8BzSf5Yr9062Q";
static const char ed25519[] = "MCowBQYDK2VwAyEAnVAKQzOSxBOjAEBmx3WO6bHlCBTevlZMKjYyKzRe6y4";

static bool
key_taken(const char *text, dp_jwt_algorithm_t algorithm)
{
    uint8_t      spki[1024];
    size_t       len;
    dp_jws_key_t key;
    bool         taken;

    ck_assert(dp_base64url_decode(spki, sizeof(spki), &len, dp_slice_text(text)));
    taken = dp_jws_key_open(&key, algorithm, dp_slice(spki, len));
    dp_jws_key_close(&key);

    return taken;
}

START_TEST(keys_are_of_their_algorithm_and_strong)
{
    static const dp_jwt_algorithm_t algorithms[] = {
        DP_JWT_HS256, DP_JWT_RS256, DP_JWT_ES256,
    };

    for (size_t i = 0; i < 3; i++) {
        ck_assert(!key_taken(p384, algorithms[i]));
        ck_assert(!key_taken(rsa_1024, algorithms[i]));
        ck_assert(!key_taken(secp256k1, algorithms[i]));
        ck_assert(!key_taken(ed25519, algorithms[i]));
        ck_assert(!key_taken("AAAA", algorithms[i]));
        ck_assert(!key_taken("", algorithms[i]));
    }
}
END_TEST

/* The vector of this algorithm, its token parsed. */
static void
vector_find(vector_t *vector, const char *algorithm)
{
    FILE *file = vectors_open();

    while (vector_read(file, vector)
           && !dp_slice_equal(vector->algorithm, dp_slice_text(algorithm))) {
        free(vector->line);
    }

    fclose(file);
    ck_assert_int_eq(dp_jwt_parse(&jwt, vector->token), DP_JWT_OK);
}

START_TEST(a_key_serves_its_own_algorithm)
{
    dp_jws_key_t key;
    vector_t     vector;

    vector_find(&vector, "RS256");
    ck_assert(!dp_jws_key_open(&key, DP_JWT_ES256,
                               dp_slice(vector.key, vector.key_len)));
    ck_assert(!dp_jws_key_open(&key, DP_JWT_HS256,
                               dp_slice(vector.key, vector.key_len)));
    ck_assert(!dp_jws_key_open(&key, DP_JWT_RS256,
                               dp_slice(vector.key, vector.key_len - 1)));
    vector.key[vector.key_len] = 0;
    ck_assert(!dp_jws_key_open(&key, DP_JWT_RS256,
                               dp_slice(vector.key, vector.key_len + 1)));
    free(vector.line);
}
END_TEST

/* CVE-2022-21449: zeros that a flawed verifier takes for anybody's signature. */
START_TEST(signatures_of_nothing)
{
    static const uint8_t order[] = {
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
        0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    };

    uint8_t      good[64], bad[72] = {0};
    dp_jws_key_t key;
    vector_t     vector;

    vector_find(&vector, "ES256");
    ck_assert(dp_jws_key_open(&key, DP_JWT_ES256,
                              dp_slice(vector.key, vector.key_len)));
    memcpy(good, jwt.signature.data, sizeof(good));

    for (size_t len = 0; len <= sizeof(bad); len++) {
        ck_assert(!dp_jws_verify(&key, jwt.signed_text, dp_slice(bad, len)));
    }

    memcpy(bad, good, 32); /* s is zero */
    ck_assert(!dp_jws_verify(&key, jwt.signed_text, dp_slice(bad, 64)));
    memcpy(bad + 32, order, 32);
    ck_assert(!dp_jws_verify(&key, jwt.signed_text, dp_slice(bad, 64)));
    memset(bad, 0, 32); /* r is zero */
    memcpy(bad + 32, good + 32, 32);
    ck_assert(!dp_jws_verify(&key, jwt.signed_text, dp_slice(bad, 64)));
    memcpy(bad, order, 32);
    ck_assert(!dp_jws_verify(&key, jwt.signed_text, dp_slice(bad, 64)));
    ck_assert(!dp_jws_verify(&key, jwt.signed_text, dp_slice(good, 63)));
    ck_assert(dp_jws_verify(&key, jwt.signed_text, dp_slice(good, 64)));

    dp_jws_key_close(&key);
    free(vector.line);
}
END_TEST

START_TEST(a_secret_serves_many_texts)
{
    uint8_t   first[DP_HMAC_SIZE], again[DP_HMAC_SIZE];
    dp_hmac_t hmac;

    ck_assert(dp_hmac_open(&hmac, DP_SLICE("secret")));
    ck_assert(dp_hmac_make(&hmac, DP_SLICE("text"), first));
    ck_assert(dp_hmac_make(&hmac, DP_SLICE("other"), again));
    ck_assert_mem_ne(first, again, sizeof(first));
    ck_assert(dp_hmac_make(&hmac, DP_SLICE("text"), again));
    ck_assert_mem_eq(first, again, sizeof(first));
    ck_assert(dp_hmac_matches(&hmac, DP_SLICE("text"), dp_slice(first, 32)));
    ck_assert(!dp_hmac_matches(&hmac, DP_SLICE("text"), dp_slice(first, 31)));
    ck_assert(!dp_hmac_matches(&hmac, DP_SLICE("text"), dp_slice(NULL, 0)));
    dp_hmac_close(&hmac);
    ck_assert(!dp_hmac_make(&hmac, DP_SLICE("text"), again));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("jwt", the_examples_of_the_rfc_are_good,
                    not_with_a_bit_of_them_changed, algorithms_that_are_none,
                    headers_have_one_meaning, a_kid_is_a_name,
                    keys_in_the_header_are_passed_over,
                    three_parts_in_strict_base64url, what_is_too_long_is_refused,
                    keys_are_of_their_algorithm_and_strong,
                    a_key_serves_its_own_algorithm, signatures_of_nothing,
                    a_secret_serves_many_texts);
}
