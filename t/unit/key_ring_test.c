/*
 * Signing keys in the worker: unsealed, packed for edges, chosen by time.
 * SEC-01, SEC-02, SEC-12.
 */

#include <stdlib.h>

#include "crypto/seal.h"
#include "identity/key_ring.h"
#include "unit.h"

#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define DAY_US UINT64_C(86400000000)
#define NOW_US (1000 * DAY_US)

static uint8_t packed[DP_CONTROL_KEYS_SIZE];

typedef struct {
    uint8_t     purpose;
    uint8_t     state;
    const char *kid;
    uint64_t    not_before_us;
    uint64_t    not_after_us;
} made_t;

/* As the database has it; its secret is its kid's first character. */
static void
key_add(dp_writer_t *list, made_t made)
{
    uint8_t               secret[DP_CONTROL_KEY_SECRET];
    uint8_t               sealed[sizeof(secret) + DP_SEAL_OVERHEAD];
    const dp_seal_place_t place = {
        .table = "signing_key", .row = dp_slice_text(made.kid), .field = "secret",
    };

    memset(secret, made.kid[0], sizeof(secret));
    dp_write_u64(list, made.not_before_us);
    dp_write_u8(list, made.purpose);
    dp_write_u8(list, made.state);
    dp_write_u64(list, made.not_after_us);
    dp_write_u8(list, (uint8_t) strlen(made.kid));
    dp_write_text(list, made.kid);
    dp_write_u16(list, sizeof(sealed));
    dp_write_bytes(list, dp_slice(sealed, dp_seal(sealed, &place,
                                                  dp_slice(secret, 32))));
}

/* One that has just come, one that has signed until then, an old one; and CSRF's. */
static dp_slice_t
ring_make(uint8_t *buffer, size_t capacity)
{
    dp_writer_t list = dp_writer(buffer, capacity);

    ck_assert_ptr_null(dp_keys_load(DP_MASTER_V1, NULL, KEY_A));
    key_add(&list, (made_t) {DP_CONTROL_KEY_CSRF, DP_CONTROL_KEY_ACTIVE, "c",
                               1, 0});
    key_add(&list, (made_t) {DP_CONTROL_KEY_JWT, DP_CONTROL_KEY_ACTIVE, "new",
                               NOW_US, 0});
    key_add(&list, (made_t) {DP_CONTROL_KEY_JWT, DP_CONTROL_KEY_GRACE, "before",
                               NOW_US - 90 * DAY_US, NOW_US + 7 * DAY_US});
    key_add(&list, (made_t) {DP_CONTROL_KEY_JWT, DP_CONTROL_KEY_GRACE, "old",
                               NOW_US - 180 * DAY_US, NOW_US - DAY_US});

    return dp_key_ring_put(dp_written(&list), packed);
}

static void
signs(uint64_t now_us, const char *kid)
{
    dp_signing_key_t key;

    ck_assert(dp_key_ring_signing(DP_CONTROL_KEY_JWT, now_us, &key));
    unit_assert_text(dp_slice(key.kid, key.kid_len), kid);
    ck_assert_int_eq(key.secret[31], kid[0]);
}

static bool
verifies(uint64_t now_us, const char *kid)
{
    dp_signing_key_t key;

    return dp_key_ring_find(DP_CONTROL_KEY_JWT, dp_slice_text(kid), now_us, &key);
}

START_TEST(SEC_03_edges_are_told_plain_keys)
{
    uint8_t          buffer[1024];
    dp_slice_t       list = ring_make(buffer, sizeof(buffer));
    dp_control_key_t key;

    ck_assert(dp_control_keys_valid(list));
    ck_assert(dp_control_key_next(&list, &key));
    ck_assert_uint_eq(key.purpose, DP_CONTROL_KEY_CSRF);
    ck_assert(dp_control_key_next(&list, &key));
    ck_assert_uint_eq(key.purpose, DP_CONTROL_KEY_JWT);
    ck_assert_uint_eq(key.state, DP_CONTROL_KEY_ACTIVE);
    ck_assert_uint_eq(key.not_after_us, 0);
    unit_assert_text(key.kid, "new");
    unit_assert_text(key.secret, "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
    ck_assert_uint_eq(dp_key_ring_since_us(DP_CONTROL_KEY_JWT), NOW_US);
}
END_TEST

START_TEST(SEC_02_a_new_key_signs_when_edges_know_it)
{
    uint8_t buffer[1024];

    (void) ring_make(buffer, sizeof(buffer));
    signs(NOW_US, "before");
    signs(NOW_US + DP_KEY_RING_SETTLE_US - 1, "before");
    signs(NOW_US + DP_KEY_RING_SETTLE_US, "new");

    /* all that there is signs at once */
    signs(NOW_US + 7 * DAY_US, "new");
}
END_TEST

START_TEST(SEC_12_the_only_key_signs_at_once)
{
    uint8_t          buffer[256];
    dp_writer_t      list = dp_writer(buffer, sizeof(buffer));
    dp_signing_key_t key;

    ck_assert_ptr_null(dp_keys_load(DP_MASTER_V1, NULL, KEY_A));
    (void) dp_key_ring_put(dp_slice(NULL, 0), packed);
    ck_assert(!dp_key_ring_has(DP_CONTROL_KEY_JWT));
    ck_assert(!dp_key_ring_signing(DP_CONTROL_KEY_JWT, NOW_US, &key));

    key_add(&list, (made_t) {DP_CONTROL_KEY_JWT, DP_CONTROL_KEY_ACTIVE, "next",
                               NOW_US, 0});
    (void) dp_key_ring_put(dp_written(&list), packed);
    ck_assert(dp_key_ring_has(DP_CONTROL_KEY_JWT));
    ck_assert(!dp_key_ring_has(DP_CONTROL_KEY_CSRF));
    signs(NOW_US, "next");
}
END_TEST

START_TEST(SEC_01_a_key_verifies_until_its_grace_ends)
{
    uint8_t buffer[1024];

    (void) ring_make(buffer, sizeof(buffer));
    ck_assert(verifies(NOW_US, "new"));
    ck_assert(verifies(NOW_US + 7 * DAY_US - 1, "before"));
    ck_assert(!verifies(NOW_US + 7 * DAY_US, "before"));
    ck_assert(!verifies(NOW_US, "old"));
    ck_assert(!verifies(NOW_US, "c"));
    ck_assert(!verifies(NOW_US, "nobody"));

    dp_key_ring_clear();
    ck_assert(!verifies(NOW_US, "new"));
}
END_TEST

START_TEST(SEC_06_a_key_of_another_row_is_left_out)
{
    uint8_t     buffer[1024];
    dp_writer_t list = dp_writer(buffer, sizeof(buffer));

    ck_assert_ptr_null(dp_keys_load(DP_MASTER_V1, NULL, KEY_A));
    key_add(&list, (made_t) {DP_CONTROL_KEY_JWT, DP_CONTROL_KEY_ACTIVE, "new",
                               1, 0});
    buffer[8 + 11] = 'N';
    ck_assert_uint_eq(dp_key_ring_put(dp_written(&list), packed).len, 0);
    ck_assert(!dp_key_ring_has(DP_CONTROL_KEY_JWT));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("key ring", SEC_03_edges_are_told_plain_keys,
                    SEC_02_a_new_key_signs_when_edges_know_it,
                    SEC_12_the_only_key_signs_at_once,
                    SEC_01_a_key_verifies_until_its_grace_ends,
                    SEC_06_a_key_of_another_row_is_left_out);
}
