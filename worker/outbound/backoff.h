/*
 * How long to wait before a call is tried again: full jitter.
 *
 * Arithmetic alone: no clock, no randomness of its own.
 */

#ifndef DP_BACKOFF_H
#define DP_BACKOFF_H

#include <stdint.h>

/* INT-11, C36: the first call and up to this many retries. */
#define DP_BACKOFF_RETRIES 5

/*
 * Microseconds before the retry of that number, from 0: anything from 0 to
 * 100 ms, which doubles with each retry up to 1600 ms.  `random` is any number.
 */
uint64_t dp_backoff_us(unsigned retry, uint64_t random);

#endif /* DP_BACKOFF_H */
