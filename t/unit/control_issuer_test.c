/*
 * The list of issuers: what is written is read, and nothing of a list that is cut
 * or out of its bounds.
 */

#include "dp_control_issuer.h"
#include "unit.h"

#include <stdlib.h>

static dp_slice_t
list_make(uint8_t *buffer, size_t capacity, uint32_t lifetime_s,
          dp_jwt_algorithm_t algorithm)
{
    uint8_t     audiences[64], keys[256];
    dp_writer_t audience_list = dp_writer(audiences, sizeof(audiences));
    dp_writer_t key_list = dp_writer(keys, sizeof(keys));
    dp_writer_t list = dp_writer(buffer, capacity);

    dp_control_audience_write(&audience_list, DP_SLICE("one"));
    dp_control_audience_write(&audience_list, DP_SLICE("two"));
    dp_control_issuer_key_write(&key_list, &(dp_control_issuer_key_t) {
        .algorithm = (uint8_t) algorithm,
        .kid = DP_SLICE("k1"),
        .spki = DP_SLICE("spki"),
    });
    dp_control_issuer_key_write(&key_list, &(dp_control_issuer_key_t) {
        .algorithm = DP_JWT_ES256,
        .spki = DP_SLICE("other"),
    });

    for (int i = 0; i < 2; i++) {
        dp_control_issuer_write(&list, &(dp_control_issuer_t) {
            .issuer = DP_SLICE("https://a.example"),
            .lifetime_s = lifetime_s,
            .audiences = dp_written(&audience_list),
            .keys = dp_written(&key_list),
        });
    }

    ck_assert(!list.failed);

    return dp_written(&list);
}

START_TEST(what_is_written_is_read)
{
    uint8_t                 buffer[512];
    dp_slice_t              list = list_make(buffer, sizeof(buffer), 3600,
                                             DP_JWT_RS256);
    dp_slice_t              audience;
    dp_control_issuer_t     issuer;
    dp_control_issuer_key_t key;

    ck_assert(dp_control_issuers_valid(list));
    ck_assert(dp_control_issuer_next(&list, &issuer));
    unit_assert_text(issuer.issuer, "https://a.example");
    ck_assert_uint_eq(issuer.lifetime_s, 3600);
    ck_assert(dp_control_audience_next(&issuer.audiences, &audience));
    unit_assert_text(audience, "one");
    ck_assert(dp_control_audience_next(&issuer.audiences, &audience));
    unit_assert_text(audience, "two");
    ck_assert(!dp_control_audience_next(&issuer.audiences, &audience));
    ck_assert(dp_control_issuer_key_next(&issuer.keys, &key));
    ck_assert_uint_eq(key.algorithm, DP_JWT_RS256);
    unit_assert_text(key.kid, "k1");
    unit_assert_text(key.spki, "spki");
    ck_assert(dp_control_issuer_key_next(&issuer.keys, &key));
    ck_assert_uint_eq(key.kid.len, 0);
    ck_assert(!dp_control_issuer_key_next(&issuer.keys, &key));
    ck_assert(dp_control_issuer_next(&list, &issuer));
    ck_assert(!dp_control_issuer_next(&list, &issuer));
    ck_assert_uint_eq(list.len, 0);
}
END_TEST

START_TEST(a_list_is_whole)
{
    uint8_t    buffer[512];
    dp_slice_t list = list_make(buffer, sizeof(buffer), 1, DP_JWT_ES256);

    ck_assert(dp_control_issuers_valid(dp_slice(NULL, 0)));

    for (size_t len = 1; len < list.len; len++) {
        dp_slice_t cut = unit_copy(dp_slice(list.data, len));

        /* between two entries it is a list, too */
        ck_assert(dp_control_issuers_valid(cut) == (len == list.len / 2));
        free((void *) cut.data);
    }
}
END_TEST

START_TEST(and_within_its_bounds)
{
    uint8_t  buffer[512];
    uint8_t *large = calloc(1, DP_CONTROL_ISSUERS_SIZE + 1);

    ck_assert(!dp_control_issuers_valid(
        list_make(buffer, sizeof(buffer), 0, DP_JWT_RS256)));
    ck_assert(!dp_control_issuers_valid(
        list_make(buffer, sizeof(buffer), 1, DP_JWT_HS256)));
    ck_assert(!dp_control_issuers_valid(
        list_make(buffer, sizeof(buffer), 1, (dp_jwt_algorithm_t) 4)));
    ck_assert(!dp_control_issuers_valid(
        dp_slice(large, DP_CONTROL_ISSUERS_SIZE + 1)));
    free(large);
}
END_TEST

START_TEST(what_no_entry_holds_is_not_written)
{
    uint8_t     buffer[1024];
    uint8_t     text[300] = {0};
    dp_writer_t list = dp_writer(buffer, sizeof(buffer));

    dp_control_audience_write(&list, dp_slice(text, sizeof(text)));
    ck_assert(list.failed);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("control_issuer", what_is_written_is_read, a_list_is_whole,
                    and_within_its_bounds, what_no_entry_holds_is_not_written);
}
