/*
 * The ZMTP codec against a real libzmq ROUTER, over a unix socket that blocks.
 */

#include "dp_zmtp.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#define LONG_SIZE 300000
#define INPUT_SIZE DP_ZMTP_INPUT_SIZE(LONG_SIZE)
#define TIMEOUT_MS 2000

typedef struct {
    char       folder[32];
    char       path[64];
    void      *context;
    void      *router;
    int        fd;
    dp_zmtp_t  zmtp;
    uint8_t   *bytes; /* INPUT_SIZE of them */
    dp_slice_t input; /* what of them is not taken yet */
} peer_t;

static void
router_bind(peer_t *peer, int type)
{
    char endpoint[80];
    int  timeout = TIMEOUT_MS;
    int  linger = 0;

    snprintf(peer->folder, sizeof(peer->folder), "/tmp/dp-zmtp-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(peer->folder));
    snprintf(peer->path, sizeof(peer->path), "%s/s", peer->folder);
    snprintf(endpoint, sizeof(endpoint), "ipc://%s", peer->path);
    peer->context = zmq_ctx_new();
    peer->router = zmq_socket(peer->context, type);
    ck_assert_ptr_nonnull(peer->router);
    zmq_setsockopt(peer->router, ZMQ_RCVTIMEO, &timeout, sizeof(timeout));
    zmq_setsockopt(peer->router, ZMQ_LINGER, &linger, sizeof(linger));
}

static void
router_listen(peer_t *peer)
{
    char endpoint[80];

    snprintf(endpoint, sizeof(endpoint), "ipc://%s", peer->path);
    ck_assert_int_eq(zmq_bind(peer->router, endpoint), 0);
}

static void
peer_connect(peer_t *peer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval     timeout = {.tv_sec = TIMEOUT_MS / 1000};

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", peer->path);
    peer->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_ge(peer->fd, 0);
    setsockopt(peer->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    ck_assert_int_eq(connect(peer->fd, (struct sockaddr *) &address,
                             sizeof(address)), 0);
    peer->bytes = malloc(INPUT_SIZE);
    ck_assert_ptr_nonnull(peer->bytes);
    peer->input = dp_slice(peer->bytes, 0);
    dp_zmtp_init(&peer->zmtp, LONG_SIZE);
}

static void
peer_close(peer_t *peer)
{
    close(peer->fd);
    zmq_close(peer->router);
    zmq_ctx_term(peer->context);
    free(peer->bytes);
    unlink(peer->path);
    rmdir(peer->folder);
}

static void
peer_send(peer_t *peer, dp_slice_t bytes)
{
    while (bytes.len != 0) {
        ssize_t sent = send(peer->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

        ck_assert_int_gt(sent, 0);
        bytes = dp_slice(bytes.data + sent, bytes.len - (size_t) sent);
    }
}

/* Reads until there is an event; false when the ROUTER closes instead. */
static bool
peer_event(peer_t *peer, dp_zmtp_event_t *event)
{
    while (!dp_zmtp_next(&peer->zmtp, &peer->input, event)
           && event->kind == DP_ZMTP_MORE) {
        ssize_t got;

        memmove(peer->bytes, peer->input.data, peer->input.len);
        ck_assert_uint_le(event->need, INPUT_SIZE);
        got = recv(peer->fd, peer->bytes + peer->input.len,
                   INPUT_SIZE - peer->input.len, 0);

        if (got <= 0) {
            return false;
        }

        peer->input = dp_slice(peer->bytes, peer->input.len + (size_t) got);
    }

    return true;
}

static void
assert_event(peer_t *peer, dp_zmtp_event_kind_t kind, dp_zmtp_event_t *event)
{
    ck_assert_msg(peer_event(peer, event), "closed, expected event %d", kind);
    ck_assert_msg(event->kind == kind, "event %d (%s), expected %d",
                  event->kind, event->fault ? event->fault : "", kind);
}

static void
peer_handshake(peer_t *peer)
{
    uint8_t         bytes[DP_ZMTP_GREETING_SIZE + DP_ZMTP_READY_SIZE];
    dp_writer_t     greeting = dp_writer(bytes, sizeof(bytes));
    dp_writer_t     ready = dp_writer(bytes, sizeof(bytes));
    dp_zmtp_event_t event;

    dp_zmtp_write_greeting(&greeting);
    peer_send(peer, dp_written(&greeting));
    assert_event(peer, DP_ZMTP_GREETING, &event);
    dp_zmtp_write_ready(&ready);
    peer_send(peer, dp_written(&ready));
    assert_event(peer, DP_ZMTP_READY, &event);
}

/* A peer in traffic with a ROUTER. */
static void
peer_open(peer_t *peer)
{
    router_bind(peer, ZMQ_ROUTER);
    router_listen(peer);
    peer_connect(peer);
    peer_handshake(peer);
}

static void
peer_send_message(peer_t *peer, dp_slice_t body)
{
    uint8_t header[DP_ZMTP_FRAME_HEADER_SIZE];
    size_t  len = dp_zmtp_frame_header(header, body.len);

    peer_send(peer, dp_slice(header, len));
    peer_send(peer, body);
}

/* The ROUTER sends back what it receives: identity, then one frame. */
static void
router_echo(peer_t *peer, size_t expected)
{
    zmq_msg_t identity, body;
    int       more;
    size_t    size = sizeof(more);

    zmq_msg_init(&identity);
    zmq_msg_init(&body);
    ck_assert_int_eq(zmq_msg_recv(&identity, peer->router, 0), 5);
    ck_assert_int_eq(zmq_msg_recv(&body, peer->router, 0), (int) expected);
    zmq_getsockopt(peer->router, ZMQ_RCVMORE, &more, &size);
    ck_assert_int_eq(more, 0);
    ck_assert_int_ge(zmq_msg_send(&identity, peer->router, ZMQ_SNDMORE), 0);
    ck_assert_int_ge(zmq_msg_send(&body, peer->router, 0), 0);
}

START_TEST(messages_of_every_size_come_back)
{
    static const size_t sizes[] = {0, 1, 255, 256, 8192, LONG_SIZE};

    uint8_t        *bytes = malloc(LONG_SIZE);
    peer_t          peer;
    dp_zmtp_event_t event;

    ck_assert_ptr_nonnull(bytes);
    peer_open(&peer);
    ck_assert(dp_zmtp_heartbeats(&peer.zmtp));

    for (size_t i = 0; i < LONG_SIZE; i++) {
        bytes[i] = (uint8_t) (i * 31 % 251);
    }

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        dp_slice_t body = dp_slice(bytes, sizes[i]);

        peer_send_message(&peer, body);
        router_echo(&peer, sizes[i]);
        assert_event(&peer, DP_ZMTP_MESSAGE, &event);
        ck_assert(dp_slice_equal(event.body, body));
    }

    free(bytes);
    peer_close(&peer);
}
END_TEST

START_TEST(many_messages_keep_their_order)
{
    peer_t          peer;
    dp_zmtp_event_t event;

    peer_open(&peer);

    for (uint32_t i = 0; i < 1000; i++) {
        peer_send_message(&peer, dp_slice(&i, sizeof(i)));
    }

    for (uint32_t i = 0; i < 1000; i++) {
        router_echo(&peer, sizeof(i));
    }

    for (uint32_t i = 0; i < 1000; i++) {
        assert_event(&peer, DP_ZMTP_MESSAGE, &event);
        ck_assert(dp_slice_equal(event.body, dp_slice(&i, sizeof(i))));
    }

    peer_close(&peer);
}
END_TEST

START_TEST(a_PING_of_ours_is_answered)
{
    uint8_t         bytes[DP_ZMTP_PING_SIZE];
    dp_writer_t     writer = dp_writer(bytes, sizeof(bytes));
    peer_t          peer;
    dp_zmtp_event_t event;

    peer_open(&peer);
    dp_zmtp_write_ping(&writer, 100, DP_SLICE("context"));
    peer_send(&peer, dp_written(&writer));
    assert_event(&peer, DP_ZMTP_PONG, &event);
    unit_assert_text(event.body, "context");
    peer_close(&peer);
}
END_TEST

/* libzmq closes a connection whose PONG does not come. */
START_TEST(a_PING_of_libzmq_wants_its_PONG)
{
    int             interval = 100;
    int             timeout = 300;
    peer_t          peer;
    dp_zmtp_event_t event;

    router_bind(&peer, ZMQ_ROUTER);
    zmq_setsockopt(peer.router, ZMQ_HEARTBEAT_IVL, &interval, sizeof(interval));
    zmq_setsockopt(peer.router, ZMQ_HEARTBEAT_TIMEOUT, &timeout,
                   sizeof(timeout));
    router_listen(&peer);
    peer_connect(&peer);
    peer_handshake(&peer);

    for (int i = 0; i < 6; i++) {
        uint8_t     bytes[DP_ZMTP_PONG_SIZE];
        dp_writer_t writer = dp_writer(bytes, sizeof(bytes));

        assert_event(&peer, DP_ZMTP_PING, &event);
        dp_zmtp_write_pong(&writer, event.body);
        peer_send(&peer, dp_written(&writer));
    }

    while (peer_event(&peer, &event)) {
        ck_assert_int_eq(event.kind, DP_ZMTP_PING);
    }

    peer_close(&peer);
}
END_TEST

START_TEST(a_peer_that_is_no_ROUTER_is_refused)
{
    uint8_t         bytes[DP_ZMTP_GREETING_SIZE + DP_ZMTP_READY_SIZE];
    dp_writer_t     writer = dp_writer(bytes, sizeof(bytes));
    peer_t          peer;
    dp_zmtp_event_t event;

    router_bind(&peer, ZMQ_REP);
    router_listen(&peer);
    peer_connect(&peer);
    dp_zmtp_write_greeting(&writer);
    dp_zmtp_write_ready(&writer);
    peer_send(&peer, dp_written(&writer));
    assert_event(&peer, DP_ZMTP_GREETING, &event);
    assert_event(&peer, DP_ZMTP_MALFORMED, &event);
    ck_assert_str_eq(event.fault, "the peer's socket is no ROUTER");
    peer_close(&peer);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("zmtp_peer", messages_of_every_size_come_back,
                    many_messages_keep_their_order, a_PING_of_ours_is_answered,
                    a_PING_of_libzmq_wants_its_PONG,
                    a_peer_that_is_no_ROUTER_is_refused);
}
