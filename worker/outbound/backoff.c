/*
 * The longest pause of a retry, and a share of it.
 */

#include "backoff.h"

#define FIRST_US UINT64_C(100000)
#define DOUBLINGS 4

uint64_t
dp_backoff_us(unsigned retry, uint64_t random)
{
    uint64_t longest = FIRST_US << (retry < DOUBLINGS ? retry : DOUBLINGS);

    return random % (longest + 1);
}
