/*
 * Randomness from the kernel, and ids made of it.
 */

#ifndef DP_RANDOM_H
#define DP_RANDOM_H

#include "dp_bytes.h"
#include "dp_principal.h"

void dp_random(void *bytes, size_t len);

/* `count` UUIDs (version 4), one behind the other. */
void dp_ids_random(uint8_t (*ids)[DP_ID_SIZE], size_t count);

#endif /* DP_RANDOM_H */
