/*
 * The list of signing keys: what is written is read, and nothing of a list that is
 * cut or out of its bounds.
 */

#include "dp_control_key.h"
#include "unit.h"

#include <stdlib.h>

#define SECRET "a secret of thirty-two bytes, ok"

static const dp_control_key_t good = {
    .purpose = DP_CONTROL_KEY_JWT,
    .state = DP_CONTROL_KEY_GRACE,
    .not_after_us = UINT64_C(1800000000000000),
    .kid = {(const uint8_t *) "k1", 2},
    .secret = {(const uint8_t *) SECRET, DP_CONTROL_KEY_SECRET},
};

START_TEST(what_is_written_is_read)
{
    uint8_t          buffer[256];
    dp_writer_t      writer = dp_writer(buffer, sizeof(buffer));
    dp_control_key_t key = good;
    dp_slice_t       list;

    dp_control_key_write(&writer, &key);
    key.purpose = DP_CONTROL_KEY_CSRF;
    key.not_after_us = 0;
    dp_control_key_write(&writer, &key);
    ck_assert(!writer.failed);

    list = dp_written(&writer);
    ck_assert(dp_control_keys_valid(list));
    ck_assert(dp_control_key_next(&list, &key));
    ck_assert_uint_eq(key.purpose, DP_CONTROL_KEY_JWT);
    ck_assert_uint_eq(key.state, DP_CONTROL_KEY_GRACE);
    ck_assert_uint_eq(key.not_after_us, good.not_after_us);
    unit_assert_text(key.kid, "k1");
    unit_assert_text(key.secret, SECRET);
    ck_assert(dp_control_key_next(&list, &key));
    ck_assert_uint_eq(key.purpose, DP_CONTROL_KEY_CSRF);
    ck_assert_uint_eq(key.not_after_us, 0);
    ck_assert(!dp_control_key_next(&list, &key));
}
END_TEST

START_TEST(a_list_is_whole)
{
    uint8_t     buffer[256];
    dp_writer_t writer = dp_writer(buffer, sizeof(buffer));
    dp_slice_t  list;

    dp_control_key_write(&writer, &good);
    list = dp_written(&writer);
    ck_assert(dp_control_keys_valid(dp_slice(NULL, 0)));

    for (size_t len = 1; len < list.len; len++) {
        dp_slice_t cut = unit_copy(dp_slice(list.data, len));

        ck_assert(!dp_control_keys_valid(cut));
        free((void *) cut.data);
    }
}
END_TEST

START_TEST(and_within_its_bounds)
{
    static const uint8_t kid[DP_CONTROL_KEY_KID + 1] = {'k'};
    const dp_control_key_t wrong[] = {
        {3, 1, 0, good.kid, good.secret},
        {0, 1, 0, good.kid, good.secret},
        {1, 0, 0, good.kid, good.secret},
        {1, 3, 0, good.kid, good.secret},
        {1, 1, 0, {NULL, 0}, good.secret},
        {1, 1, 0, {kid, sizeof(kid)}, good.secret},
        {1, 1, 0, good.kid, {good.secret.data, 31}},
        {1, 1, 0, good.kid, {NULL, 0}},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        uint8_t     buffer[256];
        dp_writer_t writer = dp_writer(buffer, sizeof(buffer));

        dp_control_key_write(&writer, &wrong[i]);
        ck_assert(writer.failed);
    }
}
END_TEST

START_TEST(sixteen_keys_and_no_more)
{
    uint8_t     buffer[2 * DP_CONTROL_KEYS_SIZE];
    dp_writer_t writer = dp_writer(buffer, sizeof(buffer));

    for (size_t i = 0; i < DP_CONTROL_KEYS; i++) {
        dp_control_key_write(&writer, &good);
    }

    ck_assert(dp_control_keys_valid(dp_written(&writer)));
    dp_control_key_write(&writer, &good);
    ck_assert(!dp_control_keys_valid(dp_written(&writer)));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("control_key", what_is_written_is_read, a_list_is_whole,
                    and_within_its_bounds, sixteen_keys_and_no_more);
}
