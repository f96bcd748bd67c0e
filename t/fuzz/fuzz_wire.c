/*
 * Any frame: read within bounds; what decodes also encodes, in as many bytes as
 * announced, and decodes to the same again.
 */

#include "dp_command.h"
#include "fuzz.h"

#include <stdlib.h>

typedef union {
    dp_wire_request_t      request;
    dp_wire_reply_t        reply;
    dp_wire_authenticate_t authenticate;
    dp_wire_principal_t    principal;
    dp_wire_measure_t      measure;
    dp_wire_measures_t     measures;
    dp_wire_control_t      control;
    dp_wire_report_t       report;
    dp_wire_events_t        events;
    dp_wire_events_stored_t events_stored;
    dp_abuse_event_t        event;
    dp_command_t           command;
    dp_outcome_t           outcome;
} message_t;

static const dp_wire_spec_t *const specs[] = {
    [DP_WIRE_REQUEST] = &dp_wire_request,
    [DP_WIRE_REPLY] = &dp_wire_reply,
    [DP_WIRE_AUTHENTICATE] = &dp_wire_authenticate,
    [DP_WIRE_PRINCIPAL] = &dp_wire_principal,
    [DP_WIRE_MEASURE] = &dp_wire_measure,
    [DP_WIRE_MEASURES] = &dp_wire_measures,
    [DP_WIRE_CONTROL] = &dp_wire_control,
    [DP_WIRE_REPORT] = &dp_wire_report,
    [DP_WIRE_COMMAND] = &dp_wire_command,
    [DP_WIRE_OUTCOME] = &dp_wire_outcome,
    [DP_WIRE_EVENTS] = &dp_wire_events,
    [DP_WIRE_EVENTS_STORED] = &dp_wire_events_stored,
    [DP_WIRE_EVENT] = &dp_wire_event,
};

/* A required integer may be sent as 0, and is then left out when encoded. */
static void
encode_again(const dp_wire_spec_t *spec, const message_t *message, size_t limit)
{
    size_t           size = dp_wire_size(spec, message);
    uint8_t         *frame = malloc(size);
    dp_wire_header_t header;
    dp_slice_t       fields;
    message_t        again;

    FUZZ_ASSERT(size <= limit);
    FUZZ_ASSERT(dp_wire_encode(spec, 7, message, frame, size - 1) == 0);
    FUZZ_ASSERT(dp_wire_encode(spec, 7, message, frame, size) == size);
    FUZZ_ASSERT(dp_wire_open(dp_slice(frame, size), &header, &fields));
    FUZZ_ASSERT(header.correlation == 7);

    if (dp_wire_decode(spec, fields, &again)) {
        FUZZ_ASSERT(dp_wire_size(spec, &again) == size);
    }

    free(frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_wire_header_t header;
    dp_slice_t       fields;
    message_t        message;

    if (!dp_wire_open(dp_slice(data, size), &header, &fields)
        || header.kind < DP_WIRE_REQUEST || header.kind > DP_WIRE_EVENT) {
        return 0;
    }

    if (dp_wire_decode(specs[header.kind], fields, &message)) {
        encode_again(specs[header.kind], &message, size);
    }

    return 0;
}
