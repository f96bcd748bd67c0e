/*
 * Any value of Accept, Content-Type, If-Match: read within its bounds, and the
 * quality of an offer stays one.  What is accepted as JSON is acceptable as such.
 */

#include "dp_accept.h"
#include "dp_etag.h"
#include "dp_media_type.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_slice_t        value = dp_slice(data, size);
    dp_accept_offer_t offers[] = {
        {.media_type = "application/json"},
        {.media_type = "application/problem+json"},
        {.media_type = "text/plain"},
    };
    dp_accept_t accept = {
        .offers = offers,
        .count = sizeof(offers) / sizeof(offers[0]),
    };

    dp_accept_read(&accept, value);

    for (size_t i = 0; i < accept.count; i++) {
        FUZZ_ASSERT(dp_accept_quality(&accept, i) <= DP_ACCEPT_FULL);
    }

    if (dp_media_type_is_json(value)) {
        FUZZ_ASSERT(accept.said);
        FUZZ_ASSERT(dp_accept_quality(&accept, 0) == DP_ACCEPT_FULL);
    }

    FUZZ_ASSERT(!dp_etag_list_valid(value) || size != 0);

    return 0;
}
