/*
 * Randomness from the kernel.
 */

#ifndef DP_RANDOM_H
#define DP_RANDOM_H

#include "dp_bytes.h"

void dp_random(void *bytes, size_t len);

#endif /* DP_RANDOM_H */
