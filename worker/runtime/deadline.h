/*
 * The two clocks of the worker, in microseconds.
 *
 * Deadlines come from another process and are absolute on CLOCK_REALTIME;
 * durations are measured on CLOCK_MONOTONIC.
 */

#ifndef DP_DEADLINE_H
#define DP_DEADLINE_H

#include <stdint.h>
#include <time.h>

static inline uint64_t
dp_clock_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);

    return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

/* Since 1970. */
static inline uint64_t
dp_now_us(void)
{
    return dp_clock_us(CLOCK_REALTIME);
}

/* Since some point in the past; never goes back. */
static inline uint64_t
dp_monotonic_us(void)
{
    return dp_clock_us(CLOCK_MONOTONIC);
}

/* What is left of an absolute deadline; 0 when it has passed. */
static inline uint64_t
dp_deadline_left_us(uint64_t deadline_us)
{
    uint64_t now = dp_now_us();

    return deadline_us > now ? deadline_us - now : 0;
}

#endif /* DP_DEADLINE_H */
