/*
 * Intake: one function per kind of message, found by a table.
 *
 * Nothing here waits: readiness, health and metrics are answered from memory.
 */

#include "intake.h"

#include "deadline.h"
#include "dp_routes_index.h"
#include "log.h"
#include "metrics.h"
#include "own_switches.h"
#include "readiness.h"

/* No peer makes us hold anything for longer, whatever deadline it names. */
#define LONGEST_DEADLINE_US 60000000

typedef dp_intake_t intake_fn(dp_message_t *message, dp_slice_t fields,
                              const dp_intake_state_t *state);

static dp_intake_t
drop_malformed(const char *what)
{
    static dp_log_pace_t pace;

    dp_metric_add(DP_METRIC_MESSAGES_MALFORMED, 1);

    if (dp_log_is_due(&pace)) {
        dp_log(DP_LOG_WARN, NULL, DP_ERR_REQUEST_MALFORMED, "dropped %s", what);
    }

    return DP_INTAKE_DROP;
}

static dp_intake_t
refuse(dp_message_t *message, dp_error_t error)
{
    dp_message_refuse(message, error);

    return DP_INTAKE_ANSWER;
}

/* Of what goes to a thread: by its deadline, and whether we are leaving. */
static dp_intake_t
judge_time(dp_message_t *message, uint64_t *deadline_us,
           const dp_intake_state_t *state)
{
    uint64_t now = dp_now_us();

    if (*deadline_us > now + LONGEST_DEADLINE_US) {
        *deadline_us = now + LONGEST_DEADLINE_US;
    }

    message->deadline_us = *deadline_us;

    if (*deadline_us <= now) {
        dp_metric_add(DP_METRIC_DROPPED_LATE, 1);
        return DP_INTAKE_DROP;
    }

    if (state->draining) {
        dp_metric_add(DP_METRIC_DROPPED_DRAINING, 1);
        return refuse(message, DP_ERR_WORKER_UNAVAILABLE);
    }

    return DP_INTAKE_EXECUTE;
}

static dp_intake_t
answer_readiness(dp_message_t *message, const dp_intake_state_t *state)
{
    const dp_wire_request_t *request = &message->asked.request;
    dp_readiness_t           readiness;
    char                     buffer[DP_READINESS_TEXT_SIZE];
    dp_writer_t              text = dp_writer(buffer, sizeof(buffer));
    dp_wire_reply_t          reply;

    readiness.probe = dp_health_read(state->health);
    readiness.draining = state->draining;
    readiness.control_ok = state->control_fresh;
    readiness.switches = request->switches | readiness.probe.switches
                         | dp_own_switches();
    dp_readiness_answer(&readiness, request->query, &text, &reply);
    dp_message_answer(message, &dp_wire_reply, &reply);

    return DP_INTAKE_ANSWER;
}

static dp_intake_t
judge_request(dp_message_t *message, dp_slice_t fields,
              const dp_intake_state_t *state)
{
    dp_wire_request_t *request = &message->asked.request;

    dp_metric_add(DP_METRIC_MESSAGES_REQUEST, 1);

    if (!dp_wire_decode(&dp_wire_request, fields, request)) {
        return drop_malformed("a malformed request");
    }

    message->route = dp_route_find(request->operation);

    /* a newer edge may know operations that we do not: another worker may */
    if (message->route == NULL || message->route->at_edge) {
        return refuse(message, DP_ERR_WORKER_UNAVAILABLE);
    }

    if (message->route == &dp_routes[DP_ROUTE_getReadiness]) {
        return answer_readiness(message, state);
    }

    return judge_time(message, &request->deadline_us, state);
}

static dp_intake_t
judge_authenticate(dp_message_t *message, dp_slice_t fields,
                   const dp_intake_state_t *state)
{
    dp_wire_authenticate_t *asked = &message->asked.authenticate;

    dp_metric_add(DP_METRIC_MESSAGES_AUTHENTICATE, 1);

    if (!dp_wire_decode(&dp_wire_authenticate, fields, asked)) {
        return drop_malformed("a malformed authentication");
    }

    return judge_time(message, &asked->deadline_us, state);
}

