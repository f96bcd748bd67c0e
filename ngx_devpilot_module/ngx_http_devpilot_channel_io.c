/*
 * A channel's bytes: reading with a cap per turn, writing what was queued,
 * and what each ZMTP event means.  See ngx_http_devpilot_channel_private.h.
 *
 * Messages leave with one send(): those of one turn of the event loop, and of
 * the turns that follow it at once and bring more.  Replies are decoded where
 * they were received and handed to their askers; their slices are gone when
 * the handler returns.
 */

#include "ngx_http_devpilot_channel_private.h"

#define READ_SIZE (64 * 1024)
#define READS_PER_TURN 16 /* then others have their turn */

/*
 * Unsent bytes of a channel; a worker that does not read fast enough is busy.
 * One message always fits.
 */
#define OUTPUT_MAX (32 * 1024 * 1024)
#define OUTPUT_LARGE (256 * 1024)
#define OUTPUT_HELD_MAX (64 * 1024)

ngx_int_t
ngx_http_devpilot_channel_send_now(ngx_http_devpilot_channel_t *channel,
                                   dp_slice_t bytes)
{
    ngx_connection_t *c = channel->connection;
    ssize_t           sent = c->send(c, (u_char *) bytes.data, bytes.len);

    return sent == (ssize_t) bytes.len ? NGX_OK : NGX_ERROR;
}

void
ngx_http_devpilot_channel_output_ready(ngx_http_devpilot_channel_t *channel)
{
    ngx_event_t *wev = channel->connection->write;

    if (wev->ready && !wev->posted) {
        ngx_post_event(wev, &ngx_posted_events);
    }
}

/*
 * Asks for an event when the socket takes bytes again only while some are
 * left: otherwise each message that the peer reads would wake us for nothing.
 */
static ngx_int_t
writable_watch(ngx_event_t *wev, ngx_uint_t wanted)
{
    if (wanted) {
        return ngx_handle_write_event(wev, 0);
    }

    wev->ready = 1; /* a send() that took less before has unset it */

    return wev->active ? ngx_del_event(wev, NGX_WRITE_EVENT, NGX_CLEAR_EVENT)
                       : NGX_OK;
}

