/*
 * The life of a channel: connect, shake hands, stay in touch, lose the
 * connection, wait, connect again.  See ngx_http_devpilot_channel.h.
 *
 * state_change() is the only function that changes the state, and with it
 * the meaning of the channel's one timer.  That timer is cancelable: a channel
 * never keeps an exiting nginx process alive, only somebody who waits does.
 *
 * A worker that is killed closes its socket, and we know at once.  One that
 * hangs does not: a PING each second of silence finds it out, after more
 * seconds than the default deadline, so that its exchanges meet their deadline
 * first, while later ones are refused at once instead of waiting.
 */

#include "ngx_http_devpilot_channel_private.h"

#include <ngx_event_connect.h>

#define HANDSHAKE_LIMIT 250 /* ms */
#define BACKOFF_MIN 20      /* ms */
#define BACKOFF_MAX 500     /* ms: a worker that returns is used in a second */
#define BEAT 1000           /* ms */
#define SILENT_BEATS_MAX 10

static void channel_connect(ngx_http_devpilot_channel_t *channel);
static void channel_beat(ngx_http_devpilot_channel_t *channel);
static void handshake_overdue(ngx_http_devpilot_channel_t *channel);

typedef void (*timer_pt)(ngx_http_devpilot_channel_t *channel);

static const timer_pt timers[] = {
    [NGX_HTTP_DEVPILOT_CHANNEL_DOWN] = channel_connect,
    [NGX_HTTP_DEVPILOT_CHANNEL_HANDSHAKE] = handshake_overdue,
    [NGX_HTTP_DEVPILOT_CHANNEL_READY] = channel_beat,
};

static void
timer_fired(ngx_event_t *timer)
{
    ngx_http_devpilot_channel_t *channel = timer->data;

    timers[channel->state](channel);
}

/* The state's timer fires after `delay`. */
static void
state_change(ngx_http_devpilot_channel_t *channel,
             ngx_http_devpilot_channel_state_t state, ngx_msec_t delay)
{
    *channel->channels->ready +=
        (ngx_uint_t) (state == NGX_HTTP_DEVPILOT_CHANNEL_READY)
        - (channel->state == NGX_HTTP_DEVPILOT_CHANNEL_READY);
    channel->state = state;

    if (channel->timer.timer_set) {
        ngx_del_timer(&channel->timer);
    }

    ngx_add_timer(&channel->timer, delay);
}

/*
 * Doubles from try to try, until a connection has lasted for a beat; half of
 * it is random, so that no herd forms.
 */
static ngx_msec_t
backoff_next(ngx_http_devpilot_channel_t *channel)
{
    ngx_msec_t half = channel->backoff / 2;

    channel->backoff = ngx_min(2 * channel->backoff, BACKOFF_MAX);

    return half + (ngx_msec_t) ngx_random() % (half + 1);
}

static void
connection_close(ngx_http_devpilot_channel_t *channel)
{
    if (channel->connection != NULL) {
        ngx_close_connection(channel->connection);
        channel->connection = NULL;
    }

    ngx_http_devpilot_fifo_free(&channel->input);
    ngx_http_devpilot_fifo_free(&channel->output);
    channel->held = 0;
}

/* Says so once, not with every try. */
static void
loss_log(ngx_http_devpilot_channel_t *channel, const char *reason,
         ngx_err_t err)
{
    if (!channel->failing) {
        channel->failing = 1;
        ngx_log_error(NGX_LOG_ERR, channel->log, err,
                      "devpilot worker %V: %s, %ui in flight",
                      &channel->addr->name, reason, channel->pending.count);
    }
}

void
ngx_http_devpilot_channel_lost(ngx_http_devpilot_channel_t *channel,
                               const char *reason)
{
    ngx_uint_t was_ready = channel->state == NGX_HTTP_DEVPILOT_CHANNEL_READY;

    loss_log(channel, reason, 0);

    channel->channels->counters->losses += was_ready;
    channel->stalled =
        channel->state == NGX_HTTP_DEVPILOT_CHANNEL_HANDSHAKE;

    connection_close(channel);
    state_change(channel, NGX_HTTP_DEVPILOT_CHANNEL_DOWN,
                 backoff_next(channel));

    ngx_http_devpilot_pending_fail(&channel->pending, was_ready);
}

/*
 * NULL, with the reason in ngx_errno.  nginx would log a socket that is not
 * there yet as critical, with every try: loss_log() says it instead.
 */
static ngx_connection_t *
connection_open(ngx_http_devpilot_channel_t *channel)
{
    ngx_log_t             silence = {.log_level = 0};
    ngx_connection_t     *c;
    ngx_peer_connection_t peer = {
        .sockaddr = channel->addr->sockaddr,
        .socklen = channel->addr->socklen,
        .name = &channel->addr->name,
        .get = ngx_event_get_peer,
        .log = &silence,
        .log_error = NGX_ERROR_ERR,
    };

    if (ngx_event_connect_peer(&peer) != NGX_OK) {
        if (peer.connection != NULL) {
            ngx_close_connection(peer.connection);
        }
        return NULL;
    }

    c = peer.connection;
    c->log = channel->log;
    c->read->log = channel->log;
    c->write->log = channel->log;
    c->read->handler = ngx_http_devpilot_channel_read;
    c->write->handler = ngx_http_devpilot_channel_write;
    c->data = channel;

    return c;
}

