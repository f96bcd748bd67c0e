/*
 * Making ids.  See ids.h.
 */

#include "ids.h"

#include <stdbool.h>

#include "dp_id.h"
#include "random.h"

static bool following;

void
dp_ids_follow_requests(void)
{
    following = true;
}

void
dp_ids_make(uint8_t (*ids)[DP_ID_SIZE], size_t count, const uint8_t *request_id)
{
    if (following) {
        for (size_t i = 0; i < count; i++) {
            dp_id_derive(ids[i], request_id, i);
        }

        return;
    }

    dp_random(ids, count * DP_ID_SIZE);

    for (size_t i = 0; i < count; i++) {
        dp_id_from_random(ids[i]);
    }
}
