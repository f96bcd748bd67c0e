/*
 * TOTP by the vectors of RFC 6238, appendix B (SHA-1; their last six digits),
 * and base32 by those of RFC 4648, section 10.
 */

#include "crypto/base32.h"
#include "identity/totp.h"
#include "unit.h"

#include <stdlib.h>

static const uint8_t secret[] = "12345678901234567890";

static const struct {
    uint64_t    now_s;
    const char *code;
} vectors[] = {
    {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
    {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
};

#define COUNT (sizeof(vectors) / sizeof(*vectors))

START_TEST(IDN_13_codes_are_those_of_RFC_6238)
{
    for (size_t i = 0; i < COUNT; i++) {
        uint64_t step = vectors[i].now_s / DP_TOTP_PERIOD_S;

        ck_assert_uint_eq(dp_totp_code(secret, step),
                          strtoul(vectors[i].code, NULL, 10));
        ck_assert_uint_eq(dp_totp_verify(secret,
                                         dp_slice_text(vectors[i].code),
                                         vectors[i].now_s, 0),
                          step);
    }
}
END_TEST

START_TEST(IDN_13_a_clock_may_be_one_step_off)
{
    dp_slice_t code = DP_SLICE("081804");
    uint64_t   step = 1111111109 / 30;
    uint64_t   now_s = step * 30;

    ck_assert_uint_eq(dp_totp_verify(secret, code, now_s - 30, 0), step);
    ck_assert_uint_eq(dp_totp_verify(secret, code, now_s + 59, 0), step);
    ck_assert_uint_eq(dp_totp_verify(secret, code, now_s - 31, 0), 0);
    ck_assert_uint_eq(dp_totp_verify(secret, code, now_s + 60, 0), 0);
}
END_TEST

START_TEST(IDN_13_no_code_is_taken_twice)
{
    dp_slice_t code = DP_SLICE("081804");
    uint64_t   step = 1111111109 / 30;

    ck_assert_uint_eq(dp_totp_verify(secret, code, 1111111109, step - 1), step);
    ck_assert_uint_eq(dp_totp_verify(secret, code, 1111111109, step), 0);
    ck_assert_uint_eq(dp_totp_verify(secret, code, 1111111109, step + 1), 0);
}
END_TEST

START_TEST(what_is_no_code_is_none)
{
    static const char *const texts[] = {"", "81804", "0081804", "08180a",
                                        "081805", " 81804"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        ck_assert_uint_eq(dp_totp_verify(secret, dp_slice_text(texts[i]),
                                         1111111109, 0),
                          0);
    }
}
END_TEST

START_TEST(base32_is_that_of_RFC_4648)
{
    static const struct {
        const char *bytes, *text;
    } rows[] = {
        {"", ""},         {"f", "MY"},       {"fo", "MZXQ"},
        {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"},
        {"foobar", "MZXW6YTBOI"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[16] = "";

        dp_base32_encode(text, dp_slice_text(rows[i].bytes));
        ck_assert_str_eq(text, rows[i].text);
        ck_assert_uint_eq(DP_BASE32_TEXT_SIZE(strlen(rows[i].bytes)),
                          strlen(rows[i].text));
    }

    ck_assert_int_eq(dp_base32_value('A'), 0);
    ck_assert_int_eq(dp_base32_value('z'), 25);
    ck_assert_int_eq(dp_base32_value('7'), 31);
    ck_assert_int_eq(dp_base32_value('1'), -1);
    ck_assert_int_eq(dp_base32_value('\0'), -1);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("totp", IDN_13_codes_are_those_of_RFC_6238,
                    IDN_13_a_clock_may_be_one_step_off,
                    IDN_13_no_code_is_taken_twice, what_is_no_code_is_none,
                    base32_is_that_of_RFC_4648);
}
