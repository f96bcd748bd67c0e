/*
 * A worker that is none: an unmodified libzmq ROUTER that answers whatever the
 * edge asks, for tests and for the bench of the forward hop.
 *
 *     zmq-echo-peer ENDPOINT [echo | delay MS | silence | busy | garbage
 *                             | malformed | nobody | exit]
 *
 * echo answers at once with the request's own body, delay does so after MS
 * milliseconds, silence never answers, busy refuses, garbage sends bytes that
 * are no message, malformed sends a reply without its last byte, nobody answers
 * a credential without a principal, exit ends the program when the first request
 * comes.  The other modes concern requests: credentials are valid, writes are
 * open.  It prints "ready" when it listens.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#include "dp_scope.h"
#include "dp_wire.h"

#define IDENTITY_SIZE 256
#define HIGH_WATER_MARK 100000

typedef enum {
    ECHO,
    DELAY,
    SILENCE,
    BUSY,
    GARBAGE,
    MALFORMED,
    NOBODY,
    EXIT,
} peer_mode_t;

/* A reply that is due later; all wait equally long, so the list is in order. */
typedef struct delayed_s delayed_t;

struct delayed_s {
    delayed_t *next;
    long       due_ms;
    size_t     identity_len;
    size_t     len;
    uint8_t    identity[IDENTITY_SIZE];
    uint8_t    reply[];
};

typedef struct {
    void       *socket;
    peer_mode_t mode;
    long        delay_ms;
    delayed_t  *first;
    delayed_t **end;
    uint8_t    *reply; /* grows to the largest so far */
    size_t      capacity;
} peer_t;

static const char *const mode_names[] = {
    [ECHO] = "echo",       [DELAY] = "delay",
    [SILENCE] = "silence", [BUSY] = "busy",
    [GARBAGE] = "garbage", [MALFORMED] = "malformed",
    [NOBODY] = "nobody",   [EXIT] = "exit",
};

