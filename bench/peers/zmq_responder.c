/*
 * The worker's stand-in for the forward hop: a plain libzmq ROUTER that
 * answers at once.
 *
 *     zmq_responder ipc:///path
 *
 * Every credential is valid and every request is answered 201 with the same
 * body.  It decodes what it gets and encodes what it says with the codec that
 * both programs link, takes what has come in before it answers, as the worker
 * does, and does nothing else for a request.
 * TERM ends it; a frame that is not ours does too, as nobody else may connect.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

#include "answer.h"
#include "dp_control_key.h"
#include "dp_wire.h"

#define BURST 128 /* worker/runtime/router.c */

typedef struct {
    zmq_msg_t peer; /* its identity: the first part of a message */
    char      answer[1024];
    size_t    size;
} message_t;

static void
check(bool fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "zmq_responder: %s: %s\n", what,
                zmq_strerror(zmq_errno()));
        exit(1);
    }
}

static size_t
principal_encode(uint64_t correlation, void *buffer, size_t capacity)
{
    dp_wire_principal_t answer = {
        .principal = {
            .kind = DP_PRINCIPAL_API_KEY,
            .auth_level = 2,
            .credential_id = {1},
            .user_id = {2},
            .org_id = {3},
        },
        .scopes = UINT64_MAX,
        .generation = UINT64_MAX,
    };

    return dp_wire_encode(&dp_wire_principal, correlation, &answer, buffer,
                          capacity);
}

static size_t
reply_encode(uint64_t correlation, void *buffer, size_t capacity)
{
    dp_wire_reply_t answer = {
        .status = 201,
        .body = dp_slice(BENCH_ANSWER, sizeof(BENCH_ANSWER) - 1),
    };

    return dp_wire_encode(&dp_wire_reply, correlation, &answer, buffer,
                          capacity);
}

/* Writes are open, and tokens are those that bench/lib/Bench/Token.pm makes. */
static size_t
control_encode(void *buffer, size_t capacity)
{
    const dp_control_key_t key = {
        .purpose = DP_CONTROL_KEY_JWT,
        .state = DP_CONTROL_KEY_ACTIVE,
        .kid = DP_SLICE("bench"),
        .secret = DP_SLICE("thirty-two bytes for the benches"),
    };
    uint8_t           keys[DP_CONTROL_KEYS_SIZE];
    dp_writer_t       list = dp_writer(keys, sizeof(keys));
    struct timespec   now;
    dp_wire_control_t control = {.generation = 1};

    dp_control_key_write(&list, &key);
    control.keys = dp_written(&list);

    clock_gettime(CLOCK_MONOTONIC, &now);
    control.read_us = (uint64_t) now.tv_sec * 1000000;

    return dp_wire_encode(&dp_wire_control, DP_WIRE_UNASKED, &control, buffer,
                          capacity);
}

/* Bytes of the answer, or 0 for a frame that cannot be answered. */
static size_t
frame_answer(dp_slice_t frame, void *buffer, size_t capacity)
{
    dp_slice_t             fields;
    dp_wire_header_t       header;
    dp_wire_request_t      request;
    dp_wire_authenticate_t authenticate;

    if (!dp_wire_open(frame, &header, &fields)) {
        return 0;
    }

    if (header.kind == DP_WIRE_AUTHENTICATE
        && dp_wire_decode(&dp_wire_authenticate, fields, &authenticate))
    {
        return principal_encode(header.correlation, buffer, capacity);
    }

    if (header.kind == DP_WIRE_REPORT) {
        return control_encode(buffer, capacity);
    }

    if (header.kind == DP_WIRE_REQUEST
        && dp_wire_decode(&dp_wire_request, fields, &request))
    {
        return reply_encode(header.correlation, buffer, capacity);
    }

    return 0;
}

/* False when no message is there and `flags` say not to wait for one. */
static bool
message_take(void *router, message_t *message, int flags)
{
    zmq_msg_t frame;

    if (zmq_msg_recv(&message->peer, router, flags) < 0) {
        check(zmq_errno() == EAGAIN, "receive");
        return false;
    }

    zmq_msg_init(&frame);
    check(zmq_msg_recv(&frame, router, 0) >= 0, "receive");

    message->size = frame_answer(
        dp_slice(zmq_msg_data(&frame), zmq_msg_size(&frame)), message->answer,
        sizeof(message->answer));
    zmq_msg_close(&frame);

    if (message->size == 0) {
        fputs("zmq_responder: a frame that is not ours\n", stderr);
        exit(1);
    }

    return true;
}

static void
message_answer(void *router, message_t *message)
{
    check(zmq_msg_send(&message->peer, router, ZMQ_SNDMORE) >= 0, "send");
    check(zmq_send(router, message->answer, message->size, 0) >= 0, "send");
}

/* Waits for a message, takes those that are there, then answers them. */
static void
burst_serve(void *router, message_t *messages)
{
    size_t count = 0;
    int    flags = 0;

    while (count < BURST && message_take(router, &messages[count], flags)) {
        flags = ZMQ_DONTWAIT;
        count++;
    }

    for (size_t i = 0; i < count; i++) {
        message_answer(router, &messages[i]);
    }
}

int
main(int argc, char **argv)
{
    static message_t messages[BURST];

    int   unbounded = 0;
    void *context = zmq_ctx_new();
    void *router = zmq_socket(context, ZMQ_ROUTER);

    if (argc != 2) {
        fputs("Usage: zmq_responder ENDPOINT\n", stderr);
        return 64;
    }

    check(router != NULL, "socket");
    check(zmq_setsockopt(router, ZMQ_SNDHWM, &unbounded, sizeof(int)) == 0,
          "ZMQ_SNDHWM");
    check(zmq_setsockopt(router, ZMQ_RCVHWM, &unbounded, sizeof(int)) == 0,
          "ZMQ_RCVHWM");
    check(zmq_bind(router, argv[1]) == 0, argv[1]);

    for (size_t i = 0; i < BURST; i++) {
        zmq_msg_init(&messages[i].peer);
    }

    for ( ;; ) {
        burst_serve(router, messages);
    }
}
