/*
 * The exchanges that await a reply on one channel.
 *
 * A fixed table of slots.  A correlation is generation << 32 | slot, so a reply
 * that comes after its slot was given to somebody else finds nobody.  All
 * exchanges have the same deadline, so the order of sending is the order of
 * expiry: one list and one timer serve them all.  The timer keeps an exiting
 * nginx process alive for as long as somebody waits.
 */

#ifndef NGX_HTTP_DEVPILOT_PENDING_H
#define NGX_HTTP_DEVPILOT_PENDING_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

typedef struct ngx_http_devpilot_pending_s ngx_http_devpilot_pending_t;

struct ngx_http_devpilot_exchange_s;

typedef struct {
    ngx_queue_t                          queue; /* of `waiting` or `free` */
    ngx_http_devpilot_pending_t         *pending;
    struct ngx_http_devpilot_exchange_s *exchange; /* NULL: cancelled */
    ngx_msec_t                           expires;
    uint32_t                             generation; /* odd while in use */
    uint32_t                             switches; /* of its exchange */
} ngx_http_devpilot_slot_t;

/* Members are private; `count` may be read, `writes` is set by the owner. */
struct ngx_http_devpilot_pending_s {
    ngx_http_devpilot_slot_t *slots;
    ngx_uint_t                slot_count;
    ngx_uint_t                count;   /* slots in use */
    ngx_uint_t                waited;  /* of these, not cancelled */
    ngx_queue_t               waiting; /* by expiry */
    ngx_queue_t               free;
    ngx_msec_t                deadline;
    ngx_event_t               timer;
    ngx_uint_t               *timeouts; /* counter */
    ngx_uint_t               *writes;   /* gauges, by kill switch's bit */
};

/*
 * Makes a table of `slots` slots whose exchanges end with WORKER_TIMEOUT after
 * `deadline`; `timeouts` counts those.
 */
ngx_int_t ngx_http_devpilot_pending_init(ngx_http_devpilot_pending_t *pending,
    ngx_cycle_t *cycle, ngx_uint_t slots, ngx_msec_t deadline,
    ngx_uint_t *timeouts);

/* Takes a slot.  Returns the correlation; 0 when all slots are in use. */
uint64_t ngx_http_devpilot_pending_add(ngx_http_devpilot_pending_t *pending,
    struct ngx_http_devpilot_exchange_s *exchange);

/*
 * Gives back the slot of that correlation and returns its exchange; NULL when
 * nobody waits for it any more.
 */
struct ngx_http_devpilot_exchange_s *ngx_http_devpilot_pending_take(
    ngx_http_devpilot_pending_t *pending, uint64_t correlation);

/* The slot's exchange is not waited for any more; the slot stays in use. */
void ngx_http_devpilot_pending_cancel(ngx_http_devpilot_slot_t *slot);

/* Ends all exchanges; `sent`: their messages may have reached the worker. */
void ngx_http_devpilot_pending_fail(ngx_http_devpilot_pending_t *pending,
                                    ngx_uint_t sent);

#endif /* NGX_HTTP_DEVPILOT_PENDING_H */
