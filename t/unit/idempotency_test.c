/*
 * Idempotency keys: their syntax, and the fingerprint that tells requests
 * apart.  IDM-01.
 */

#include <string.h>

#include "dp_contract.h"
#include "dp_routes_index.h"
#include "policy/idempotency.h"
#include "unit.h"

static dp_wire_request_t
request(const char *operation, const char *body, const char *param)
{
    return (dp_wire_request_t) {
        .operation = dp_slice_text(operation),
        .body = dp_slice_text(body),
        .params[0] = dp_slice_text(param),
    };
}

static bool
fingerprints_equal(dp_wire_request_t a, dp_wire_request_t b)
{
    uint8_t of_a[DP_FINGERPRINT_SIZE];
    uint8_t of_b[DP_FINGERPRINT_SIZE];

    dp_idempotency_fingerprint(of_a, &a, 1);
    dp_idempotency_fingerprint(of_b, &b, 1);

    return memcmp(of_a, of_b, sizeof(of_a)) == 0;
}

static bool
key_accepted(dp_slice_t key)
{
    dp_wire_request_t own = {.idempotency_key = key};
    dp_op_t           op = {
        .arena = dp_arena_create(),
        .route = &dp_routes[DP_ROUTE_createProject],
        .request = &own,
    };
    bool accepted = dp_idempotency_check(&op);

    ck_assert_int_eq(op.error, accepted ? DP_OK : DP_ERR_VALIDATION_FAILED);
    dp_arena_destroy(op.arena);

    return accepted;
}

START_TEST(IDM_01_a_key_is_16_to_255_visible_characters)
{
    char long_key[256];

    memset(long_key, 'k', sizeof(long_key));

    ck_assert(key_accepted(DP_SLICE("0123456789abcdef")));
    ck_assert(key_accepted(DP_SLICE("!~!~!~!~!~!~!~!~")));
    ck_assert(key_accepted(dp_slice(long_key, sizeof(long_key) - 1)));

    ck_assert(!key_accepted(DP_SLICE("0123456789abcde")));
    ck_assert(!key_accepted(dp_slice(long_key, sizeof(long_key))));
    ck_assert(!key_accepted(DP_SLICE("0123456789 abcdef")));
    ck_assert(!key_accepted(DP_SLICE("0123456789\tabcdef")));
    ck_assert(!key_accepted(DP_SLICE("0123456789\x7f" "abcdef")));
    ck_assert(!key_accepted(DP_SLICE("0123456789\xc3\xa9" "abcdef")));
    ck_assert(!key_accepted(DP_SLICE("0123456789abcdef\n")));
}
END_TEST

START_TEST(IDM_01_the_fingerprint_covers_operation_body_and_path)
{
    dp_wire_request_t own = request("createProject", "{\"name\":\"a\"}", "p");

    ck_assert(fingerprints_equal(own, request("createProject",
                                              "{\"name\":\"a\"}", "p")));
    ck_assert(!fingerprints_equal(own, request("createProjects",
                                               "{\"name\":\"a\"}", "p")));
    ck_assert(!fingerprints_equal(own, request("createProject",
                                               "{\"name\":\"b\"}", "p")));
    ck_assert(!fingerprints_equal(own, request("createProject",
                                               "{\"name\":\"a\"} ", "p")));
    ck_assert(!fingerprints_equal(own, request("createProject",
                                               "{\"name\":\"a\"}", "q")));
}
END_TEST

START_TEST(IDM_01_the_fingerprint_is_sha256_of_the_documented_bytes)
{
    /* printf 'op\0{}\0id\0' | sha256sum */
    static const uint8_t expected[DP_FINGERPRINT_SIZE] = {
        0x25, 0x50, 0xfe, 0x6f, 0x6c, 0xd8, 0x86, 0x33,
        0xa6, 0x88, 0xd1, 0xa7, 0xb4, 0x61, 0xda, 0xc0,
        0x54, 0x6a, 0x0b, 0xd9, 0x86, 0x7d, 0x01, 0x72,
        0x2b, 0xd2, 0x0c, 0xa5, 0xbd, 0x68, 0x3f, 0xdc,
    };
    uint8_t              found[DP_FINGERPRINT_SIZE];
    dp_wire_request_t    own = request("op", "{}", "id");

    dp_idempotency_fingerprint(found, &own, 1);

    ck_assert_mem_eq(found, expected, sizeof(found));
}
END_TEST

int
main(void)
{
    if (!dp_contract_open()) {
        return 1;
    }

    return UNIT_RUN("idempotency", IDM_01_a_key_is_16_to_255_visible_characters,
                    IDM_01_the_fingerprint_covers_operation_body_and_path,
                    IDM_01_the_fingerprint_is_sha256_of_the_documented_bytes);
}
