/*
 * Rates of token buckets, as configuration and plans name them.
 */

#ifndef DP_RATE_H
#define DP_RATE_H

#include <stdint.h>

/* Tokens: how many at once, and how many come back each minute. */
typedef struct {
    uint32_t burst;
    uint32_t per_minute;
} dp_rate_t;

/* What a plan grants; a rate of 0 leaves the configured one in force. */
typedef struct {
    dp_rate_t user;
    dp_rate_t project;
} dp_plan_rates_t;

#endif /* DP_RATE_H */
