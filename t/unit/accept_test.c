/*
 * Accept, Content-Type and lists of entity tags: what they say, and what nobody
 * could read.
 */

#include "dp_accept.h"
#include "dp_etag.h"
#include "dp_media_type.h"
#include "unit.h"

#include <stdlib.h>

/* How much a client wants JSON and problem details, in thousandths. */
typedef struct {
    const char *accept;
    unsigned    json;
    unsigned    problem;
} wanted_t;

static void
assert_wanted(const wanted_t *wanted)
{
    dp_slice_t        copy = unit_copy(dp_slice_text(wanted->accept));
    dp_accept_offer_t offers[] = {
        {.media_type = "application/json"},
        {.media_type = "application/problem+json"},
    };
    dp_accept_t accept = {.offers = offers, .count = 2};

    dp_accept_read(&accept, copy);
    ck_assert_msg(dp_accept_quality(&accept, 0) == wanted->json, "%s: %u",
                  wanted->accept, dp_accept_quality(&accept, 0));
    ck_assert_msg(dp_accept_quality(&accept, 1) == wanted->problem, "%s: %u",
                  wanted->accept, dp_accept_quality(&accept, 1));
    free((void *) copy.data);
}

START_TEST(ERR_01_the_most_specific_range_counts)
{
    static const wanted_t rows[] = {
        {"*/*", 1000, 1000},
        {"application/*", 1000, 1000},
        {"application/json", 1000, 0},
        {"APPLICATION/JSON", 1000, 0},
        {"application/problem+json", 0, 1000},
        {"application/problem+json, application/json;q=0.9", 900, 1000},
        {"text/html, */*;q=0.8", 800, 800},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 800,
         800},
        {"*/*;q=0.1, application/*;q=0.2, application/json;q=0.3", 300, 200},
        {"application/json;q=0.3, application/*;q=0.2, */*;q=0.1", 300, 200},
        {"application/json;q=0, */*", 0, 1000},
        {"application/json;version=1;q=0.2, application/json;q=0.4", 400, 0},
        {"application/json ; q=0.25 ; ext=\"a,b;q=1\" , text/html", 250, 0},
        {"text/html", 0, 0},
        {"application/jsonx, applicatio/json", 0, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_wanted(&rows[i]);
    }
}
END_TEST

START_TEST(ERR_01_a_quality_has_three_digits_and_ends_at_one)
{
    static const wanted_t rows[] = {
        {"application/json;q=1", 1000, 0},
        {"application/json;q=1.000", 1000, 0},
        {"application/json;Q=0.001", 1, 0},
        {"application/json;q=0.", 0, 0},
        {"application/json;q=0", 0, 0},
        /* not a quality, so the range says nothing, and the other one counts */
        {"application/json;q=1.001, application/*;q=0.5", 500, 500},
        {"application/json;q=2, application/*;q=0.5", 500, 500},
        {"application/json;q=0.1234, application/*;q=0.5", 500, 500},
        {"application/json;q=.2, application/*;q=0.5", 500, 500},
        {"application/json;q=, application/*;q=0.5", 500, 500},
        {"application/json;q=-1, application/*;q=0.5", 500, 500},
        {"application/json;q=01, application/*;q=0.5", 500, 500},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_wanted(&rows[i]);
    }
}
END_TEST

START_TEST(ERR_01_what_cannot_be_read_says_nothing)
{
    static const wanted_t rows[] = {
        {"", 1000, 1000},
        {" ,, ,", 1000, 1000},
        {"json", 1000, 1000},
        {"*", 1000, 1000},
        {"*/json", 1000, 1000},
        {"application/", 1000, 1000},
        {"application/json;a=\"b", 1000, 1000},
        {"application /json", 1000, 1000},
        {"application/json q=1", 1000, 1000},
        /* as an old client of Java sends it */
        {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", 0, 0},
        {"nonsense, application/json;q=0.5", 500, 0},
        {"text,application/json;q=0.5", 500, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_wanted(&rows[i]);
    }
}
END_TEST

START_TEST(ERR_01_several_headers_are_one_list)
{
    dp_accept_offer_t offer = {.media_type = "text/plain"};
    dp_accept_t       accept = {.offers = &offer, .count = 1};

    ck_assert_uint_eq(dp_accept_quality(&accept, 0), DP_ACCEPT_FULL);
    dp_accept_read(&accept, DP_SLICE("text/html"));
    ck_assert_uint_eq(dp_accept_quality(&accept, 0), 0);
    dp_accept_read(&accept, DP_SLICE("text/*;q=0.5"));
    ck_assert_uint_eq(dp_accept_quality(&accept, 0), 500);
}
END_TEST

static bool
judge(bool (*judgement)(dp_slice_t), const char *text)
{
    dp_slice_t copy = unit_copy(dp_slice_text(text));
    bool       verdict = judgement(copy);

    free((void *) copy.data);

    return verdict;
}

START_TEST(ERR_10_json_is_named_exactly)
{
    static const char *const accepted[] = {
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ;\tcharset=\"utf-8\" ;",
    };
    static const char *const refused[] = {
        "",
        "application/jsonx",
        "application/json-patch+json",
        "application/problem+json",
        "application/*",
        "text/json",
        "application/json; charset=latin1",
        "application/json; charset=utf-16",
        "application/json; charset",
        "application/json; charset=",
        "application/json; charset=\"utf-8",
        "application/json; version=1",
        "application/json, text/plain",
        "application/json text",
        "application / json",
    };

    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
        ck_assert_msg(judge(dp_media_type_is_json, accepted[i]), "%s",
                      accepted[i]);
    }

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        ck_assert_msg(!judge(dp_media_type_is_json, refused[i]), "%s",
                      refused[i]);
    }
}
END_TEST

START_TEST(lists_of_entity_tags)
{
    static const char *const valid[] = {
        "*", "\"\"", "\"1\"", "W/\"1\"", "\"a\", \"b\"", "\"a\",W/\"b\"",
        ", \"a\",, \"b\",", "\"\xc3\xa9\"", "\"a,b\"", "\"a\\\"",
    };
    static const char *const invalid[] = {
        "", " ", ",", "1", "\"1", "1\"", "w/\"1\"", "W\"1\"", "W/1", "W/",
        "\"a\" \"b\"", "\"a b\"", "\"a\", *", "*, \"a\"", "**", "\"a\"x",
        "\"a\"\"", "\"\x7f\"",
    };

    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        ck_assert_msg(judge(dp_etag_list_valid, valid[i]), "%s", valid[i]);
    }

    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        ck_assert_msg(!judge(dp_etag_list_valid, invalid[i]), "%s", invalid[i]);
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("accept", ERR_01_the_most_specific_range_counts,
                    ERR_01_a_quality_has_three_digits_and_ends_at_one,
                    ERR_01_what_cannot_be_read_says_nothing,
                    ERR_01_several_headers_are_one_list,
                    ERR_10_json_is_named_exactly, lists_of_entity_tags);
}
