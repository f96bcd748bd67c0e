/*
 * Exchanges: which channel a message takes, and its encoding straight into
 * that channel's output.  See ngx_http_devpilot_channel.h.
 */

#include "ngx_http_devpilot_channel_private.h"
#include "ngx_http_devpilot_clock.h"

ngx_uint_t
ngx_http_devpilot_channel_ready(const ngx_http_devpilot_channels_t *channels,
                                ngx_uint_t index)
{
    return channels->channels[index].state == NGX_HTTP_DEVPILOT_CHANNEL_READY;
}

const char *
ngx_http_devpilot_channel_state_name(
    const ngx_http_devpilot_channels_t *channels, ngx_uint_t index)
{
    static const char *const names[] = {
        [NGX_HTTP_DEVPILOT_CHANNEL_DOWN] = "down",
        [NGX_HTTP_DEVPILOT_CHANNEL_HANDSHAKE] = "connecting",
        [NGX_HTTP_DEVPILOT_CHANNEL_READY] = "ready",
    };

    return names[channels->channels[index].state];
}

ngx_uint_t
ngx_http_devpilot_channel_in_flight(
    const ngx_http_devpilot_channels_t *channels, ngx_uint_t index)
{
    return channels->channels[index].pending.count;
}

ngx_uint_t
ngx_http_devpilot_channels_ready(const ngx_http_devpilot_channels_t *channels)
{
    ngx_uint_t ready = 0;

    for (ngx_uint_t i = 0; i < channels->count; i++) {
        ready += ngx_http_devpilot_channel_ready(channels, i);
    }

    return ready;
}

uint64_t
ngx_http_devpilot_channels_deadline_us(
    const ngx_http_devpilot_channels_t *channels)
{
    return ngx_http_devpilot_wall_us() + channels->deadline * 1000;
}

/*
 * Higher is better, 0 is of no use.  A peer that let its last handshake lapse
 * hangs: nobody waits for its next one.
 */
static ngx_uint_t
channel_fitness(const ngx_http_devpilot_channel_t *channel)
{
    if (channel->state == NGX_HTTP_DEVPILOT_CHANNEL_READY) {
        return NGX_MAX_INT_T_VALUE - channel->pending.count;
    }

    return channel->state == NGX_HTTP_DEVPILOT_CHANNEL_HANDSHAKE
           && !channel->stalled;
}

static ngx_http_devpilot_channel_t *
channel_choose(const ngx_http_devpilot_channels_t *channels)
{
    ngx_uint_t                   best = 0;
    ngx_http_devpilot_channel_t *chosen = NULL;

    for (ngx_uint_t i = 0; i < channels->count; i++) {
        ngx_uint_t fitness = channel_fitness(&channels->channels[i]);

        if (fitness > best) {
            best = fitness;
            chosen = &channels->channels[i];
        }
    }

    return chosen;
}

static void
message_write(ngx_http_devpilot_channel_t *channel, const dp_wire_spec_t *spec,
              size_t size, uint64_t correlation, const void *message)
{
    ngx_http_devpilot_fifo_t *output = &channel->output;

    output->last += dp_zmtp_frame_header(output->last, size);
    output->last += dp_wire_encode(spec, correlation, message, output->last,
                                   size);

    ngx_http_devpilot_channel_output_ready(channel);
}

/* Room for the message and a slot for the exchange, or neither. */
static ngx_int_t
message_queue(ngx_http_devpilot_channel_t *channel,
              ngx_http_devpilot_exchange_t *exchange,
              const dp_wire_spec_t *spec, const void *message)
{
    ngx_int_t                 rc;
    uint64_t                  correlation;
    size_t                    size = dp_wire_size(spec, message);

    rc = ngx_http_devpilot_channel_output_reserve(
        channel, DP_ZMTP_FRAME_HEADER_SIZE + size);
    if (rc != NGX_OK) {
        return rc;
    }

    correlation = ngx_http_devpilot_pending_add(&channel->pending, exchange);
    if (correlation == 0) {
        return NGX_BUSY;
    }

    exchange->sent_us = ngx_http_devpilot_monotonic_us();

    message_write(channel, spec, size, correlation, message);

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_exchange_send(ngx_http_devpilot_channels_t *channels,
                                ngx_http_devpilot_exchange_t *exchange,
                                const dp_wire_spec_t *spec,
                                const void *message)
{
    ngx_int_t                    rc;
    ngx_http_devpilot_channel_t *channel = channel_choose(channels);

    if (channel == NULL) {
        channels->counters->unavailable++;
        return NGX_DECLINED;
    }

    rc = message_queue(channel, exchange, spec, message);
    channels->counters->busy += rc == NGX_BUSY;

    return rc;
}

ngx_int_t
ngx_http_devpilot_channel_ask(ngx_http_devpilot_channels_t *channels,
                              ngx_uint_t index,
                              ngx_http_devpilot_exchange_t *exchange,
                              const dp_wire_spec_t *spec, const void *message)
{
    ngx_http_devpilot_channel_t *channel = &channels->channels[index];

    return channel_fitness(channel) == 0
               ? NGX_DECLINED
               : message_queue(channel, exchange, spec, message);
}

void
ngx_http_devpilot_channel_tell(ngx_http_devpilot_channel_t *channel,
                               const dp_wire_spec_t *spec, const void *message)
{
    size_t size = dp_wire_size(spec, message);

    if (ngx_http_devpilot_channel_output_reserve(
            channel, DP_ZMTP_FRAME_HEADER_SIZE + size)
        == NGX_OK)
    {
        message_write(channel, spec, size, DP_WIRE_UNASKED, message);
    }
}

void
ngx_http_devpilot_channels_tell(ngx_http_devpilot_channels_t *channels,
                                const dp_wire_spec_t *spec, const void *message)
{
    for (ngx_uint_t i = 0; i < channels->count; i++) {
        if (ngx_http_devpilot_channel_ready(channels, i)) {
            ngx_http_devpilot_channel_tell(&channels->channels[i], spec,
                                           message);
        }
    }
}

uint64_t
ngx_http_devpilot_exchange_age_us(const ngx_http_devpilot_exchange_t *exchange)
{
    return ngx_http_devpilot_monotonic_us() - exchange->sent_us;
}

void
ngx_http_devpilot_exchange_cancel(ngx_http_devpilot_exchange_t *exchange)
{
    if (exchange->slot != NULL) {
        ngx_http_devpilot_pending_cancel(exchange->slot);
    }
}
