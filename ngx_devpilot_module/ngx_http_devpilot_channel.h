/*
 * The channels: this nginx process's connections to the workers.
 *
 * One channel per configured endpoint, driven by nginx's event loop, speaking
 * ZMTP 3 (dp_zmtp.h) and carrying messages of dp_wire.h.  A stage asks with an
 * exchange: one message there, one back.  Whatever becomes of it (a reply, the
 * deadline, a lost worker), its handler is called exactly once, unless the
 * exchange is cancelled first.  Nothing here blocks, and an exchange costs no
 * allocation.  Requests, routes and errors' texts are unknown here.
 */

#ifndef NGX_HTTP_DEVPILOT_CHANNEL_H
#define NGX_HTTP_DEVPILOT_CHANNEL_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "dp_error.h"
#include "dp_wire.h"
#include "ngx_http_devpilot_pending.h"

typedef struct ngx_http_devpilot_channel_s ngx_http_devpilot_channel_t;

/* What happened in this process, for the metrics; they only grow. */
typedef struct {
    ngx_uint_t connects;     /* handshakes completed */
    ngx_uint_t losses;       /* established connections that broke */
    ngx_uint_t busy;         /* exchanges refused with NGX_BUSY */
    ngx_uint_t unavailable;  /* exchanges refused with NGX_DECLINED */
    ngx_uint_t timeouts;     /* exchanges that met their deadline */
    ngx_uint_t late_replies; /* replies that nobody waited for any more */
} ngx_http_devpilot_channel_counters_t;

/*
 * Called when a channel begins to connect: what it tells now goes ahead of all
 * else.  `index` counts channels in the order of their endpoints.
 */
typedef void (*ngx_http_devpilot_greet_pt)(ngx_http_devpilot_channel_t *channel,
                                           ngx_uint_t index);

/*
 * Called with the fields of a DP_WIRE_CONTROL.  NGX_ERROR: it is malformed, and
 * the channel is closed.
 */
typedef ngx_int_t (*ngx_http_devpilot_hear_pt)(ngx_uint_t index,
                                               dp_slice_t fields);

/*
 * All channels of one configuration cycle.  The directives fill the first
 * part, and whoever opens them says where to count (in shared memory, for the
 * metrics of all processes); the rest belongs to
 * ngx_http_devpilot_channels_open().
 */
typedef struct {
    ngx_array_t *endpoints;     /* of ngx_addr_t with AF_UNIX; NULL: none */
    ngx_msec_t   deadline;      /* of every exchange */
    ngx_uint_t   max_in_flight; /* exchanges per channel, up to 65,535 */
    size_t       max_reply;     /* bytes of a message from a worker */

    ngx_http_devpilot_greet_pt greet;
    ngx_http_devpilot_hear_pt  hear;

    ngx_http_devpilot_channel_counters_t *counters;
    ngx_uint_t                           *writes; /* see exchange.switches */
    ngx_uint_t                           *ready;  /* channels that are */

    ngx_http_devpilot_channel_t *channels;
    ngx_uint_t                   count;
} ngx_http_devpilot_channels_t;

/*
 * An exchange lives where its asker lives, normally in a request's context,
 * and must be cancelled before that memory goes (by a cleanup handler).
 *
 * The handler is called with DP_OK after `reply` was decoded; its slices are
 * valid during that call only.  Else the outcome is one of
 *
 *     WORKER_TIMEOUT      no reply by the deadline
 *     WORKER_UNAVAILABLE  the handshake failed: certainly not executed
 *     WORKER_RESTARTED    the connection broke, and `repeatable` is set
 *     WORKER_LOST         the connection broke, and it is not
 *     INTERNAL            the reply was malformed; its channel is closed
 *
 * The handler may free the exchange, and may send it or another one again.
 */
typedef struct ngx_http_devpilot_exchange_s ngx_http_devpilot_exchange_t;

typedef void (*ngx_http_devpilot_exchange_pt)(
    ngx_http_devpilot_exchange_t *exchange, dp_error_t outcome);

