/*
 * Any sealed secret: room for as many bytes suffices, and nothing opens that was
 * not sealed here.  The form is taken as it comes, and once more under an id of
 * ours, so that the tag is looked at, too.
 */

#include "crypto/seal.h"
#include "fuzz.h"

#include <stdlib.h>

static const dp_seal_place_t place = {
    .table = "signing_key",
    .row = {(const uint8_t *) "row", 3},
    .field = "secret",
};

/* One master key for all runs; its seals are forgeries everywhere else. */
static void
master_load(void)
{
    static bool loaded;

    if (!loaded) {
        loaded = dp_keys_load(DP_MASTER_V1, NULL,
                              "000102030405060708090a0b0c0d0e0f"
                              "101112131415161718191a1b1c1d1e1f") == NULL;
        FUZZ_ASSERT(loaded);
    }
}

static void
stays_shut(dp_slice_t sealed)
{
    uint8_t *plain = malloc(sealed.len + 1);
    size_t   len = 1;

    FUZZ_ASSERT(!dp_unseal(plain, &len, &place, sealed));
    FUZZ_ASSERT(len == 0);
    free(plain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *ours = malloc(size + DP_SEAL_OVERHEAD);

    master_load();
    stays_shut(dp_slice(data, size));

    (void) dp_seal(ours, &place, dp_slice(data, 0));
    memcpy(ours + 2 + DP_KEY_ID_SIZE, data, size);
    stays_shut(dp_slice(ours, 2 + DP_KEY_ID_SIZE + size));
    free(ours);

    return 0;
}
