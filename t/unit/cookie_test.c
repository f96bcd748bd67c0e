/*
 * Cookies: whose is sent, whose are taken out, and which may be set.
 */

#include "dp_cookie.h"
#include "unit.h"

#include <stdlib.h>

#define SESSION DP_COOKIE_SESSION
#define DEVICE DP_COOKIE_DEVICE

START_TEST(a_cookie_is_found_by_its_whole_name)
{
    static const struct {
        const char *header;
        size_t      count;
        const char *value;
    } rows[] = {
        {"", 0, ""},
        {";", 0, ""},
        {SESSION "=a", 1, "a"},
        {"x=1; " SESSION "=a; y=2", 1, "a"},
        {"x=1;" SESSION "=a", 1, "a"},
        {SESSION "=a; " SESSION "=b", 2, "b"},
        {SESSION "=", 1, ""},
        {SESSION, 1, ""},
        {SESSION "=a=b", 1, "a=b"},
        {" \t" SESSION " = a \t", 1, "a"},
        {"x" SESSION "=a", 0, ""},
        {SESSION "x=a", 0, ""},
        {"__host-devpilot_session=a", 0, ""},
        {"x=" SESSION "=a", 0, ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t copy = unit_copy(dp_slice_text(rows[i].header));
        dp_slice_t value = dp_slice(NULL, 0);

        ck_assert_msg(dp_cookie_find(copy, DP_SLICE(SESSION), &value)
                          == rows[i].count, "%s", rows[i].header);
        unit_assert_text(value, rows[i].value);
        free((void *) copy.data);
    }
}
END_TEST

START_TEST(ours_are_taken_out)
{
    static const struct {
        const char *header;
        const char *rest;
    } rows[] = {
        {"", ""},
        {SESSION "=a", ""},
        {"x=1; " SESSION "=a; y=2", "x=1; y=2"},
        {DEVICE "=d;" SESSION "=a;x=1;" SESSION "=b", "x=1"},
        {"x=1;y=\"2\";;", "x=1; y=\"2\""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char   buffer[128];
        size_t len = dp_cookie_without_ours(dp_slice_text(rows[i].header),
                                            buffer);

        unit_assert_text(dp_slice(buffer, len), rows[i].rest);
    }
}
END_TEST

#define SECRET "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

START_TEST(a_secret_has_its_brand)
{
    ck_assert(dp_cookie_secret_valid(DP_SLICE("dps_" SECRET), DP_SLICE("dps_")));
    ck_assert(!dp_cookie_secret_valid(DP_SLICE("dpr_" SECRET), DP_SLICE("dps_")));
    ck_assert(!dp_cookie_secret_valid(DP_SLICE("dps_" SECRET "A"),
                                      DP_SLICE("dps_")));
    ck_assert(!dp_cookie_secret_valid(DP_SLICE("dps_!" SECRET), DP_SLICE("dps_")));
    ck_assert(!dp_cookie_secret_valid(DP_SLICE(""), DP_SLICE("dps_")));
    ck_assert(!dp_cookie_secret_valid(DP_SLICE("\"dps_" SECRET "\""),
                                      DP_SLICE("dps_")));
}
END_TEST

#define ATTRIBUTES "; Path=/; Secure; HttpOnly; SameSite=Lax"

START_TEST(what_is_set_is_out_of_reach)
{
    static const struct {
        const char *value;
        bool        valid;
    } rows[] = {
        {SESSION "=a" ATTRIBUTES, true},
        {DEVICE "=a" ATTRIBUTES "; Max-Age=31536000", true},
        {SESSION "=; path=/; secure; httponly; samesite=strict; Max-Age=0", true},
        {"other=a" ATTRIBUTES, false},
        {SESSION "=a" ATTRIBUTES "; Domain=example.org", false},
        {SESSION "=a; Secure; HttpOnly; SameSite=Lax", false},
        {SESSION "=a; Path=/; HttpOnly; SameSite=Lax", false},
        {SESSION "=a; Path=/; Secure; SameSite=Lax", false},
        {SESSION "=a; Path=/; Secure; HttpOnly", false},
        {SESSION "=a; Path=/auth; Secure; HttpOnly; SameSite=Lax", false},
        {SESSION "=a; Path=/; Secure; HttpOnly; SameSite=None", false},
        {SESSION "=a\r\nX: y" ATTRIBUTES, false},
        {SESSION "=\xc3\xa4" ATTRIBUTES, false},
        {"", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t copy = unit_copy(dp_slice_text(rows[i].value));

        ck_assert_msg(dp_cookie_set_valid(copy) == rows[i].valid, "%s",
                      rows[i].value);
        free((void *) copy.data);
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("cookie", a_cookie_is_found_by_its_whole_name,
                    ours_are_taken_out, a_secret_has_its_brand,
                    what_is_set_is_out_of_reach);
}
