/*
 * One frame from nginx on its way through the worker, and the answer to it.
 *
 * A message has one owner at a time: the router that received it, the mailbox,
 * a transaction thread, the list of replies, and the router again, which sends
 * the reply and keeps the message for another frame.  The frame is moved, never
 * copied; what was decoded from it borrows from it.
 */

#ifndef DP_MESSAGE_H
#define DP_MESSAGE_H

#include "dp_error.h"
#include "dp_routes.h"
#include "dp_wire.h"
#include "log.h"

#include <zmq.h>

typedef struct dp_message_s dp_message_t;

struct dp_message_s {
    dp_message_t     *next;  /* in whatever list its owner keeps */
    zmq_msg_t         peer;  /* the ROUTER's name for the connection */
    zmq_msg_t         frame;
    zmq_msg_t         reply;
    dp_wire_header_t  header;
    uint64_t          received_us; /* CLOCK_MONOTONIC */
    uint64_t          deadline_us; /* CLOCK_REALTIME */
    const dp_route_t *route;       /* of a request */
    union {
        dp_wire_request_t      request;
        dp_wire_authenticate_t authenticate;
        dp_wire_report_t       report;
        dp_wire_events_t       events;
    } asked;
};

/* Three empty parts. */
void dp_message_init(dp_message_t *message);

/* Releases the parts and leaves empty ones. */
void dp_message_clear(dp_message_t *message);

/* Encodes `answer` as the reply.  Aborts when memory is out. */
void dp_message_answer(dp_message_t *message, const dp_wire_spec_t *spec,
                       const void *answer);

/* Whose doing a line about what waits for a thread is; borrows from the frame. */
dp_log_context_t dp_message_log_context(const dp_message_t *message);

/* Answers with an error, in the form that the message's kind wants. */
void dp_message_refuse(dp_message_t *message, dp_error_t error);

#endif /* DP_MESSAGE_H */
