/*
 * Any value of the headers that the edge reads by itself, as Authorization,
 * Origin, X-Request-Id, Idempotency-Key: read within its bounds; what is taken
 * for well-formed has no byte that could end a header or a JSON string.
 */

#include "dp_contract.h"
#include "dp_headers.h"
#include "dp_routes_index.h"
#include "fuzz.h"

static void
assert_plain(dp_slice_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        FUZZ_ASSERT(value.data[i] > ' ' && value.data[i] < 0x7f);
        FUZZ_ASSERT(value.data[i] != '"' && value.data[i] != '\\');
    }
}

static void
try_key(dp_slice_t value)
{
    dp_api_key_t key;

    if (dp_api_key_find(value, &key) && dp_api_key_valid(&key)) {
        assert_plain(key.text);
        FUZZ_ASSERT(key.text.data + key.text.len == value.data + value.len);
        FUZZ_ASSERT(key.prefix.len == DP_API_KEY_PREFIX);
        FUZZ_ASSERT(key.prefix.data == key.text.data + 3);
    }
}

static void
try_idempotency_key(dp_slice_t value)
{
    dp_verdict_t verdict;

    dp_verdict_begin(&verdict);
    dp_contract_header(&verdict, &dp_routes[DP_ROUTE_createProject],
                       DP_SLICE("Idempotency-Key"), value);
    FUZZ_ASSERT(verdict.code == DP_OK || verdict.code == DP_ERR_VALIDATION_FAILED);
    FUZZ_ASSERT(verdict.code != DP_OK || (value.len >= 16 && value.len <= 255));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void) argc;
    (void) argv;
    FUZZ_ASSERT(dp_contract_open());

    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_slice_t value = dp_slice(data, size);

    try_key(value);
    try_idempotency_key(value);

    if (dp_origin_valid(value)) {
        assert_plain(value);
    }

    if (dp_client_request_id_valid(value)) {
        assert_plain(value);
        FUZZ_ASSERT(size <= 64);
    }

    return 0;
}