/* Sends until nothing is left or the socket takes no more. */
static ngx_int_t
output_send(ngx_connection_t *c, ngx_http_devpilot_fifo_t *output)
{
    ssize_t sent;
    size_t  left;

    while ((left = ngx_http_devpilot_fifo_length(output)) != 0) {
        sent = c->send(c, output->pos, left);

        if (sent == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (sent == NGX_AGAIN) {
            break;
        }

        ngx_http_devpilot_fifo_take(output, (size_t) sent);
    }

    return writable_watch(c->write, left != 0);
}

/*
 * With large messages one send() per turn is not enough: the turn may be long,
 * as reading the clients' bodies is a part of it, and a socket takes little at
 * a time.  A failure shows again when the turn ends.
 */
ngx_int_t
ngx_http_devpilot_channel_output_reserve(ngx_http_devpilot_channel_t *channel,
                                         size_t size)
{
    size_t                    queued;
    ngx_http_devpilot_fifo_t *output = &channel->output;

    if (ngx_http_devpilot_fifo_length(output) > OUTPUT_LARGE
        && channel->state == NGX_HTTP_DEVPILOT_CHANNEL_READY)
    {
        (void) output_send(channel->connection, output);
    }

    queued = ngx_http_devpilot_fifo_length(output);

    if (queued != 0 && queued + size > OUTPUT_MAX) {
        return NGX_BUSY;
    }

    return ngx_http_devpilot_fifo_reserve(output, size, channel->log);
}

/*
 * To wake the worker costs more than to send a message, much more in a virtual
 * machine.  So unless it is the only one under way, a message waits for those
 * that clients have already sent: for another turn of the event loop, which
 * looks for events but does not sleep, and again while each turn brings more.
 */
static ngx_uint_t
output_grows(ngx_http_devpilot_channel_t *channel)
{
    size_t     queued = ngx_http_devpilot_fifo_length(&channel->output);
    ngx_uint_t grows = channel->pending.count > 1 && queued > channel->held
                       && queued < OUTPUT_HELD_MAX;

    channel->held = grows ? queued : 0;

    return grows;
}

void
ngx_http_devpilot_channel_write(ngx_event_t *wev)
{
    ngx_connection_t            *c = wev->data;
    ngx_http_devpilot_channel_t *channel = c->data;

    if (channel->state != NGX_HTTP_DEVPILOT_CHANNEL_READY) {
        return;
    }

    if (wev->ready && output_grows(channel)) {
        ngx_post_event(wev, &ngx_posted_next_events);
        return;
    }

    if (output_send(c, &channel->output) != NGX_OK) {
        ngx_http_devpilot_channel_lost(channel, "cannot send");
    }
}

static ngx_int_t
ready_send(ngx_http_devpilot_channel_t *channel)
{
    uint8_t     ready[DP_ZMTP_READY_SIZE];
    dp_writer_t writer = dp_writer(ready, sizeof(ready));

    dp_zmtp_write_ready(&writer);

    return ngx_http_devpilot_channel_send_now(channel, dp_written(&writer));
}

static ngx_int_t
pong_send(ngx_http_devpilot_channel_t *channel, dp_slice_t context)
{
    dp_writer_t writer;

    if (ngx_http_devpilot_channel_output_reserve(channel, DP_ZMTP_PONG_SIZE)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    writer = dp_writer(channel->output.last, DP_ZMTP_PONG_SIZE);
    dp_zmtp_write_pong(&writer, context);
    channel->output.last = writer.pos;

    ngx_http_devpilot_channel_output_ready(channel);

    return NGX_OK;
}

/* NGX_ERROR: not a message of ours, or not the one that is wanted. */
static ngx_int_t
message_take(ngx_http_devpilot_channel_t *channel, dp_slice_t frame)
{
    dp_slice_t                    fields;
    dp_wire_header_t              header;
    ngx_http_devpilot_exchange_t *exchange;

    if (!dp_wire_open(frame, &header, &fields)) {
        return NGX_ERROR;
    }

    if (header.kind == DP_WIRE_CONTROL) {
        return channel->channels->hear(ngx_http_devpilot_channel_index(channel),
                                       fields);
    }

    exchange = ngx_http_devpilot_pending_take(&channel->pending,
                                              header.correlation);
    if (exchange == NULL) {
        channel->channels->counters->late_replies++;
        return NGX_OK;
    }

    if (header.kind != dp_wire_kind(exchange->reply_spec)
        || !dp_wire_decode(exchange->reply_spec, fields, exchange->reply))
    {
        exchange->handler(exchange, DP_ERR_INTERNAL);
        return NGX_ERROR;
    }

    exchange->handler(exchange, DP_OK);

    return NGX_OK;
}

/* Returns why the connection ends, or NULL. */
static const char *
event_take(ngx_http_devpilot_channel_t *channel, const dp_zmtp_event_t *event)
{
    switch (event->kind) {
    case DP_ZMTP_GREETING:
        return ready_send(channel) == NGX_OK ? NULL : "cannot send READY";
    case DP_ZMTP_READY:
        ngx_http_devpilot_channel_established(channel);
        return NULL;
    case DP_ZMTP_MESSAGE:
        return message_take(channel, event->body) == NGX_OK
               ? NULL : "a malformed message";
    case DP_ZMTP_PING:
        return pong_send(channel, event->body) == NGX_OK
               ? NULL : "cannot answer its PING";
    default:
        return NULL;
    }
}

/* Takes all that is complete.  Returns likewise. */
static const char *
input_take(ngx_http_devpilot_channel_t *channel)
{
    const char               *fault = NULL;
    size_t                    length;
    dp_slice_t                left;
    dp_zmtp_event_t           event;
    ngx_http_devpilot_fifo_t *input = &channel->input;

    length = ngx_http_devpilot_fifo_length(input);
    left = dp_slice(input->pos, length);

    while (dp_zmtp_next(&channel->zmtp, &left, &event)) {
        fault = event_take(channel, &event);
        if (fault != NULL) {
            return fault;
        }
    }

    if (event.kind != DP_ZMTP_MORE) {
        return event.kind == DP_ZMTP_ERROR ? "it refused us" : event.fault;
    }

    channel->input_wanted = event.need - left.len;
    ngx_http_devpilot_fifo_take(input, length - left.len);

    return NULL;
}

/* Bytes received, 0 at the end, or NGX_AGAIN or NGX_ERROR. */
static ssize_t
input_fill(ngx_http_devpilot_channel_t *channel)
{
    ssize_t                   received;
    size_t                    room = ngx_max(channel->input_wanted, READ_SIZE);
    ngx_connection_t         *c = channel->connection;
    ngx_http_devpilot_fifo_t *input = &channel->input;

    if (ngx_http_devpilot_fifo_reserve(input, room, channel->log) != NGX_OK) {
        return NGX_ERROR;
    }

    received = c->recv(c, input->last, ngx_http_devpilot_fifo_room(input));

    if (received > 0) {
        input->last += received;
        channel->silent_beats = 0;
    }

    return received;
}

void
ngx_http_devpilot_channel_read(ngx_event_t *rev)
{
    ssize_t                      received;
    const char                  *fault;
    ngx_connection_t            *c = rev->data;
    ngx_http_devpilot_channel_t *channel = c->data;

    for (ngx_uint_t reads = 0; reads < READS_PER_TURN; reads++) {
        received = input_fill(channel);

        if (received == NGX_AGAIN) {
            break;
        }

        fault = received > 0 ? input_take(channel) : "it closed the connection";

        if (fault != NULL) {
            ngx_http_devpilot_channel_lost(channel, fault);
            return;
        }
    }

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_next_events);

    } else if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        ngx_http_devpilot_channel_lost(channel, "cannot receive");
    }
}
