/*
 * Messages: their parts and their answers.
 */

#include "message.h"

#include <stdlib.h>

void
dp_message_init(dp_message_t *message)
{
    zmq_msg_init(&message->peer);
    zmq_msg_init(&message->frame);
    zmq_msg_init(&message->reply);
}

void
dp_message_clear(dp_message_t *message)
{
    zmq_msg_close(&message->peer);
    zmq_msg_close(&message->frame);
    zmq_msg_close(&message->reply);
    dp_message_init(message);
}

void
dp_message_answer(dp_message_t *message, const dp_wire_spec_t *spec,
                  const void *answer)
{
    size_t size = dp_wire_size(spec, answer);

    zmq_msg_close(&message->reply);

    if (zmq_msg_init_size(&message->reply, size) != 0) {
        abort();
    }

    if (dp_wire_encode(spec, message->header.correlation, answer,
                       zmq_msg_data(&message->reply), size) != size) {
        abort();
    }
}

dp_log_context_t
dp_message_log_context(const dp_message_t *message)
{
    const dp_wire_request_t *request = &message->asked.request;

    switch (message->header.kind) {
    case DP_WIRE_REQUEST:
        return (dp_log_context_t) {
            .request_id = request->request_id,
            .trace_id = request->trace_id,
            .parent_span_id = request->span_id,
            .operation = message->route->operation,
        };
    case DP_WIRE_AUTHENTICATE:
        return (dp_log_context_t) {
            .request_id = message->asked.authenticate.request_id,
            .operation = "authenticate",
        };
    default:
        return (dp_log_context_t) {.operation = "events"};
    }
}

void
dp_message_refuse(dp_message_t *message, dp_error_t error)
{
    const dp_error_row_t *row = dp_error_row(error);

    if (message->header.kind == DP_WIRE_EVENTS) {
        dp_wire_events_stored_t answer = {.code = dp_slice_text(row->code)};

        dp_message_answer(message, &dp_wire_events_stored, &answer);

    } else if (message->header.kind == DP_WIRE_AUTHENTICATE) {
        dp_wire_principal_t answer = {.code = dp_slice_text(row->code)};

        dp_message_answer(message, &dp_wire_principal, &answer);

    } else {
        dp_wire_reply_t answer = {
            .status = row->status,
            .code = dp_slice_text(row->code),
        };

        dp_message_answer(message, &dp_wire_reply, &answer);
    }
}
