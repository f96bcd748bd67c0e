/*
 * The three states and what moves a breaker between them.
 */

#include "breaker.h"

static const char *const state_names[] = {
    [DP_BREAKER_CLOSED] = "closed",
    [DP_BREAKER_OPEN] = "open",
    [DP_BREAKER_HALF_OPEN] = "half_open",
};

const char *
dp_breaker_state_name(dp_breaker_state_t state)
{
    return state_names[state];
}

dp_breaker_state_t
dp_breaker_state_find(dp_slice_t name)
{
    for (unsigned i = DP_BREAKER_OPEN; i <= DP_BREAKER_HALF_OPEN; i++) {
        if (dp_slice_equal(name, dp_slice_text(state_names[i]))) {
            return (dp_breaker_state_t) i;
        }
    }

    return DP_BREAKER_CLOSED;
}

static void
open_at(dp_breaker_t *breaker, uint64_t at_us)
{
    if (breaker->state == DP_BREAKER_CLOSED) {
        breaker->since_us = at_us;
    }

    breaker->state = DP_BREAKER_OPEN;
    breaker->opened_us = at_us;
    breaker->probe_until_us = 0;
    memset(breaker->probe_owner, 0, DP_BREAKER_OWNER_SIZE);
}

static dp_breaker_verdict_t
open_ask(dp_breaker_t *breaker, uint64_t now_us, const uint8_t *owner,
         uint64_t *wait_us)
{
    uint64_t due_us = breaker->opened_us + DP_BREAKER_COOLDOWN_US;

    if (now_us < due_us) {
        *wait_us = due_us - now_us;
        return DP_BREAKER_REFUSE;
    }

    breaker->state = DP_BREAKER_HALF_OPEN;
    breaker->probe_until_us = now_us + DP_BREAKER_PROBE_US;
    memcpy(breaker->probe_owner, owner, DP_BREAKER_OWNER_SIZE);

    return DP_BREAKER_PROBE;
}

static dp_breaker_verdict_t
half_open_ask(dp_breaker_t *breaker, uint64_t now_us, uint64_t *wait_us)
{
    if (now_us < breaker->probe_until_us) {
        *wait_us = breaker->probe_until_us - now_us;
        return DP_BREAKER_REFUSE;
    }

    /* nobody heard of the probe again: it failed when its lease ended */
    open_at(breaker, breaker->probe_until_us);

    return DP_BREAKER_AGAIN;
}

dp_breaker_verdict_t
dp_breaker_ask(dp_breaker_t *breaker, uint64_t now_us, const uint8_t *owner,
               uint64_t *wait_us)
{
    switch (breaker->state) {
    case DP_BREAKER_OPEN:
        return open_ask(breaker, now_us, owner, wait_us);
    case DP_BREAKER_HALF_OPEN:
        return half_open_ask(breaker, now_us, wait_us);
    default:
        return DP_BREAKER_PASS;
    }
}

/* The probe that the breaker waits for, not one whose lease was over. */
static bool
is_probe(const dp_breaker_t *breaker, const uint8_t *owner)
{
    return breaker->state == DP_BREAKER_HALF_OPEN
           && memcmp(breaker->probe_owner, owner, DP_BREAKER_OWNER_SIZE) == 0;
}

bool
dp_breaker_succeeded(dp_breaker_t *breaker, const uint8_t *owner, bool probing)
{
    if (!probing || !is_probe(breaker, owner)) {
        return false;
    }

    *breaker = (dp_breaker_t) {.state = DP_BREAKER_CLOSED};

    return true;
}

static void
failure_add(dp_breaker_t *breaker, uint64_t now_us)
{
    if (breaker->count == DP_BREAKER_FAILURES) {
        memmove(breaker->failures, breaker->failures + 1,
                sizeof(breaker->failures) - sizeof(breaker->failures[0]));
        breaker->count--;
    }

    breaker->failures[breaker->count++] = now_us;
}

bool
dp_breaker_failed(dp_breaker_t *breaker, uint64_t now_us, const uint8_t *owner,
                  bool probing)
{
    if (probing && is_probe(breaker, owner)) {
        failure_add(breaker, now_us);
        open_at(breaker, now_us);
        return true;
    }

    /* a call that was under way when it opened says nothing new */
    if (breaker->state != DP_BREAKER_CLOSED) {
        return false;
    }

    failure_add(breaker, now_us);

    if (breaker->count == DP_BREAKER_FAILURES
        && now_us - breaker->failures[0] <= DP_BREAKER_WINDOW_US) {
        open_at(breaker, now_us);
    }

    return true;
}
