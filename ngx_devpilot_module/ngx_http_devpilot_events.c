/*
 * Raising events, and shipping them to a worker.
 *
 * One process ships at a time, by a lease that it gives back when nothing is
 * left, and that ends by itself when the process does.  Two that ship the same
 * do no harm: a worker stores an event once.  Whoever raises an event ships, if
 * he gets the lease; else the one who has it looks again before he gives it back.
 * What is left in between, or could not be delivered, is found by a timer, which
 * is cancelable: it keeps no exiting process alive.
 */

#include <openssl/rand.h>

#include "dp_id.h"
#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_events.h"
#include "ngx_http_devpilot_zone.h"

#define PERIOD_MS 1000
#define BATCH 32
#define LENGTH_SIZE 2 /* of a record's length in a message */

/* A lease in one word; Linux's process ids have 22 bits. */
#define PID_BITS 22
#define PID_MASK ((UINT64_C(1) << PID_BITS) - 1)
#define LEASE_MS 3000

static struct {
    ngx_http_devpilot_events_conf_t  *conf;
    ngx_http_devpilot_channels_t     *channels;
    const ngx_str_t                  *instance;
    ngx_http_devpilot_events_state_t *state;
    dp_ring_t                        *ring;
    uint64_t                          seen; /* changes, when nothing was left */
    ngx_http_devpilot_exchange_t      exchange;
    dp_wire_events_stored_t           reply;
    dp_ring_ticket_t                  tickets[BATCH];
    size_t                            count;
    ngx_event_t                       timer;
    unsigned                          asking:1;
} events;

static void
count(uint64_t *counter)
{
    (void) __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* --- raising ---------------------------------------------------------------- */

ngx_uint_t
ngx_http_devpilot_events_full(void)
{
    return __atomic_load_n(&events.state->full, __ATOMIC_RELAXED) != 0;
}

static void
event_drop(void)
{
    count(&events.state->dropped);

    if (__atomic_exchange_n(&events.state->full, 1, __ATOMIC_RELAXED) == 0) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "devpilot: no room for events: they are dropped, and "
                      "only blocks are decided, until a worker stores some");
    }
}

/* NGX_ERROR: it has no id, and so cannot be told from others. */
static ngx_int_t
event_name(dp_abuse_event_t *event)
{
    if (event->at_us == 0) {
        event->at_us = ngx_http_devpilot_wall_us();
    }

    if (RAND_bytes(event->id, DP_ID_SIZE) != 1) {
        return NGX_ERROR;
    }

    dp_id_from_random(event->id);

    return NGX_OK;
}

static ngx_uint_t
event_put(const dp_abuse_event_t *event)
{
    uint8_t    record[DP_RING_RECORD_MAX];
    ngx_uint_t block = event->kind == DP_EVENT_ESCALATED
                       && event->to == DP_ABUSE_BLOCK;
    uint64_t   limit =
        block ? ngx_http_devpilot_events_slots(events.conf)
              : ngx_http_devpilot_events_slots_ordinary(events.conf);
    size_t     size = dp_wire_encode(&dp_wire_event, DP_WIRE_UNASKED, event,
                                     record, sizeof(record));

    return dp_ring_put(events.ring, limit, (uint32_t) ngx_pid,
                       dp_slice(record, size));
}

/* --- whose turn it is ------------------------------------------------------- */

static ngx_uint_t
lease_free(uint64_t lease)
{
    ngx_msec_int_t left = (ngx_msec_int_t) (lease >> PID_BITS)
                          - (ngx_msec_int_t) ngx_current_msec;
    uint32_t       pid = (uint32_t) (lease & PID_MASK);

    /* one from before the machine was started again lasts too long */
    return left <= 0 || left > LEASE_MS || pid == (uint32_t) ngx_pid
           || !ngx_http_devpilot_process_lives(pid);
}

