/*
 * The router's socket, its messages and its turns.
 *
 * All messages are made at the start: as many as can wait or run, and the one
 * that receives.  Their number is what bounds the worker's memory; except that
 * libzmq keeps the parts of a message until the last one came, however many, and
 * no option of its limits them: that is left to the system (MemoryMax= of the
 * service).
 */

#include "router.h"

#include "deadline.h"
#include "endpoint.h"
#include "intake.h"
#include "log.h"
#include "metrics.h"
#include "writes.h"

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>

/* Frames taken before replies are looked at again. */
#define BURST 128

#define LINGER_MS 1000
#define HEARTBEAT_INTERVAL_MS 2000
#define HEARTBEAT_TIMEOUT_MS 10000
#define CONNECTION_BACKLOG 1024

struct dp_router_s {
    void           *context;
    void           *socket;
    dp_mailboxes_t  mailboxes;
    dp_replies_t   *replies;
    dp_health_t    *health;
    dp_publisher_t *publisher;
    dp_message_t   *messages; /* all of them */
    dp_message_t   *unused;   /* linked by `next` */
    dp_message_t   *incoming; /* receives; never in a list */
    size_t          in_flight;
    bool            draining;
};

static void
message_release(dp_router_t *router, dp_message_t *message)
{
    dp_message_clear(message);
    message->next = router->unused;
    router->unused = message;
}

/* A message that was to be executed, and was or will not be. */
static void
message_done(dp_router_t *router, dp_message_t *message)
{
    dp_writes_count(message, -1);
    message_release(router, message);
    router->in_flight--;
}

static void
create_messages(dp_router_t *router, size_t count)
{
    router->messages = calloc(count + 1, sizeof(dp_message_t));

    if (router->messages == NULL) {
        abort();
    }

    for (size_t i = 0; i < count; i++) {
        dp_message_init(&router->messages[i]);
        message_release(router, &router->messages[i]);
    }

    router->incoming = &router->messages[count];
    dp_message_init(router->incoming);
}

/*
 * Nothing is dropped silently: without a route a send fails (ROUTER_MANDATORY),
 * and a peer may owe us more replies than can be in flight before it is full.
 */
static bool
set_options(void *socket, const dp_settings_t *settings, size_t in_flight)
{
    const struct {
        int option;
        int value;
    } options[] = {
        {ZMQ_ROUTER_MANDATORY, 1},
        {ZMQ_SNDHWM, (int) (4 * in_flight)},
        {ZMQ_LINGER, LINGER_MS},
        {ZMQ_BACKLOG, CONNECTION_BACKLOG},
        {ZMQ_HEARTBEAT_IVL, HEARTBEAT_INTERVAL_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
    };
    int64_t max_size = (int64_t) settings->max_message_bytes;

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (zmq_setsockopt(socket, options[i].option, &options[i].value,
                           sizeof(int)) != 0) {
            return false;
        }
    }

    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max_size, sizeof(max_size))
           == 0;
}

static int
open_socket(dp_router_t *router, const dp_settings_t *settings, size_t in_flight)
{
    router->context = zmq_ctx_new();

    if (router->context != NULL) {
        router->socket = zmq_socket(router->context, ZMQ_ROUTER);
    }

    if (router->socket == NULL
        || !set_options(router->socket, settings, in_flight)) {
        dp_log(DP_LOG_CRITICAL, NULL, DP_OK, "cannot make a socket: %s",
               zmq_strerror(errno));
        return EX_OSERR;
    }

    return dp_endpoint_bind(router->socket, settings->endpoint);
}

int
dp_router_create(const dp_settings_t *settings, dp_mailboxes_t mailboxes,
                 dp_replies_t *replies, dp_router_t **created)
{
    size_t       count = settings->queue_depth + settings->transaction_threads
                         + settings->password_queue + settings->password_threads;
    dp_router_t *router = calloc(1, sizeof(*router));
    int          failure;

    if (router == NULL) {
        abort();
    }

    router->mailboxes = mailboxes;
    router->replies = replies;
    create_messages(router, count);
    failure = open_socket(router, settings, count);

    if (failure != 0) {
        dp_router_close(router);
        dp_router_destroy(router);
        return failure;
    }

    *created = router;
    return 0;
}

void
dp_router_set_helpers(dp_router_t *router, dp_health_t *health,
                      dp_publisher_t *publisher)
{
    router->health = health;
    router->publisher = publisher;
}

