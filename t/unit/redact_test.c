/*
 * Redaction: what is a secret by its looks, what looks like one and is not, and
 * that no secret passes the first look.
 */

#include "dp_redact.h"
#include "unit.h"

#include <stdlib.h>

#define KEY "dp_a1B2c3D4_0123456789abcdefghijklmnopqrstuvwxyzABCDEF-"
#define JWT "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_"

typedef struct {
    const char *text;
    const char *redacted;
} row_t;

static const row_t secrets[] = {
    /* ours, and others' */
    {"key " KEY " end", "key dp_*** end"},
    {"/keys/" KEY, "/keys/dp_***"},
    {"cut dp_zzzzzzzz_q", "cut dp_***"},
    {"AKIAIOSFODNN7EXAMPLE", "***"},
    {"/x/AKIAIOSFODNN7EXAMPLE/y", "/x/***/y"},
    {"ASIAIOSFODNN7EXAMPLE", "***"},
    {"AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"},
    {"AIzaSyDa9tSrke72PouQMnMXga7eZSW0jkFMBWY", "AIza***"},
    {"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_***"},
    {"github_pat_11ABCDEFG0abcdefghij", "github_pat_***"},
    {"sk_live_4eC39HqLyjWDarjtT1zdp7dc", "sk_***"},
    {"rk_test_4eC39HqLyjWDarjtT1zdp7dc,", "rk_***,"},
    {"whsec_1234567890abcdef", "whsec_***"},

    /* bearer tokens and JWTs */
    {"Bearer abc.def", "Bearer ***"},
    {"BEARER%20abc", "BEARER%20***"},
    {JWT, "***"},
    {"/" JWT "/x", "/***/x"},
    {"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "***"},
    {"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0", "***"},

    /* by name */
    {"/chat?token=abc&x=1", "/chat?token=***&x=1"},
    {"/chat;access_token=abc", "/chat;access_token=***"},
    {"token%3Dabc%26x", "token%3D***%26x"},
    {"%74oken=abc", "%74oken=***"},
    {"host=x password=hunter2 user=y", "host=x password=*** user=y"},
    {"DB_PASSWORD: hunter2", "DB_PASSWORD: ***"},
    {"{\"password\": \"a b\\\"c\", \"x\": 1}", "{\"password\": \"***\", \"x\": 1}"},
    {"client_secret='s, t'", "client_secret='***'"},
    {"{\"token\":12345}", "{\"token\":***}"},
    {"Authorization: Basic dXNlcjpwYXNz\nnext", "Authorization: ***\nnext"},
    {"Cookie: a=b; c=d", "Cookie: ***"},
    {"passwd=x1y2 pwd=x1y2 passphrase=x1y2", "passwd=*** pwd=*** passphrase=***"},
    {"APIKEY=x1y2 api_key=x1y2 api-key=x1y2", "APIKEY=*** api_key=*** api-key=***"},
    {"access_key=x1y2 private_key=x1y2", "access_key=*** private_key=***"},
    {"secret=ab", "secret=**"},
    {"secret=", "secret="},

    /* in a URL */
    {"postgresql://dp:hunter2@db/x", "postgresql://dp:***@db/x"},

    /* PEM */
    {"a -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nb", "a ***\nb"},
    {"-----BEGIN RSA PRIVATE KEY-----\nMIIE", "***"},
    {"-----BEGIN%20PRIVATE%20KEY-----", "***"},

    /* cards */
    {"4111111111111111", "***"},
    {"/pay/4111-1111-1111-1111/x", "/pay/***/x"},
    {"card 3782 822463 10005 end", "card *** end"},
    {"card-5555555555554444.", "card-***."},
    {"2223003122003222", "***"},

    /* addresses */
    {"/users/bob@example.org/x", "/users/***/x"},
    {"/users/bob.o-x%2Btag%40mail.example.org", "/users/***"},
    {"to bob@example.org, ann@example.org", "to ***, ***"},
};

static const char *const harmless[] = {
    "",
    "/projects/473d5ef7-00ce-42e0-99ec-f9148c6525d1/environments",
    "/projects/41111111-1111-4111-a111-111111111111",
    "/projects/00000000-0000-4000-8000-000000000000/4111",
    "0af7651916cd43dd8448eb211c80319c",
    "4111111111111112",
    "/4111/1111/1111/1111",
    "20261120161400123",
    "1795190400000",
    "a4111111111111111",
    "41111111111111111111111111",
    "dp_operation_execute dp_1234567_x AKIA",
    "dp_worker devpilot",
    "tokens=5 tokenize token",
    "eyJ eyJhbGciOiJub25lIn0",
    "bob@localhost @example.org a@",
    "http://example.org:80/a@b",
    "%zz%4 100%",
    "127.0.0.1:8080 took 1234.567 ms",
    "/health/ready",
    "a-----BEGIN",
};

static void
assert_redacted(const char *text, const char *wanted)
{
    dp_slice_t bytes = unit_copy(dp_slice_text(text));
    size_t     len = dp_redact((uint8_t *) bytes.data, bytes.len);

    ck_assert_msg(dp_slice_equal(dp_slice(bytes.data, len),
                                 dp_slice_text(wanted)),
                  "%s became %.*s", text, (int) len, (const char *) bytes.data);
    free((void *) bytes.data);
}

START_TEST(SEC_10_secrets_become_stars)
{
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        assert_redacted(secrets[i].text, secrets[i].redacted);
    }
}
END_TEST

START_TEST(SEC_10_what_is_no_secret_stays)
{
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        assert_redacted(harmless[i], harmless[i]);
    }
}
END_TEST

START_TEST(SEC_10_the_first_look_lets_no_secret_pass)
{
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        bool hidden = strcmp(secrets[i].text, secrets[i].redacted) != 0;

        ck_assert_msg(!hidden
                          || dp_redact_suspects(dp_slice_text(secrets[i].text)),
                      "%s", secrets[i].text);
    }
}
END_TEST

START_TEST(ordinary_paths_are_above_suspicion)
{
    static const char *const paths[] = {
        "/health/live", "/projects", "/auth/session/org",
        "/projects/473d5ef7-00ce-42e0-99ec-f9148c6525d1/environments",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        ck_assert(!dp_redact_suspects(dp_slice_text(paths[i])));
    }
}
END_TEST

START_TEST(redacted_text_has_nothing_more_to_redact)
{
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        assert_redacted(secrets[i].redacted, secrets[i].redacted);
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("redact", SEC_10_secrets_become_stars,
                    SEC_10_what_is_no_secret_stays,
                    SEC_10_the_first_look_lets_no_secret_pass,
                    ordinary_paths_are_above_suspicion,
                    redacted_text_has_nothing_more_to_redact);
}
