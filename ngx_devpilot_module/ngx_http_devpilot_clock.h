/*
 * The two clocks of the edge.
 *
 * The wall clock is nginx's, of the turn of the event loop and good to the
 * millisecond; the monotonic one is the system's, of this very moment.
 */

#ifndef NGX_HTTP_DEVPILOT_CLOCK_H
#define NGX_HTTP_DEVPILOT_CLOCK_H

#include <ngx_config.h>
#include <ngx_core.h>

/* Since 1970. */
static inline uint64_t
ngx_http_devpilot_wall_us(void)
{
    const ngx_time_t *now = ngx_timeofday();

    return (uint64_t) now->sec * 1000000 + (uint64_t) now->msec * 1000;
}

/* CLOCK_MONOTONIC: the same for all processes of the machine. */
static inline uint64_t
ngx_http_devpilot_monotonic_ns(void)
{
    struct timespec now;

    (void) clock_gettime(CLOCK_MONOTONIC, &now);

    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

static inline uint64_t
ngx_http_devpilot_monotonic_us(void)
{
    return ngx_http_devpilot_monotonic_ns() / 1000;
}

#endif /* NGX_HTTP_DEVPILOT_CLOCK_H */
