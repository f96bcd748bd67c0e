/*
 * Writing JSON, and UTF-8 beneath it.
 */

#include "dp_json_out.h"
#include "dp_utf8.h"
#include "unit.h"

#include <stdlib.h>
#include <time.h>

static void
assert_string(dp_slice_t text, const char *expected)
{
    dp_slice_t  copy = unit_copy(text);
    char        buffer[256];
    dp_writer_t writer = dp_writer(buffer, 2 + 6 * text.len);

    ck_assert_uint_le(2 + 6 * text.len, sizeof(buffer));
    dp_json_string(&writer, copy);
    ck_assert(!writer.failed);
    unit_assert_text(dp_written(&writer), expected);
    free((void *) copy.data);
}

START_TEST(strings_are_escaped)
{
    assert_string(DP_SLICE(""), "\"\"");
    assert_string(dp_slice(NULL, 0), "\"\"");
    assert_string(DP_SLICE("plain"), "\"plain\"");
    assert_string(DP_SLICE("a\"b\\c/"), "\"a\\\"b\\\\c/\"");
    assert_string(DP_SLICE("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    assert_string(DP_SLICE("\0\x01\x1f\x7f"),
                  "\"\\u0000\\u0001\\u001f\x7f\"");
    assert_string(DP_SLICE("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
                  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}
END_TEST

START_TEST(what_is_not_utf8_is_replaced)
{
    assert_string(DP_SLICE("a\xff" "b"), "\"a\xef\xbf\xbd" "b\"");
    assert_string(DP_SLICE("\xc3"), "\"\xef\xbf\xbd\"");
    assert_string(DP_SLICE("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    assert_string(DP_SLICE("\xe2\x82\""),
                  "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\"");
}
END_TEST

static void
assert_uint(uint64_t value, const char *expected)
{
    char        buffer[20];
    dp_writer_t writer = dp_writer(buffer, sizeof(buffer));

    dp_json_uint(&writer, value);
    unit_assert_text(dp_written(&writer), expected);
}

START_TEST(integers_have_no_leading_zeros)
{
    assert_uint(0, "0");
    assert_uint(9, "9");
    assert_uint(10, "10");
    assert_uint(1000000, "1000000");
    assert_uint(UINT64_MAX, "18446744073709551615");
}
END_TEST

static void
assert_time(uint64_t unix_us, const char *expected)
{
    char        buffer[64];
    dp_writer_t writer = dp_writer(buffer, sizeof(buffer));

    dp_json_time(&writer, unix_us);
    unit_assert_text(dp_written(&writer), expected);
}

START_TEST(times_are_rfc_3339)
{
    assert_time(0, "\"1970-01-01T00:00:00.000000Z\"");
    assert_time(951782400000001ull, "\"2000-02-29T00:00:00.000001Z\"");
    assert_time(1709251199999999ull, "\"2024-02-29T23:59:59.999999Z\"");
    assert_time(4107542400000000ull, "\"2100-03-01T00:00:00.000000Z\"");
    assert_time(253402300799999999ull, "\"9999-12-31T23:59:59.999999Z\"");
    assert_time(UINT64_MAX, "\"9999-12-31T23:59:59.999999Z\"");
}
END_TEST

/* Days from 1970 to 2399, against libc. */
START_TEST(times_agree_with_libc)
{
    for (time_t day = 0; day < 157055; day += 27) {
        time_t    second = day * 86400;
        struct tm tm;
        char      expected[64];

        ck_assert_ptr_nonnull(gmtime_r(&second, &tm));
        strftime(expected, sizeof(expected), "\"%Y-%m-%dT00:00:00.000000Z\"",
                 &tm);
        assert_time((uint64_t) second * 1000000, expected);
    }
}
END_TEST

static bool
code_point_survives(uint32_t code_point)
{
    uint8_t bytes[4];
    size_t  len = dp_utf8_encode(bytes, code_point);

    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
        return len == 0;
    }

    return len != 0 && dp_utf8_length(bytes, bytes + len) == len
           && (len == 1 || dp_utf8_length(bytes, bytes + len - 1) == 0);
}

START_TEST(utf8_encodes_every_code_point_but_surrogates)
{
    uint32_t code_point = 0;

    while (code_point <= 0x110000 && code_point_survives(code_point)) {
        code_point++;
    }

    ck_assert_uint_eq(code_point, 0x110001);
}
END_TEST

START_TEST(utf8_refuses_what_rfc_3629_refuses)
{
    static const dp_slice_t rows[] = {
        DP_SLICE("\x80"), DP_SLICE("\xbf"), DP_SLICE("\xc0\x80"),
        DP_SLICE("\xc1\xbf"), DP_SLICE("\xe0\x9f\xbf"),
        DP_SLICE("\xed\xa0\x80"), DP_SLICE("\xed\xbf\xbf"),
        DP_SLICE("\xf0\x8f\xbf\xbf"), DP_SLICE("\xf4\x90\x80\x80"),
        DP_SLICE("\xf5\x80\x80\x80"), DP_SLICE("\xff"), DP_SLICE("\xc3\x28"),
        DP_SLICE("\xe2\x28\xa1"), DP_SLICE("\xf0\x90\x28\xbc"),
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t characters;

        ck_assert_msg(!dp_utf8_count(rows[i], &characters), "row %zu", i);
    }
}
END_TEST

START_TEST(utf8_counts_characters)
{
    size_t characters;

    ck_assert(dp_utf8_count(DP_SLICE("a\xc3\xa9\xf0\x9f\x98\x80"),
                            &characters));
    ck_assert_uint_eq(characters, 3);
    ck_assert(dp_utf8_count(dp_slice(NULL, 0), &characters));
    ck_assert_uint_eq(characters, 0);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("json_out", strings_are_escaped,
                    what_is_not_utf8_is_replaced,
                    integers_have_no_leading_zeros, times_are_rfc_3339,
                    times_agree_with_libc,
                    utf8_encodes_every_code_point_but_surrogates,
                    utf8_refuses_what_rfc_3629_refuses,
                    utf8_counts_characters);
}
