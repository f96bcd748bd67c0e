/*
 * Ids, traceparent, base64url: text forms that are read strictly.
 */

#include "dp_base64url.h"
#include "dp_id.h"
#include "dp_trace.h"
#include "unit.h"

#include <stdlib.h>

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

START_TEST(ERR_08_ids_are_uuid_version_4)
{
    for (int fill = 0; fill < 256; fill++) {
        uint8_t id[DP_ID_SIZE];
        char    text[DP_ID_TEXT_SIZE];

        memset(id, fill, sizeof(id));
        dp_id_from_random(id);
        dp_id_format(text, id);
        ck_assert_int_eq(text[14], '4');
        ck_assert_ptr_nonnull(memchr("89ab", text[19], 4));
    }
}
END_TEST

static int
id_compare(const void *a, const void *b)
{
    return memcmp(a, b, DP_ID_SIZE);
}

START_TEST(AUD_11_derived_ids_are_version_4_repeatable_and_distinct)
{
    enum { SERIES = 4, IDS = 1000 };
    static uint8_t ids[SERIES * IDS][DP_ID_SIZE];
    uint8_t        again[DP_ID_SIZE];
    uint8_t        seed[DP_ID_SIZE] = {0};
    char           text[DP_ID_TEXT_SIZE];

    for (size_t i = 0; i < SERIES * IDS; i++) {
        seed[15] = (uint8_t) (i / IDS);
        dp_id_derive(ids[i], seed, i % IDS);
        dp_id_derive(again, seed, i % IDS);
        ck_assert_mem_eq(ids[i], again, DP_ID_SIZE);
        dp_id_format(text, ids[i]);
        ck_assert_int_eq(text[14], '4');
        ck_assert_ptr_nonnull(memchr("89ab", text[19], 4));
    }

    qsort(ids, SERIES * IDS, DP_ID_SIZE, id_compare);

    for (size_t i = 1; i < SERIES * IDS; i++) {
        ck_assert_mem_ne(ids[i - 1], ids[i], DP_ID_SIZE);
    }
}
END_TEST

START_TEST(ERR_08_an_id_survives_its_text)
{
    static const char text[] = "01234567-89ab-4def-8123-456789abcdef";

    uint8_t id[DP_ID_SIZE];
    char    again[DP_ID_TEXT_SIZE];

    ck_assert(dp_id_parse(id, dp_slice_text(text)));
    dp_id_format(again, id);
    unit_assert_text(dp_slice(again, sizeof(again)), text);
    ck_assert(dp_id_parse(id, DP_SLICE("01234567-89AB-4DEF-8123-456789ABCDEF")));
    dp_id_format(again, id);
    unit_assert_text(dp_slice(again, sizeof(again)), text);
}
END_TEST

START_TEST(ERR_08_other_texts_are_no_ids)
{
    static const char *const rows[] = {
        "",
        "01234567-89ab-4def-8123-456789abcde",
        "01234567-89ab-4def-8123-456789abcdef0",
        "0123456789ab4def8123456789abcdef",
        "01234567-89ab-4def-8123-456789abcdeg",
        "01234567_89ab_4def_8123_456789abcdef",
        "{1234567-89ab-4def-8123-456789abcdef",
        "0123456-789ab-4def-8123-456789abcdef",
        "01234567-89ab-4def-8123-456789abcd\xc3\xa9",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t copy = unit_copy(dp_slice_text(rows[i]));
        uint8_t    id[DP_ID_SIZE];

        ck_assert_msg(!dp_id_parse(id, copy), "%s", rows[i]);
        free((void *) copy.data);
    }
}
END_TEST

START_TEST(OBS_16_a_traceparent_survives)
{
    static const char text[] = "00-" TRACE "-" SPAN "-01";

    dp_trace_t trace;
    char       again[DP_TRACE_TEXT_SIZE];

    ck_assert(dp_trace_parse(&trace, dp_slice_text(text)));
    ck_assert_uint_eq(trace.trace_id[0], 0x0a);
    ck_assert_uint_eq(trace.span_id[7], 0x31);
    ck_assert_uint_eq(trace.flags, DP_TRACE_SAMPLED);
    dp_trace_format(again, &trace);
    unit_assert_text(dp_slice(again, sizeof(again)), text);
}
END_TEST

