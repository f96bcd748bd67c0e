/*
 * getrandom() neither fails nor blocks once the machine is up; an interrupted
 * call is made again.
 */

#include "random.h"

#include <sys/random.h>

#include "dp_id.h"

void
dp_random(void *bytes, size_t len)
{
    uint8_t *at = bytes;

    while (len != 0) {
        ssize_t got = getrandom(at, len, 0);

        if (got > 0) {
            at += got;
            len -= (size_t) got;
        }
    }
}

void
dp_ids_random(uint8_t (*ids)[DP_ID_SIZE], size_t count)
{
    dp_random(ids, count * DP_ID_SIZE);

    for (size_t i = 0; i < count; i++) {
        dp_id_from_random(ids[i]);
    }
}
