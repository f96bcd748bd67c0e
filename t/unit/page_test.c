/*
 * Cursors: what they carry, and what they are bound to.  ERR-07.
 */

#include <string.h>

#include "crypto/keys.h"
#include "dp_routes_index.h"
#include "policy/input.h"
#include "policy/page.h"
#include "unit.h"

static const uint8_t org_a[DP_ID_SIZE] = {0xa};
static const uint8_t org_b[DP_ID_SIZE] = {0xb};

static const dp_page_position_t position = {
    .time_us = UINT64_C(1795168800000001),
    .id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
};

static dp_cursor_scope_t
scope(const char *key, const char *operation, const uint8_t *org_id)
{
    return (dp_cursor_scope_t) {
        .key = dp_slice_text(key),
        .operation = dp_slice_text(operation),
        .org_id = org_id,
    };
}

/* An operation as far as a listing's query needs it. */
static bool
page_read(dp_arena_t *arena, const char *query, dp_page_t *page, dp_error_t *error)
{
    dp_wire_request_t request = {
        .operation = DP_SLICE("listProjects"),
        .query = dp_slice_text(query),
    };
    dp_op_t op = {
        .arena = arena,
        .route = &dp_routes[DP_ROUTE_listProjects],
        .request = &request,
    };
    bool read = dp_input_check(&op) && dp_page_read(&op, page);

    *error = op.error;

    return read;
}

START_TEST(ERR_07_a_cursor_brings_back_its_position)
{
    dp_cursor_scope_t  own = scope("key", "listProjects", org_a);
    dp_page_position_t found = {0};
    char               text[DP_CURSOR_SIZE];

    dp_cursor_format(text, &own, &position);

    ck_assert(dp_cursor_parse(&found, &own, dp_slice(text, sizeof(text))));
    ck_assert_uint_eq(found.time_us, position.time_us);
    ck_assert_mem_eq(found.id, position.id, DP_ID_SIZE);
}
END_TEST

START_TEST(ERR_07_a_cursor_is_of_no_use_elsewhere)
{
    dp_cursor_scope_t  own = scope("key", "listProjects", org_a);
    dp_cursor_scope_t  others[] = {
        scope("yek", "listProjects", org_a),
        scope("key", "listMembers", org_a),
        scope("key", "listProjects", org_b),
    };
    dp_page_position_t found;
    char               text[DP_CURSOR_SIZE];

    dp_cursor_format(text, &own, &position);

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        ck_assert(!dp_cursor_parse(&found, &others[i],
                                   dp_slice(text, sizeof(text))));
    }
}
END_TEST

START_TEST(ERR_07_a_changed_cursor_is_refused)
{
    dp_cursor_scope_t  own = scope("key", "listProjects", org_a);
    dp_page_position_t found;
    char               text[DP_CURSOR_SIZE];

    for (size_t i = 0; i < sizeof(text); i++) {
        dp_cursor_format(text, &own, &position);
        text[i] = text[i] == 'A' ? 'B' : 'A';
        ck_assert_msg(!dp_cursor_parse(&found, &own, dp_slice(text, sizeof(text))),
                      "character %zu", i);
    }

    dp_cursor_format(text, &own, &position);
    ck_assert(!dp_cursor_parse(&found, &own, dp_slice(text, sizeof(text) - 1)));
    ck_assert(!dp_cursor_parse(&found, &own, dp_slice(text, 0)));
}
END_TEST

START_TEST(the_query_is_read_and_its_faults_are_told_apart)
{
    static const struct {
        const char *query;
        unsigned    limit; /* 0: refused */
        dp_error_t  error;
    } rows[] = {
        {"", 25, DP_OK},
        {"limit=1", 1, DP_OK},
        {"limit=100", 100, DP_OK},
        {"limit=%31%30", 10, DP_OK},
        {"limit=0", 0, DP_ERR_VALIDATION_FAILED},
        {"limit=101", 0, DP_ERR_VALIDATION_FAILED},
        {"limit=99999999999999999999", 0, DP_ERR_VALIDATION_FAILED},
        {"limit=", 0, DP_ERR_VALIDATION_FAILED},
        {"limit=-1", 0, DP_ERR_VALIDATION_FAILED},
        {"limit=010", 0, DP_ERR_VALIDATION_FAILED},
        {"limit=5x", 0, DP_ERR_VALIDATION_FAILED},
        {"limit=5&limit=5", 0, DP_ERR_VALIDATION_FAILED},
        {"offset=5", 0, DP_ERR_VALIDATION_FAILED},
        {"limit=%zz", 0, DP_ERR_REQUEST_MALFORMED},
        {"cursor=", 0, DP_ERR_PAGINATION_CURSOR_INVALID},
        {"cursor=abc", 0, DP_ERR_PAGINATION_CURSOR_INVALID},
    };
    dp_arena_t *arena = dp_arena_create();

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        dp_page_t  page;
        dp_error_t error;
        bool       read = page_read(arena, rows[i].query, &page, &error);

        ck_assert_msg(read == (rows[i].limit != 0), "%s", rows[i].query);
        ck_assert_msg(error == rows[i].error, "%s", rows[i].query);
        ck_assert_msg(!read || page.limit == rows[i].limit, "%s", rows[i].query);
    }

    dp_arena_destroy(arena);
}
END_TEST

START_TEST(master_keys_are_read_strictly)
{
    static const char hex[] =
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    static const char base64[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    uint8_t           key[DP_KEY_SIZE];

    ck_assert_ptr_null(dp_keys_load(DP_MASTER_V1, NULL, hex));
    memcpy(key, dp_key(DP_KEY_CURSOR), sizeof(key));
    ck_assert_ptr_null(dp_keys_load(DP_MASTER_V1, NULL, base64));
    ck_assert_mem_eq(key, dp_key(DP_KEY_CURSOR), sizeof(key));

    ck_assert_ptr_nonnull(dp_keys_load(DP_MASTER_V1, NULL, "00"));
    ck_assert_ptr_nonnull(
        dp_keys_load(DP_MASTER_V1, NULL,
                     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh=="));
    ck_assert_ptr_nonnull(dp_keys_load(DP_MASTER_V1, "/dev/null", NULL));
    ck_assert_ptr_nonnull(dp_keys_load(DP_MASTER_V1, "/nonexistent", ""));
}
END_TEST

int
main(void)
{
    if (!dp_contract_open()) {
        return 1;
    }

    return UNIT_RUN("page", ERR_07_a_cursor_brings_back_its_position,
                    ERR_07_a_cursor_is_of_no_use_elsewhere,
                    ERR_07_a_changed_cursor_is_refused,
                    the_query_is_read_and_its_faults_are_told_apart,
                    master_keys_are_read_strictly);
}
