/*
 * Values of headers: what is well-formed, and what is just not.
 */

#include "dp_headers.h"
#include "unit.h"

#include <stdlib.h>

#define SECRET "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_9"

/* The value in memory of its own, so that a sanitizer sees its ends. */
static bool
holds(bool (*predicate)(dp_slice_t), const char *text, size_t len)
{
    dp_slice_t value = unit_copy(dp_slice(text, len));
    bool       result = predicate(value);

    free((void *) value.data);

    return result;
}

static bool
key_valid(dp_slice_t value)
{
    dp_api_key_t key;

    return dp_api_key_find(value, &key) && dp_api_key_valid(&key);
}

static void
assert_each(bool (*predicate)(dp_slice_t), const char *const *texts, bool valid)
{
    for ( ; *texts != NULL; texts++) {
        ck_assert_msg(holds(predicate, *texts, strlen(*texts)) == valid, "%s",
                      *texts);
    }
}

START_TEST(KEY_02_a_key_has_its_parts)
{
    dp_slice_t   value = DP_SLICE("bEARER dp_Ab3defgh_" SECRET);
    dp_api_key_t key;

    ck_assert(dp_api_key_find(value, &key));
    ck_assert(dp_api_key_valid(&key));
    unit_assert_text(key.text, "dp_Ab3defgh_" SECRET);
    unit_assert_text(key.prefix, "Ab3defgh");
    unit_assert_text(key.secret, SECRET);
}
END_TEST

START_TEST(KEY_02_what_means_to_be_a_key)
{
    static const char *const meant[] = {
        "Bearer dp_Ab3defgh_" SECRET,
        "bearer dp_",
        "Bearer   dp_x",
        "BEARER\tdp_x",
        " Bearer \t dp_x ",
        NULL,
    };
    static const char *const other[] = {
        "",          "Bearer",        "Bearer ",      "Bearer dp",
        "Bearerdp_", "Bearer xdp_",   "Bearer DP_x",  "Bearer eyJ.dp_.x",
        "Basic dp_", "Digest Bearer dp_x", "dp_x", NULL,
    };

    assert_each(dp_api_key_meant, meant, true);
    assert_each(dp_api_key_meant, other, false);
}
END_TEST

START_TEST(KEY_02_what_is_no_key)
{
    static const char *const bad[] = {
        "",
        "Bearer",
        "Bearer ",
        "Bearerdp_Ab3defgh_" SECRET,
        "Basic_ dp_Ab3defgh_" SECRET,
        "dp_Ab3defgh_" SECRET,
        "Bearer dp_Ab3defgh_" SECRET "x",
        "Bearer  dp_Ab3defgh_" SECRET,
        "Bearer DP_Ab3defgh_" SECRET,
        "Bearer dp-Ab3defgh_" SECRET,
        "Bearer dp_Ab3defg-_" SECRET,
        "Bearer dp_Ab3defg__" SECRET,
        "Bearer dp_Ab3defgh-" SECRET,
        "Bearer dp_Ab3defgh_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_",
        "Bearer dp_Ab3defgh_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_+",
        "Bearer dp_Ab3defgh_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_=",
        NULL,
    };

    assert_each(key_valid, bad, false);
}
END_TEST

START_TEST(ERR_11_what_is_an_origin)
{
    static const char *const good[] = {
        "https://example.org",       "http://localhost:3000",
        "https://a-b.example.org:1", "http://127.0.0.1:65535",
        "http://[::1]:8080",         "https://[2001:db8::1]",
        "http://x",                  NULL,
    };
    static const char *const bad[] = {
        "",
        "*",
        "null",
        "example.org",
        "https://",
        "https:/example.org",
        "ftp://example.org",
        "HTTPS://example.org",
        "https://Example.org",
        "https://example.org/",
        "https://example.org/path",
        "https://example.org:",
        "https://example.org:0",
        "https://example.org:080",
        "https://example.org:65536",
        "https://example.org:100000",
        "https://example.org:8x",
        "https://user@example.org",
        "https://*.example.org",
        "https://example.org https://example.com",
        "https://[::1",
        "https://[]",
        "https://[::g]",
        "https://[::1]x",
        "https://ex\xc3\xa4mple.org",
        NULL,
    };

    assert_each(dp_origin_valid, good, true);
    assert_each(dp_origin_valid, bad, false);
    ck_assert(!holds(dp_origin_valid, "http://a\0b", 10));
    ck_assert(!holds(dp_origin_valid, "http://[\0]", 10));
}
END_TEST

START_TEST(ERR_05_what_is_an_id_of_a_client)
{
    static const char *const good[] = {
        "a", "Z9._-", "11111111-1111-4111-8111-111111111111",
        "0123456789012345678901234567890123456789012345678901234567890123",
        NULL,
    };
    static const char *const bad[] = {
        "", "a b", "a\"b", "a,b", "a/b", "a:b", "a\nb", "\xc3\xa4",
        "01234567890123456789012345678901234567890123456789012345678901234",
        NULL,
    };

    assert_each(dp_client_request_id_valid, good, true);
    assert_each(dp_client_request_id_valid, bad, false);
    ck_assert(!holds(dp_client_request_id_valid, "a\0b", 3));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("headers", KEY_02_a_key_has_its_parts,
                    KEY_02_what_means_to_be_a_key,
                    KEY_02_what_is_no_key, ERR_11_what_is_an_origin,
                    ERR_05_what_is_an_id_of_a_client);
}