static void
send_reply(dp_router_t *router, dp_message_t *message)
{
    bool sent;

    if (zmq_msg_size(&message->reply) == 0) {
        return;
    }

    sent = zmq_msg_send(&message->peer, router->socket,
                        ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0
           && zmq_msg_send(&message->reply, router->socket, ZMQ_DONTWAIT) >= 0;

    dp_metric_add(sent ? DP_METRIC_REPLIES_SENT
                       : DP_METRIC_REPLIES_UNDELIVERABLE, 1);
}

static void
send_replies(dp_router_t *router)
{
    dp_message_t *message = dp_replies_take(router->replies);

    while (message != NULL) {
        dp_message_t *next = message->next;

        send_reply(router, message);
        message_done(router, message);
        message = next;
    }
}

/* Makes room: what is late at the head would not be executed anyway. */
static void
shed_late(dp_router_t *router, dp_mailbox_t *mailbox)
{
    uint64_t      now = dp_now_us();
    dp_message_t *message;

    while ((message = dp_mailbox_take_late(mailbox, now)) != NULL) {
        dp_metric_add(DP_METRIC_DROPPED_LATE, 1);
        message_done(router, message);
    }
}

static bool
mailbox_put(dp_router_t *router, dp_message_t *message)
{
    const dp_route_t *route = message->route;
    dp_mailbox_t     *mailbox = route != NULL && route->password_pool
                                    ? router->mailboxes.passwords
                                    : router->mailboxes.transactions;

    if (router->unused != NULL && dp_mailbox_put(mailbox, message)) {
        return true;
    }

    shed_late(router, mailbox);

    return router->unused != NULL && dp_mailbox_put(mailbox, message);
}

static void
refuse_busy(dp_router_t *router, dp_message_t *message)
{
    static dp_log_pace_t   pace;
    const dp_log_context_t context = dp_message_log_context(message);

    dp_metric_add(DP_METRIC_DROPPED_BUSY, 1);

    if (dp_log_is_due(&pace)) {
        dp_log(DP_LOG_ERROR, &context, DP_ERR_WORKER_BUSY,
               "the queue is full; requests are refused");
    }

    dp_message_refuse(message, DP_ERR_WORKER_BUSY);
    send_reply(router, message);
}

static void
note_report(dp_router_t *router, dp_message_t *message)
{
    dp_slice_t route = dp_slice(zmq_msg_data(&message->peer),
                                zmq_msg_size(&message->peer));

    if (!dp_publisher_report(router->publisher, router->socket, route,
                             &message->asked.report)) {
        dp_metric_add(DP_METRIC_MESSAGES_MALFORMED, 1);
    }
}

static void
handle_message(dp_router_t *router)
{
    dp_message_t           *message = router->incoming;
    const dp_intake_state_t state = {
        .health = router->health,
        .mailboxes = router->mailboxes,
        .in_flight = router->in_flight,
        .control_fresh = dp_publisher_fresh(router->publisher),
        .draining = router->draining,
    };

    switch (dp_intake_judge(message, &state)) {
    case DP_INTAKE_EXECUTE:
        dp_writes_count(message, 1);

        if (mailbox_put(router, message)) {
            router->in_flight++;
            router->incoming = router->unused;
            router->unused = router->unused->next;
            return;
        }

        dp_writes_count(message, -1);
        refuse_busy(router, message);
        break;

    case DP_INTAKE_ANSWER:
        send_reply(router, message);
        break;

    case DP_INTAKE_NOTE:
        note_report(router, message);
        break;

    case DP_INTAKE_DROP:
        break;
    }

    dp_message_clear(message);
}

/* Parts of one message arrive together: none of these reads waits. */
static void
receive_rest(dp_router_t *router, dp_message_t *message)
{
    bool expected = zmq_msg_more(&message->peer)
                    && zmq_msg_recv(&message->frame, router->socket,
                                    ZMQ_DONTWAIT) >= 0
                    && !zmq_msg_more(&message->frame);

    if (expected) {
        handle_message(router);
        return;
    }

    while (zmq_msg_more(&message->frame)
           && zmq_msg_recv(&message->frame, router->socket, ZMQ_DONTWAIT) >= 0) {
    }

    dp_metric_add(DP_METRIC_MESSAGES_MALFORMED, 1);
    dp_message_clear(message);
}

/* False when nothing is left to receive. */
static bool
receive_burst(dp_router_t *router)
{
    for (size_t i = 0; i < BURST; i++) {
        if (zmq_msg_recv(&router->incoming->peer, router->socket, ZMQ_DONTWAIT)
            < 0) {
            return false;
        }

        receive_rest(router, router->incoming);
    }

    return true;
}

bool
dp_router_turn(dp_router_t *router, int fd, long timeout_ms)
{
    zmq_pollitem_t items[] = {
        {.socket = router->socket, .events = ZMQ_POLLIN},
        {.fd = dp_replies_fd(router->replies), .events = ZMQ_POLLIN},
        {.fd = fd, .events = ZMQ_POLLIN},
        {.fd = dp_publisher_fd(router->publisher), .events = ZMQ_POLLIN},
    };

    if (zmq_poll(items, 4, timeout_ms) <= 0) {
        return false;
    }

    if (items[3].revents != 0) {
        dp_publisher_turn(router->publisher, router->socket);
    }

    if (items[0].revents != 0) {
        (void) receive_burst(router);
    }

    send_replies(router);

    return items[2].revents != 0;
}

void
dp_router_drain(dp_router_t *router)
{
    router->draining = true;
}

void
dp_router_refuse_rest(dp_router_t *router, uint64_t until_us)
{
    while (receive_burst(router) && dp_monotonic_us() < until_us) {
    }
}

size_t
dp_router_in_flight(const dp_router_t *router)
{
    return router->in_flight;
}

void
dp_router_close(dp_router_t *router)
{
    if (router->socket != NULL) {
        zmq_close(router->socket);
    }

    if (router->context != NULL) {
        zmq_ctx_term(router->context);
    }
}

void
dp_router_destroy(dp_router_t *router)
{
    while (router->unused != NULL) {
        dp_message_clear(router->unused);
        router->unused = router->unused->next;
    }

    dp_message_clear(router->incoming);
    free(router->messages);
    free(router);
}
