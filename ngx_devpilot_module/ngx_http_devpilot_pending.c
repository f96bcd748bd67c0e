/*
 * The table of exchanges that await a reply: slots, their order of expiry, and
 * the one timer.  See ngx_http_devpilot_pending.h.
 *
 * A generation grows when its slot is taken and when it is given back, so it
 * is odd exactly while the slot is in use.  The timer is not moved when the
 * oldest exchange ends early: it fires, finds nothing due and is set again,
 * at most once per deadline.
 */

#include "ngx_http_devpilot_channel.h"

/*
 * The message's deadline is by the precise clock, ours by the coarse one, which
 * may be as much behind.  A write is not given up before its worker must.
 */
#define CLOCK_TICK_MS 10

static void timer_fired(ngx_event_t *timer);

ngx_int_t
ngx_http_devpilot_pending_init(ngx_http_devpilot_pending_t *pending,
                               ngx_cycle_t *cycle, ngx_uint_t slots,
                               ngx_msec_t deadline, ngx_uint_t *timeouts)
{
    pending->slots = ngx_pcalloc(cycle->pool,
                                 slots * sizeof(ngx_http_devpilot_slot_t));
    if (pending->slots == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_init(&pending->waiting);
    ngx_queue_init(&pending->free);

    for (ngx_uint_t i = 0; i < slots; i++) {
        pending->slots[i].pending = pending;
        ngx_queue_insert_tail(&pending->free, &pending->slots[i].queue);
    }

    pending->slot_count = slots;
    pending->deadline = deadline;
    pending->timeouts = timeouts;

    pending->timer.handler = timer_fired;
    pending->timer.data = pending;
    pending->timer.log = cycle->log;
    pending->timer.cancelable = 1;

    return NGX_OK;
}

/* nginx exits when all timers that are left are cancelable. */
static void
waited_changed(ngx_http_devpilot_pending_t *pending)
{
    pending->timer.cancelable = pending->waited == 0;
}

/* By 1 or -1, for each of the switches. */
static void
writes_count(ngx_http_devpilot_pending_t *pending, uint32_t switches,
             ngx_int_t change)
{
    for ( ; switches != 0; switches &= switches - 1) {
        pending->writes[__builtin_ctz(switches)] += (ngx_uint_t) change;
    }
}

uint64_t
ngx_http_devpilot_pending_add(ngx_http_devpilot_pending_t *pending,
                              ngx_http_devpilot_exchange_t *exchange)
{
    ngx_queue_t              *head;
    ngx_http_devpilot_slot_t *slot;

    if (ngx_queue_empty(&pending->free)) {
        return 0;
    }

    head = ngx_queue_head(&pending->free);
    slot = ngx_queue_data(head, ngx_http_devpilot_slot_t, queue);

    ngx_queue_remove(head);
    ngx_queue_insert_tail(&pending->waiting, head);

    slot->generation++;
    slot->expires = ngx_current_msec + pending->deadline + CLOCK_TICK_MS;
    slot->exchange = exchange;
    slot->switches = exchange->switches;
    exchange->slot = slot;

    pending->count++;
    pending->waited++;
    waited_changed(pending);
    writes_count(pending, slot->switches, 1);

    if (!pending->timer.timer_set) {
        ngx_add_timer(&pending->timer, pending->deadline);
    }

    return (uint64_t) slot->generation << 32
           | (uint64_t) (slot - pending->slots);
}

void
ngx_http_devpilot_pending_cancel(ngx_http_devpilot_slot_t *slot)
{
    slot->exchange->slot = NULL;
    slot->exchange = NULL;

    slot->pending->waited--;
    waited_changed(slot->pending);
}

/* Gives the slot back; returns its exchange unless that was cancelled. */
static ngx_http_devpilot_exchange_t *
slot_release(ngx_http_devpilot_slot_t *slot)
{
    ngx_http_devpilot_pending_t  *pending = slot->pending;
    ngx_http_devpilot_exchange_t *exchange = slot->exchange;

    if (exchange != NULL) {
        ngx_http_devpilot_pending_cancel(slot);
    }

    slot->generation++;
    pending->count--;
    writes_count(pending, slot->switches, -1);

    ngx_queue_remove(&slot->queue);
    ngx_queue_insert_head(&pending->free, &slot->queue);

    return exchange;
}

ngx_http_devpilot_exchange_t *
ngx_http_devpilot_pending_take(ngx_http_devpilot_pending_t *pending,
                               uint64_t correlation)
{
    uint32_t                  index = (uint32_t) correlation;
    uint32_t                  generation = (uint32_t) (correlation >> 32);
    ngx_http_devpilot_slot_t *slot;

    if (index >= pending->slot_count) {
        return NULL;
    }

    slot = &pending->slots[index];

    if (slot->generation != generation || generation % 2 == 0) {
        return NULL;
    }

    return slot_release(slot);
}

static ngx_http_devpilot_slot_t *
slot_oldest(ngx_http_devpilot_pending_t *pending)
{
    if (ngx_queue_empty(&pending->waiting)) {
        return NULL;
    }

    return ngx_queue_data(ngx_queue_head(&pending->waiting),
                          ngx_http_devpilot_slot_t, queue);
}

/* Lost with its connection: what may the client do? */
static dp_error_t
loss(const ngx_http_devpilot_exchange_t *exchange, ngx_uint_t sent)
{
    if (!sent) {
        return DP_ERR_WORKER_UNAVAILABLE;
    }

    return exchange->repeatable ? DP_ERR_WORKER_RESTARTED : DP_ERR_WORKER_LOST;
}

void
ngx_http_devpilot_pending_fail(ngx_http_devpilot_pending_t *pending,
                               ngx_uint_t sent)
{
    ngx_http_devpilot_slot_t     *slot;
    ngx_http_devpilot_exchange_t *exchange;

    while ((slot = slot_oldest(pending)) != NULL) {
        exchange = slot_release(slot);

        if (exchange != NULL) {
            exchange->handler(exchange, loss(exchange, sent));
        }
    }
}

static void
timer_fired(ngx_event_t *timer)
{
    ngx_msec_int_t                left;
    ngx_http_devpilot_slot_t     *slot;
    ngx_http_devpilot_pending_t  *pending = timer->data;
    ngx_http_devpilot_exchange_t *exchange;

    while ((slot = slot_oldest(pending)) != NULL) {
        left = (ngx_msec_int_t) (slot->expires - ngx_current_msec);

        if (left > 0) {
            ngx_add_timer(timer, (ngx_msec_t) left);
            return;
        }

        exchange = slot_release(slot);

        if (exchange != NULL) {
            (*pending->timeouts)++;
            exchange->handler(exchange, DP_ERR_WORKER_TIMEOUT);
        }
    }
}
