/*
 * A channel from within: shared by the files that make it up, and by nobody
 * else.  _channel.c connects, keeps its state and watches its health;
 * _channel_io.c moves bytes and turns them into events; _exchange.c chooses a
 * channel for a message and encodes it.
 */

#ifndef NGX_HTTP_DEVPILOT_CHANNEL_PRIVATE_H
#define NGX_HTTP_DEVPILOT_CHANNEL_PRIVATE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "dp_zmtp.h"
#include "ngx_http_devpilot_channel.h"
#include "ngx_http_devpilot_fifo.h"

typedef enum {
    NGX_HTTP_DEVPILOT_CHANNEL_DOWN,      /* no connection; the timer connects */
    NGX_HTTP_DEVPILOT_CHANNEL_HANDSHAKE, /* the timer limits it */
    NGX_HTTP_DEVPILOT_CHANNEL_READY,     /* the timer beats */
} ngx_http_devpilot_channel_state_t;

struct ngx_http_devpilot_channel_s {
    ngx_http_devpilot_channels_t     *channels;
    ngx_addr_t                       *addr;
    ngx_log_t                        *log;
    ngx_connection_t                 *connection; /* NULL when DOWN */
    ngx_http_devpilot_channel_state_t state;
    ngx_event_t                       timer; /* what for, the state says */
    ngx_msec_t                        backoff;
    ngx_uint_t                        silent_beats; /* since bytes came in */
    unsigned                          failing:1; /* and that has been logged */
    unsigned                          stalled:1; /* in its last handshake */
    dp_zmtp_t                         zmtp;
    ngx_http_devpilot_fifo_t          input;
    size_t                            input_wanted; /* bytes of a begun frame */
    ngx_http_devpilot_fifo_t          output; /* of READY, or for it */
    size_t                            held;   /* bytes of it: wait for more */
    ngx_http_devpilot_pending_t       pending;
};

static inline ngx_uint_t
ngx_http_devpilot_channel_index(const ngx_http_devpilot_channel_t *channel)
{
    return (ngx_uint_t) (channel - channel->channels->channels);
}

/* ngx_http_devpilot_channel.c */

/* The handshake is complete. */
void ngx_http_devpilot_channel_established(ngx_http_devpilot_channel_t *channel);

/*
 * Closes the connection, ends the exchanges and connects again later.  The
 * reason is for the log.  Nothing of the connection may be touched after it.
 */
void ngx_http_devpilot_channel_lost(ngx_http_devpilot_channel_t *channel,
                                    const char *reason);

/* ngx_http_devpilot_channel_io.c */

/* Handlers of the connection's events. */
void ngx_http_devpilot_channel_read(ngx_event_t *rev);
void ngx_http_devpilot_channel_write(ngx_event_t *wev);

/*
 * Sends at once, past the output: for the handshake, whose few bytes a new
 * socket always takes.
 */
ngx_int_t ngx_http_devpilot_channel_send_now(
    ngx_http_devpilot_channel_t *channel, dp_slice_t bytes);

/*
 * Room for `size` bytes at the end of the output, within its bound; the caller
 * moves output.last and then calls ngx_http_devpilot_channel_output_ready().
 * NGX_BUSY: beyond the bound; NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_devpilot_channel_output_reserve(
    ngx_http_devpilot_channel_t *channel, size_t size);

/*
 * Has the output written at the end of this turn of the event loop, or of one
 * of those that follow at once.
 */
void ngx_http_devpilot_channel_output_ready(
    ngx_http_devpilot_channel_t *channel);

#endif /* NGX_HTTP_DEVPILOT_CHANNEL_PRIVATE_H */