static void
fail(const char *what)
{
    fprintf(stderr, "zmq-echo-peer: %s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static long
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *
allocate(size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL) {
        errno = ENOMEM;
        fail("malloc");
    }

    return memory;
}

static dp_slice_t
encode(peer_t *peer, const dp_wire_spec_t *spec, uint64_t correlation,
       const void *message)
{
    size_t size = dp_wire_size(spec, message);

    if (size > peer->capacity) {
        free(peer->reply);
        peer->reply = allocate(size);
        peer->capacity = size;
    }

    return dp_slice(peer->reply, dp_wire_encode(spec, correlation, message,
                                                peer->reply, size));
}

static void
reply_send(peer_t *peer, dp_slice_t identity, dp_slice_t reply)
{
    /* A client that is gone is no fault: ROUTER drops what it cannot route. */
    if (zmq_send(peer->socket, identity.data, identity.len, ZMQ_SNDMORE) < 0
        || zmq_send(peer->socket, reply.data, reply.len, 0) < 0)
    {
        fail("zmq_send");
    }
}

static void
reply_delay(peer_t *peer, dp_slice_t identity, dp_slice_t reply)
{
    delayed_t *delayed = allocate(sizeof(delayed_t) + reply.len);

    delayed->next = NULL;
    delayed->due_ms = now_ms() + peer->delay_ms;
    delayed->identity_len = identity.len;
    delayed->len = reply.len;
    memcpy(delayed->identity, identity.data, identity.len);
    memcpy(delayed->reply, reply.data, reply.len);

    *peer->end = delayed;
    peer->end = &delayed->next;
}

/* Sends what is due.  Returns the milliseconds until the next, or -1. */
static long
delayed_send(peer_t *peer)
{
    delayed_t *delayed;
    long       now = now_ms();

    while ((delayed = peer->first) != NULL && delayed->due_ms <= now) {
        reply_send(peer, dp_slice(delayed->identity, delayed->identity_len),
                   dp_slice(delayed->reply, delayed->len));

        peer->first = delayed->next;
        if (peer->first == NULL) {
            peer->end = &peer->first;
        }
        free(delayed);
    }

    return delayed == NULL ? -1 : delayed->due_ms - now;
}

static dp_slice_t
request_answer(peer_t *peer, uint64_t correlation, dp_slice_t fields)
{
    dp_wire_request_t request;
    dp_wire_reply_t   reply = {.status = 200, .body = DP_SLICE("{}")};

    if (!dp_wire_decode(&dp_wire_request, fields, &request)) {
        reply = (dp_wire_reply_t) {.status = 500, .code = DP_SLICE("INTERNAL")};

    } else if (peer->mode == BUSY) {
        reply = (dp_wire_reply_t) {
            .status = 503,
            .retry_after_s = 7,
            .code = DP_SLICE("WORKER_BUSY"),
            .causes = DP_SLICE("DATABASE_EXHAUSTED,relation x is missing"),
        };

    } else if (request.body.len != 0) {
        reply.body = request.body;
    }

    return encode(peer, &dp_wire_reply, correlation, &reply);
}

static dp_slice_t
principal_answer(peer_t *peer, uint64_t correlation)
{
    dp_wire_principal_t answer = {
        .principal = {.kind = DP_PRINCIPAL_API_KEY, .auth_level = 2,
                      .credential_id = {1}, .user_id = {2}, .org_id = {3}},
        .scopes = DP_SCOPES_ALL,
        .generation = UINT64_MAX,
    };

    if (peer->mode == NOBODY) {
        answer = (dp_wire_principal_t) {0};
    }

    return encode(peer, &dp_wire_principal, correlation, &answer);
}

static dp_slice_t
measures_answer(peer_t *peer, uint64_t correlation)
{
    dp_wire_measures_t measures = {
        .text = DP_SLICE("# TYPE echo_peer_up gauge\necho_peer_up 1\n"),
    };

    return encode(peer, &dp_wire_measures, correlation, &measures);
}

/* Nothing is switched off, and it is news each time. */
static dp_slice_t
control_answer(peer_t *peer, dp_slice_t fields)
{
    dp_wire_report_t  report;
    dp_wire_control_t control = {
        .generation = 1,
        .read_us = (uint64_t) now_ms() * 1000,
    };

    if (dp_wire_decode(&dp_wire_report, fields, &report)
        && report.generation > control.generation)
    {
        control.generation = report.generation;
    }

    return encode(peer, &dp_wire_control, DP_WIRE_UNASKED, &control);
}

static void
request_take(peer_t *peer, dp_slice_t identity, uint64_t correlation,
             dp_slice_t fields)
{
    dp_slice_t reply;

    switch (peer->mode) {
    case DELAY:
        reply_delay(peer, identity,
                    request_answer(peer, correlation, fields));
        return;
    case GARBAGE:
        reply_send(peer, identity, DP_SLICE("this is no message"));
        return;
    case MALFORMED:
        reply = request_answer(peer, correlation, fields);
        reply_send(peer, identity, dp_slice(reply.data, reply.len - 1));
        return;
    case SILENCE:
        return;
    case EXIT:
        _exit(0);
    default:
        reply_send(peer, identity, request_answer(peer, correlation, fields));
    }
}

static void
message_take(peer_t *peer, dp_slice_t identity, dp_slice_t frame)
{
    dp_slice_t       fields;
    dp_wire_header_t header;

    if (!dp_wire_open(frame, &header, &fields)) {
        fprintf(stderr, "zmq-echo-peer: not a message\n");
        return;
    }

    switch (header.kind) {
    case DP_WIRE_REQUEST:
        request_take(peer, identity, header.correlation, fields);
        return;
    case DP_WIRE_AUTHENTICATE:
        reply_send(peer, identity, principal_answer(peer, header.correlation));
        return;
    case DP_WIRE_MEASURE:
        reply_send(peer, identity, measures_answer(peer, header.correlation));
        return;
    case DP_WIRE_REPORT:
        reply_send(peer, identity, control_answer(peer, fields));
        return;
    }
}

/* Takes one message; false when there is none. */
static bool
message_receive(peer_t *peer)
{
    int       identity_len;
    uint8_t   identity[IDENTITY_SIZE];
    zmq_msg_t frame;

    identity_len = zmq_recv(peer->socket, identity, sizeof(identity),
                            ZMQ_DONTWAIT);
    if (identity_len < 0) {
        return false;
    }

    zmq_msg_init(&frame);

    if (zmq_msg_recv(&frame, peer->socket, 0) < 0) {
        fail("zmq_msg_recv");
    }

    message_take(peer, dp_slice(identity, (size_t) identity_len),
                 dp_slice(zmq_msg_data(&frame), zmq_msg_size(&frame)));
    zmq_msg_close(&frame);

    return true;
}

static void
serve(peer_t *peer)
{
    for ( ;; ) {
        zmq_pollitem_t item = {peer->socket, 0, ZMQ_POLLIN, 0};

        if (zmq_poll(&item, 1, delayed_send(peer)) < 0 && errno != EINTR) {
            fail("zmq_poll");
        }

        while (message_receive(peer)) {
            /* until there is none */
        }
    }
}

static peer_mode_t
mode_find(const char *name)
{
    for (int mode = ECHO; mode <= EXIT; mode++) {
        if (strcmp(mode_names[mode], name) == 0) {
            return (peer_mode_t) mode;
        }
    }

    fprintf(stderr, "zmq-echo-peer: unknown mode \"%s\"\n", name);
    exit(2);
}

int
main(int argc, char **argv)
{
    int    mark = HIGH_WATER_MARK;
    peer_t peer = {0};
    void  *context = zmq_ctx_new();

    if (argc < 2) {
        fprintf(stderr, "usage: zmq-echo-peer ENDPOINT [MODE [MS]]\n");
        return 2;
    }

    peer.mode = argc > 2 ? mode_find(argv[2]) : ECHO;
    peer.delay_ms = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
    peer.end = &peer.first;
    peer.socket = zmq_socket(context, ZMQ_ROUTER);

    zmq_setsockopt(peer.socket, ZMQ_SNDHWM, &mark, sizeof(mark));
    zmq_setsockopt(peer.socket, ZMQ_RCVHWM, &mark, sizeof(mark));

    if (zmq_bind(peer.socket, argv[1]) != 0) {
        fail(argv[1]);
    }

    puts("ready");
    fflush(stdout);
    serve(&peer);
}