static dp_intake_t
judge_events(dp_message_t *message, dp_slice_t fields,
             const dp_intake_state_t *state)
{
    dp_wire_events_t *asked = &message->asked.events;

    dp_metric_add(DP_METRIC_MESSAGES_EVENTS, 1);

    if (!dp_wire_decode(&dp_wire_events, fields, asked)) {
        return drop_malformed("malformed events");
    }

    return judge_time(message, &asked->deadline_us, state);
}

static void
measure_database(dp_wire_measures_t *answer, const dp_intake_state_t *state)
{
    dp_db_probe_t probe = dp_health_read(state->health);

    answer->database_us = probe.reachable ? probe.latency_us : 0;

    if (!probe.reachable) {
        answer->database = DP_WIRE_DATABASE_DOWN;

    } else {
        answer->database = probe.schema_ok ? DP_WIRE_DATABASE_OK
                                           : DP_WIRE_DATABASE_FOREIGN;
    }
}

static dp_slice_t
measure_text(dp_writer_t *text, const dp_intake_state_t *state)
{
    dp_metric_set(DP_METRIC_QUEUE_LENGTH,
                  (int64_t) dp_mailbox_length(state->mailboxes.transactions));
    dp_metric_set(DP_METRIC_PASSWORD_QUEUE_LENGTH,
                  (int64_t) dp_mailbox_length(state->mailboxes.passwords));
    dp_metric_set(DP_METRIC_IN_FLIGHT, (int64_t) state->in_flight);
    dp_metrics_render(text);

    return dp_written(text);
}

static dp_intake_t
answer_measure(dp_message_t *message, dp_slice_t fields,
               const dp_intake_state_t *state)
{
    char               buffer[DP_METRICS_TEXT_SIZE];
    dp_writer_t        text = dp_writer(buffer, sizeof(buffer));
    dp_wire_measure_t  asked;
    dp_wire_measures_t answer = {.text = {NULL, 0}};

    dp_metric_add(DP_METRIC_MESSAGES_MEASURE, 1);

    if (!dp_wire_decode(&dp_wire_measure, fields, &asked)) {
        return drop_malformed("a malformed question for metrics");
    }

    measure_database(&answer, state);

    if (asked.format == DP_WIRE_PROMETHEUS) {
        answer.text = measure_text(&text, state);
    }

    dp_message_answer(message, &dp_wire_measures, &answer);

    return DP_INTAKE_ANSWER;
}

static dp_intake_t
note_report(dp_message_t *message, dp_slice_t fields,
            const dp_intake_state_t *state)
{
    (void) state;
    dp_metric_add(DP_METRIC_MESSAGES_REPORT, 1);

    if (!dp_wire_decode(&dp_wire_report, fields, &message->asked.report)) {
        return drop_malformed("a malformed report");
    }

    return DP_INTAKE_NOTE;
}

static intake_fn *const kinds[] = {
    [DP_WIRE_REQUEST] = judge_request,
    [DP_WIRE_AUTHENTICATE] = judge_authenticate,
    [DP_WIRE_MEASURE] = answer_measure,
    [DP_WIRE_REPORT] = note_report,
    [DP_WIRE_EVENTS] = judge_events,
};

dp_intake_t
dp_intake_judge(dp_message_t *message, const dp_intake_state_t *state)
{
    dp_slice_t fields;
    dp_slice_t frame = dp_slice(zmq_msg_data(&message->frame),
                                zmq_msg_size(&message->frame));

    if (!dp_wire_open(frame, &message->header, &fields)) {
        return drop_malformed("a frame that is not ours");
    }

    if (message->header.kind >= sizeof(kinds) / sizeof(kinds[0])
        || kinds[message->header.kind] == NULL) {
        return drop_malformed("a frame of an unknown kind");
    }

    message->received_us = dp_monotonic_us();

    return kinds[message->header.kind](message, fields, state);
}
