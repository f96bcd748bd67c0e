/*
 * getrandom() neither fails nor blocks once the machine is up; an interrupted
 * call is made again.
 */

#include "random.h"

#include <sys/random.h>

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