START_TEST(OBS_16_traceparent_by_the_recommendation)
{
    static const struct {
        const char *text;
        bool        accepted;
        uint8_t     flags;
    } rows[] = {
        {"00-" TRACE "-" SPAN "-00", true, 0},
        {"00-" TRACE "-" SPAN "-ff", true, 3},
        {"00-" TRACE "-" SPAN "-02", true, 2},
        {"00-" TRACE "-" SPAN "-fc", true, 0},
        {"01-" TRACE "-" SPAN "-01", true, 1},
        {"cc-" TRACE "-" SPAN "-01", true, 1},
        {"cc-" TRACE "-" SPAN "-01-what-comes-later", true, 1},
        {"cc-" TRACE "-" SPAN "-01-", true, 1},
        {"cc-" TRACE "-" SPAN "-01.later", false, 0},
        {"cc-" TRACE "-" SPAN "-012", false, 0},
        {"00-" TRACE "-" SPAN "-01-", false, 0},
        {"00-" TRACE "-" SPAN "-01-later", false, 0},
        {"00-" TRACE "-" SPAN "-01 ", true, 1},
        {"\t 00-" TRACE "-" SPAN "-01 \t", true, 1},
        {"00-" TRACE "-" SPAN "-01 -", false, 0},
        {"00-" TRACE "-" SPAN "-01\v", false, 0},
        {"00 -" TRACE "-" SPAN "-01", false, 0},
        {"ff-" TRACE "-" SPAN "-01", false, 0},
        {"0-" TRACE "-" SPAN "-01", false, 0},
        {"00-" TRACE "-" SPAN "-1", false, 0},
        {"00-" TRACE "-" SPAN "-", false, 0},
        {"00-" TRACE "-" SPAN, false, 0},
        {"00-" TRACE "-" SPAN "-0g", false, 0},
        {"00-" TRACE "-" SPAN "-0A", false, 0},
        {"0A-" TRACE "-" SPAN "-01", false, 0},
        {"00-0AF7651916cd43dd8448eb211c80319c-" SPAN "-01", false, 0},
        {"00-" TRACE "-B7ad6b7169203331-01", false, 0},
        {"00-00000000000000000000000000000000-" SPAN "-01", false, 0},
        {"00-" TRACE "-0000000000000000-01", false, 0},
        {"00_" TRACE "-" SPAN "-01", false, 0},
        {"00-" TRACE "_" SPAN "-01", false, 0},
        {"00-" TRACE "-" SPAN "_01", false, 0},
        {"", false, 0},
        {" \t", false, 0},
        {"00", false, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t copy = unit_copy(dp_slice_text(rows[i].text));
        dp_trace_t trace = {.flags = 0};

        ck_assert_msg(dp_trace_parse(&trace, copy) == rows[i].accepted, "%s",
                      rows[i].text);
        ck_assert_msg(trace.flags == rows[i].flags, "%s", rows[i].text);
        free((void *) copy.data);
    }
}
END_TEST

START_TEST(base64url_of_the_rfc)
{
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {
        {"", ""},
        {"f", "Zg"},
        {"fo", "Zm8"},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg"},
        {"fooba", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xef\xbe", "_---"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_slice_t bytes = dp_slice_text(rows[i].bytes);
        char       text[16];
        uint8_t    again[16];
        size_t     len;

        dp_base64url_encode(text, bytes);
        unit_assert_text(dp_slice(text, DP_BASE64URL_TEXT_SIZE(bytes.len)),
                         rows[i].text);
        ck_assert(dp_base64url_decode(again, bytes.len, &len,
                                      dp_slice_text(rows[i].text)));
        ck_assert(dp_slice_equal(dp_slice(again, len), bytes));
    }
}
END_TEST

START_TEST(base64url_is_strict)
{
    static const char *const rows[] = {
        "Z", "Zm9vY", "Zg==", "Zm8=", "Zm9v\n", "Zm+v", "Zm/v", "Zm v",
        "Zh", /* stray bits */
        "Zm9", "Zm9vYh", "\xc3\xa9",
    };
    uint8_t bytes[16];
    size_t  len;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(!dp_base64url_decode(bytes, sizeof(bytes), &len,
                                           dp_slice_text(rows[i])),
                      "%s", rows[i]);
    }

    ck_assert(!dp_base64url_decode(bytes, 2, &len, DP_SLICE("Zm9v")));
    ck_assert(dp_base64url_decode(bytes, 3, &len, DP_SLICE("Zm9v")));
    ck_assert(dp_base64url_decode(bytes, 3, &len, DP_SLICE("-_-_")));
    ck_assert_mem_eq(bytes, "\xfb\xff\xbf", 3);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("id_trace", ERR_08_ids_are_uuid_version_4,
                    AUD_11_derived_ids_are_version_4_repeatable_and_distinct,
                    ERR_08_an_id_survives_its_text,
                    ERR_08_other_texts_are_no_ids,
                    OBS_16_a_traceparent_survives,
                    OBS_16_traceparent_by_the_recommendation,
                    base64url_of_the_rfc, base64url_is_strict);
}