static void
channel_connect(ngx_http_devpilot_channel_t *channel)
{
    uint8_t     greeting[DP_ZMTP_GREETING_SIZE];
    dp_writer_t writer = dp_writer(greeting, sizeof(greeting));

    channel->connection = connection_open(channel);
    if (channel->connection == NULL) {
        loss_log(channel, "cannot connect", ngx_errno);
        ngx_http_devpilot_channel_lost(channel, "cannot connect");
        return;
    }

    dp_zmtp_init(&channel->zmtp, channel->channels->max_reply);
    channel->input_wanted = 0;
    state_change(channel, NGX_HTTP_DEVPILOT_CHANNEL_HANDSHAKE,
                 HANDSHAKE_LIMIT);

    channel->channels->greet(channel, ngx_http_devpilot_channel_index(channel));
    dp_zmtp_write_greeting(&writer);

    if (ngx_http_devpilot_channel_send_now(channel, dp_written(&writer))
        != NGX_OK)
    {
        ngx_http_devpilot_channel_lost(channel, "cannot send its greeting");
    }
}

static void
handshake_overdue(ngx_http_devpilot_channel_t *channel)
{
    ngx_http_devpilot_channel_lost(channel, "no handshake in time");
}

void
ngx_http_devpilot_channel_established(ngx_http_devpilot_channel_t *channel)
{
    ngx_log_error(NGX_LOG_NOTICE, channel->log, 0,
                  "devpilot worker %V: connected", &channel->addr->name);

    channel->channels->counters->connects++;
    channel->failing = 0;
    channel->stalled = 0;
    channel->silent_beats = 0;
    state_change(channel, NGX_HTTP_DEVPILOT_CHANNEL_READY, BEAT);

    ngx_http_devpilot_channel_output_ready(channel);
}

static void
ping_send(ngx_http_devpilot_channel_t *channel)
{
    dp_writer_t writer;

    if (ngx_http_devpilot_channel_output_reserve(channel, DP_ZMTP_PING_SIZE)
        != NGX_OK)
    {
        return; /* bytes that wait to be sent do the same service */
    }

    writer = dp_writer(channel->output.last, DP_ZMTP_PING_SIZE);
    dp_zmtp_write_ping(&writer, 0, dp_slice(NULL, 0));
    channel->output.last = writer.pos;

    ngx_http_devpilot_channel_output_ready(channel);
}

static void
channel_beat(ngx_http_devpilot_channel_t *channel)
{
    if (channel->silent_beats == SILENT_BEATS_MAX) {
        ngx_http_devpilot_channel_lost(channel, "silent for too long");
        return;
    }

    channel->backoff = BACKOFF_MIN;

    if (dp_zmtp_heartbeats(&channel->zmtp)) {
        if (channel->silent_beats != 0) {
            ping_send(channel);
        }

        channel->silent_beats++;
    }

    ngx_add_timer(&channel->timer, BEAT);
}

static ngx_int_t
channel_init(ngx_http_devpilot_channel_t *channel,
             ngx_http_devpilot_channels_t *channels, ngx_cycle_t *cycle)
{
    channel->channels = channels;
    channel->log = cycle->log;
    channel->backoff = BACKOFF_MIN;
    channel->pending.writes = channels->writes;

    channel->timer.handler = timer_fired;
    channel->timer.data = channel;
    channel->timer.log = cycle->log;
    channel->timer.cancelable = 1;

    return ngx_http_devpilot_pending_init(&channel->pending, cycle,
                                          channels->max_in_flight,
                                          channels->deadline,
                                          &channels->counters->timeouts);
}

ngx_int_t
ngx_http_devpilot_channels_open(ngx_http_devpilot_channels_t *channels,
                                ngx_cycle_t *cycle)
{
    ngx_addr_t *endpoints;
    ngx_uint_t  count;

    if (channels->endpoints == NULL) {
        return NGX_OK;
    }

    endpoints = channels->endpoints->elts;
    count = channels->endpoints->nelts;

    channels->channels = ngx_pcalloc(cycle->pool,
                                     count * sizeof(*channels->channels));
    if (channels->channels == NULL) {
        return NGX_ERROR;
    }

    for (channels->count = 0; channels->count < count; channels->count++) {
        ngx_http_devpilot_channel_t *channel =
            &channels->channels[channels->count];

        channel->addr = &endpoints[channels->count];

        if (channel_init(channel, channels, cycle) != NGX_OK) {
            return NGX_ERROR;
        }

        channel_connect(channel);
    }

    return NGX_OK;
}

void
ngx_http_devpilot_channels_close(ngx_http_devpilot_channels_t *channels)
{
    for (ngx_uint_t i = 0; i < channels->count; i++) {
        connection_close(&channels->channels[i]);
    }
}
