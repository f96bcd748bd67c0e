/*
 * Secrets at rest: they open where they were sealed, as they were sealed, and
 * nowhere else.  SEC-05, SEC-06.
 */

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/seal.h"
#include "unit.h"

#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_B "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const dp_seal_place_t place = {
    .table = "signing_key",
    .row = {(const uint8_t *) "row|1", 5},
    .field = "secret",
};

static void
masters_load(const char *first, const char *second)
{
    ck_assert_ptr_null(dp_keys_load(DP_MASTER_V1, NULL, first));

    if (second != NULL) {
        ck_assert_ptr_null(dp_keys_load(DP_MASTER_V2, NULL, second));
    }
}

static dp_slice_t
sealed_make(uint8_t *buffer, const char *plain)
{
    return dp_slice(buffer, dp_seal(buffer, &place, dp_slice_text(plain)));
}

/* From a copy that ends where the bytes end, into no more room than asked for. */
static bool
opens(const dp_seal_place_t *at, dp_slice_t sealed, const char *expected)
{
    dp_slice_t copy = unit_copy(sealed);
    uint8_t   *plain = malloc(sealed.len + 1);
    size_t     len;
    bool       opened = dp_unseal(plain, &len, at, copy);

    if (opened) {
        unit_assert_text(dp_slice(plain, len), expected);
    } else {
        ck_assert_uint_eq(len, 0);
    }

    free(plain);
    free((void *) copy.data);

    return opened;
}

START_TEST(SEC_06_a_secret_comes_back)
{
    static const char *const secrets[] = {"", "s", "a secret of some length"};
    uint8_t                  first[128], second[128];

    masters_load(KEY_A, NULL);

    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        dp_slice_t one = sealed_make(first, secrets[i]);
        dp_slice_t other = sealed_make(second, secrets[i]);

        ck_assert_uint_eq(one.len, strlen(secrets[i]) + DP_SEAL_OVERHEAD);
        ck_assert(opens(&place, one, secrets[i]));
        ck_assert(opens(&place, other, secrets[i]));
        ck_assert_mem_ne(first, second, one.len);
    }
}
END_TEST

START_TEST(SEC_06_the_largest_secret_comes_back)
{
    size_t   size = DP_SEAL_PLAIN_MAX;
    uint8_t *plain = malloc(size);
    uint8_t *sealed = malloc(size + DP_SEAL_OVERHEAD + 1);
    uint8_t *back = malloc(size + DP_SEAL_OVERHEAD + 1);
    size_t   len;

    masters_load(KEY_A, NULL);
    memset(plain, 's', size);
    len = dp_seal(sealed, &place, dp_slice(plain, size));
    ck_assert(dp_unseal(back, &len, &place, dp_slice(sealed, len)));
    ck_assert_uint_eq(len, size);
    ck_assert_mem_eq(back, plain, size);
    ck_assert(!dp_unseal(back, &len, &place,
                         dp_slice(sealed, size + DP_SEAL_OVERHEAD + 1)));

    free(plain);
    free(sealed);
    free(back);
}
END_TEST

START_TEST(SEC_06_one_changed_bit_and_it_does_not_open)
{
    uint8_t    buffer[128];
    dp_slice_t sealed;

    masters_load(KEY_A, KEY_B);
    sealed = sealed_make(buffer, "a secret");

    for (size_t i = 0; i < 8 * sealed.len; i++) {
        buffer[i / 8] ^= (uint8_t) (1 << i % 8);
        ck_assert_msg(!opens(&place, sealed, ""), "bit %zu", i);
        buffer[i / 8] ^= (uint8_t) (1 << i % 8);
    }

    for (size_t len = 0; len < sealed.len; len++) {
        ck_assert(!opens(&place, dp_slice(buffer, len), ""));
    }

    ck_assert(opens(&place, sealed, "a secret"));
}
END_TEST

START_TEST(SEC_06_it_opens_in_its_own_place_only)
{
    const dp_seal_place_t elsewhere[] = {
        {"signing_kez", place.row, place.field},
        {"signing_key", DP_SLICE("row|2"), place.field},
        {"signing_key", place.row, "other"},
        {"signing_key", DP_SLICE("row|1|secret"), "secret"},
        {"signing_key", DP_SLICE(""), place.field},
    };
    uint8_t    buffer[128];
    dp_slice_t sealed;

    masters_load(KEY_A, NULL);
    sealed = sealed_make(buffer, "a secret");

    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        ck_assert_msg(!opens(&elsewhere[i], sealed, ""), "place %zu", i);
    }
}
END_TEST

START_TEST(SEC_05_both_master_keys_open_and_the_newer_seals)
{
    uint8_t    old_buffer[128], new_buffer[128];
    dp_slice_t old_secret, new_secret;

    masters_load(KEY_A, NULL);
    old_secret = sealed_make(old_buffer, "old");
    masters_load(KEY_A, KEY_B);
    new_secret = sealed_make(new_buffer, "new");

    ck_assert(opens(&place, old_secret, "old"));
    ck_assert(opens(&place, new_secret, "new"));
    ck_assert(!dp_seal_current(old_secret));
    ck_assert(dp_seal_current(new_secret));

    /* The new one in the first place, the old one gone. */
    masters_load(KEY_B, NULL);
    ck_assert(!opens(&place, old_secret, ""));
    ck_assert(opens(&place, new_secret, "new"));
    ck_assert(dp_seal_current(new_secret));
}
END_TEST

/* The form that seal.h promises, opened without seal.c. */
START_TEST(SEC_06_the_form_is_aes_256_gcm_with_the_place_beside)
{
    const dp_sealing_key_t *key;
    EVP_CIPHER_CTX         *context = EVP_CIPHER_CTX_new();
    uint8_t                 buffer[128], plain[128];
    dp_slice_t              sealed;
    char                    beside[64];
    int                     len;

    masters_load(KEY_A, NULL);
    key = dp_sealing_key();
    sealed = sealed_make(buffer, "a secret");
    snprintf(beside, sizeof(beside), "signing_key|row|1|secret|%.8s", key->id);

    ck_assert_int_eq(buffer[0], 1);
    ck_assert_int_eq(buffer[1], DP_KEY_ID_SIZE);
    ck_assert_mem_eq(buffer + 2, key->id, DP_KEY_ID_SIZE);

    ck_assert(EVP_DecryptInit(context, EVP_aes_256_gcm(), key->secret,
                              buffer + 10));
    ck_assert(EVP_DecryptUpdate(context, NULL, &len, (uint8_t *) beside,
                                (int) strlen(beside)));
    ck_assert(EVP_DecryptUpdate(context, plain, &len, buffer + 22, 8));
    ck_assert(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16,
                                  buffer + sealed.len - 16));
    ck_assert(EVP_DecryptFinal(context, plain + 8, &len));
    ck_assert_mem_eq(plain, "a secret", 8);
    EVP_CIPHER_CTX_free(context);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("seal", SEC_06_a_secret_comes_back,
                    SEC_06_the_largest_secret_comes_back,
                    SEC_06_one_changed_bit_and_it_does_not_open,
                    SEC_06_it_opens_in_its_own_place_only,
                    SEC_05_both_master_keys_open_and_the_newer_seals,
                    SEC_06_the_form_is_aes_256_gcm_with_the_place_beside);
}
