/*
 * Any file, and any segment of notes: an id that is found is inside of it.
 */

#include "dp_build_id.h"
#include "fuzz.h"

static void
inside(dp_slice_t id, const uint8_t *data, size_t size)
{
    FUZZ_ASSERT(id.len == 0
                || (id.data >= data && id.len <= DP_BUILD_ID_MAX
                    && id.data + id.len <= data + size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    inside(dp_build_id_of_file(dp_slice(data, size)), data, size);
    inside(dp_build_id_of_notes(dp_slice(data, size), 4), data, size);
    inside(dp_build_id_of_notes(dp_slice(data, size), 8), data, size);

    return 0;
}