static ngx_uint_t
lease_take(void)
{
    uint64_t lease = __atomic_load_n(&events.state->lease, __ATOMIC_ACQUIRE);
    uint64_t mine = (uint64_t) (ngx_current_msec + LEASE_MS) << PID_BITS
                    | (uint64_t) ngx_pid;

    return lease_free(lease)
           && __atomic_compare_exchange_n(&events.state->lease, &lease, mine, 0,
                                          __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static void
lease_give(void)
{
    uint64_t lease = __atomic_load_n(&events.state->lease, __ATOMIC_ACQUIRE);

    if ((lease & PID_MASK) == (uint64_t) ngx_pid) {
        (void) __atomic_compare_exchange_n(&events.state->lease, &lease, 0, 0,
                                           __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    }
}

/* --- shipping --------------------------------------------------------------- */

/* The oldest records, each behind its length; what is torn goes at once. */
static dp_slice_t
batch_gather(u_char *buffer, size_t size)
{
    size_t           found;
    dp_writer_t      list = dp_writer(buffer, size);
    uint8_t          record[DP_RING_RECORD_MAX];
    dp_ring_ticket_t tickets[BATCH];

    found = dp_ring_oldest(events.ring, tickets, BATCH);
    events.count = 0;

    for (size_t i = 0; i < found; i++) {
        size_t length = dp_ring_read(events.ring, tickets[i], record);

        if (length == 0) {
            count(&events.state->torn);
            dp_ring_remove(events.ring, tickets[i]);
            continue;
        }

        dp_write_u16(&list, (uint16_t) length);
        dp_write_bytes(&list, dp_slice(record, length));
        events.tickets[events.count++] = tickets[i];
    }

    return dp_written(&list);
}

static ngx_int_t
batch_send(dp_slice_t list)
{
    const dp_wire_events_t message = {
        .instance = dp_slice(events.instance->data, events.instance->len),
        .deadline_us = ngx_http_devpilot_channels_deadline_us(events.channels),
        .events = list,
    };

    return ngx_http_devpilot_exchange_send(events.channels, &events.exchange,
                                           &dp_wire_events, &message);
}

/*
 * Without a file an exiting process ships as long as something is left; with
 * one it leaves that to the others, or to the next nginx.
 */
static ngx_uint_t
may_ship(void)
{
    return !events.asking && dp_ring_changes(events.ring) != events.seen
           && ngx_http_devpilot_channels_ready(events.channels) != 0
           && !(ngx_exiting && ngx_http_devpilot_spool_used()) && lease_take();
}

static void
events_ship(void)
{
    u_char buffer[BATCH * (LENGTH_SIZE + DP_RING_RECORD_MAX)];

    while (may_ship()) {
        uint64_t   changes = dp_ring_changes(events.ring);
        dp_slice_t list = batch_gather(buffer, sizeof(buffer));

        if (events.count != 0) {
            events.asking = batch_send(list) == NGX_OK;
            return;
        }

        events.seen = changes;
        lease_give();
    }
}

void
ngx_http_devpilot_event_raise(const dp_abuse_event_t *event)
{
    dp_abuse_event_t named = *event;

    count(&events.state->raised);

    if (events.channels->endpoints == NULL) {
        return;
    }

    if (event_name(&named) != NGX_OK) {
        count(&events.state->dropped);
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "devpilot: no random bytes for an event: it is dropped");
        return;
    }

    if (!event_put(&named)) {
        event_drop();
        return;
    }

    ngx_http_devpilot_spool_write();
    events_ship();
}

static ngx_uint_t
batch_stored(dp_error_t outcome)
{
    return outcome == DP_OK && events.reply.code.len == 0;
}

/* What is not stored is tried again by the timer. */
static void
events_answered(ngx_http_devpilot_exchange_t *exchange, dp_error_t outcome)
{
    events.asking = 0;

    if (!batch_stored(outcome)) {
        return;
    }

    for (size_t i = 0; i < events.count; i++) {
        dp_ring_remove(events.ring, events.tickets[i]);
        count(&events.state->stored);
    }

    ngx_http_devpilot_spool_write();
    events_ship();
}

/* --- from time to time ------------------------------------------------------ */

/* Half of it has to be free, so that the state does not flutter. */
static void
room_look(void)
{
    uint64_t slots = ngx_http_devpilot_events_slots_ordinary(events.conf);

    if (ngx_http_devpilot_events_full()
        && dp_ring_used(events.ring) <= slots / 2
        && __atomic_exchange_n(&events.state->full, 0, __ATOMIC_RELAXED) == 1)
    {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "devpilot: there is room for events again");
    }
}

static void
timer_fired(ngx_event_t *timer)
{
    if (events.asking) {
        (void) lease_take();
    }

    room_look();
    ngx_http_devpilot_spool_write();
    events_ship();
    ngx_add_timer(timer, PERIOD_MS);
}

ngx_int_t
ngx_http_devpilot_events_open(ngx_http_devpilot_events_conf_t *conf,
                              ngx_http_devpilot_channels_t *channels,
                              const ngx_str_t *instance, ngx_cycle_t *cycle)
{
    static ngx_connection_t none = {.fd = (ngx_socket_t) -1};

    events.conf = conf;
    events.channels = channels;
    events.instance = instance;
    events.state = ngx_http_devpilot_events_state(conf);
    events.ring = ngx_http_devpilot_events_ring(conf);
    events.seen = UINT64_MAX;
    events.exchange.handler = events_answered;
    events.exchange.reply_spec = &dp_wire_events_stored;
    events.exchange.reply = &events.reply;
    events.exchange.repeatable = 1;

    /* claims of those who were killed; their next ones come by here */
    dp_ring_reclaim(events.ring, ngx_http_devpilot_process_lives);

    events.timer.handler = timer_fired;
    events.timer.log = cycle->log;
    events.timer.data = &none; /* nginx's debug log asks it for a fd */
    events.timer.cancelable = 1;
    ngx_add_timer(&events.timer, PERIOD_MS);

    return ngx_http_devpilot_spool_open(conf, cycle);
}
