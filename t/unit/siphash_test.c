/*
 * SipHash-2-4 against its paper's vector, and against OpenSSL's at every length
 * of its last word.
 */

#include "dp_siphash.h"
#include "unit.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>

static const uint8_t key_bytes[16] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
};

static const dp_siphash_key_t key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

static void
little_endian(uint8_t *bytes, uint64_t word)
{
    for (size_t i = 0; i < 8; i++) {
        bytes[i] = (uint8_t) (word >> (8 * i));
    }
}

/* OpenSSL's, `size` bytes of it. */
static void
expected(uint8_t *mac, size_t size, dp_slice_t bytes)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
        OSSL_PARAM_construct_end(),
    };
    size_t       len;
    EVP_MAC     *algorithm = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(algorithm);

    ck_assert_int_eq(EVP_MAC_init(context, key_bytes, sizeof(key_bytes),
                                  params), 1);
    ck_assert_int_eq(EVP_MAC_update(context, bytes.data, bytes.len), 1);
    ck_assert_int_eq(EVP_MAC_final(context, mac, &len, size), 1);
    ck_assert_uint_eq(len, size);

    EVP_MAC_CTX_free(context);
    EVP_MAC_free(algorithm);
}

START_TEST(the_vector_of_the_paper)
{
    uint8_t input[15];

    for (size_t i = 0; i < sizeof(input); i++) {
        input[i] = (uint8_t) i;
    }

    ck_assert_uint_eq(dp_siphash(&key, dp_slice(input, sizeof(input))),
                      0xa129ca6149be45e5);
}
END_TEST

START_TEST(every_length_is_as_openssl_has_it)
{
    uint8_t  input[70], mac[16], said[16];
    uint64_t digest[2];

    for (size_t len = 0; len < sizeof(input); len++) {
        dp_slice_t bytes;

        input[len] = (uint8_t) (len * 7);
        bytes = unit_copy(dp_slice(input, len));

        expected(mac, 8, bytes);
        little_endian(said, dp_siphash(&key, bytes));
        ck_assert_mem_eq(said, mac, 8);

        expected(mac, 16, bytes);
        dp_siphash_128(digest, &key, bytes);
        little_endian(said, digest[0]);
        little_endian(said + 8, digest[1]);
        ck_assert_mem_eq(said, mac, 16);

        free((void *) bytes.data);
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("siphash", the_vector_of_the_paper,
                    every_length_is_as_openssl_has_it);
}