struct ngx_http_devpilot_exchange_s {
    ngx_http_devpilot_exchange_pt handler;
    void                         *data;
    const dp_wire_spec_t         *reply_spec; /* the reply's kind must be its */
    void                         *reply;      /* that spec's struct */
    uint32_t                      switches; /* DP_KILL_* of a write, or 0 */
    unsigned                      repeatable:1;

    /* private */
    ngx_http_devpilot_slot_t     *slot; /* NULL: not under way */
    uint64_t                      sent_us;
};

/*
 * Makes the channels and starts to connect; called in init_process.  Memory
 * comes from the cycle's pool.  Without endpoints it does nothing, and every
 * exchange is declined.
 */
ngx_int_t ngx_http_devpilot_channels_open(ngx_http_devpilot_channels_t *channels,
                                          ngx_cycle_t *cycle);

/* Closes all connections, calling no handler; called in exit_process. */
void ngx_http_devpilot_channels_close(ngx_http_devpilot_channels_t *channels);

/* Channels whose worker answers now. */
ngx_uint_t ngx_http_devpilot_channels_ready(
    const ngx_http_devpilot_channels_t *channels);

/* Whether the worker of that channel answers now. */
ngx_uint_t ngx_http_devpilot_channel_ready(
    const ngx_http_devpilot_channels_t *channels, ngx_uint_t index);

/* "ready", "connecting" or "down"; and what is under way there. */
const char *ngx_http_devpilot_channel_state_name(
    const ngx_http_devpilot_channels_t *channels, ngx_uint_t index);
ngx_uint_t ngx_http_devpilot_channel_in_flight(
    const ngx_http_devpilot_channels_t *channels, ngx_uint_t index);

/* Now plus the deadline, in microseconds since 1970, for a message's field. */
uint64_t ngx_http_devpilot_channels_deadline_us(
    const ngx_http_devpilot_channels_t *channels);

/*
 * Sends `message` over the ready channel with the least in flight; while none
 * is ready but one is in its handshake, the message waits for that.  The
 * message is copied, so it may go when this returns.
 *
 * NGX_OK        the handler will be called, but not before this returns
 * NGX_BUSY      too much in flight or unsent: WORKER_BUSY
 * NGX_DECLINED  no worker: WORKER_UNAVAILABLE
 * NGX_ERROR     no memory: INTERNAL
 */
ngx_int_t ngx_http_devpilot_exchange_send(ngx_http_devpilot_channels_t *channels,
    ngx_http_devpilot_exchange_t *exchange, const dp_wire_spec_t *spec,
    const void *message);

/*
 * The same over one channel, whatever the others do.  NGX_DECLINED: its worker
 * is not there.
 */
ngx_int_t ngx_http_devpilot_channel_ask(ngx_http_devpilot_channels_t *channels,
    ngx_uint_t index, ngx_http_devpilot_exchange_t *exchange,
    const dp_wire_spec_t *spec, const void *message);

/*
 * Sends what wants no reply, over a connected channel or over all that are
 * ready.  One that takes no more is left out.
 */
void ngx_http_devpilot_channel_tell(ngx_http_devpilot_channel_t *channel,
    const dp_wire_spec_t *spec, const void *message);
void ngx_http_devpilot_channels_tell(ngx_http_devpilot_channels_t *channels,
    const dp_wire_spec_t *spec, const void *message);

/* Microseconds since the exchange was sent: in its handler, what it took. */
uint64_t ngx_http_devpilot_exchange_age_us(
    const ngx_http_devpilot_exchange_t *exchange);

/*
 * Forgets the exchange: its handler will not be called.  Its place among those
 * in flight is kept until the reply or the deadline, as the worker still works
 * on it.  Harmless for one that is not under way.
 */
void ngx_http_devpilot_exchange_cancel(ngx_http_devpilot_exchange_t *exchange);

#endif /* NGX_HTTP_DEVPILOT_CHANNEL_H */
