/*
 * A call over HTTP: guarded, with its headers, again as long as it makes sense.
 */

#include "backoff.h"
#include "crypto/random.h"
#include "dp_id.h"
#include "dp_trace.h"
#include "policy.h"
#include "runtime/deadline.h"
#include "tally.h"

#include <stdlib.h>
#include <string.h>

/* --- headers ---------------------------------------------------------------- */

/* A line's end in it would be a header of its own, or a request. */
static bool
is_one_line(const char *text)
{
    return strpbrk(text, "\r\n") == NULL;
}

/* False: it cannot be sent. */
static bool
line_add(struct curl_slist **lines, const dp_call_t *call, const char *name,
         const char *value)
{
    dp_slice_t         text = dp_arena_printf(call->arena, "%s: %s", name, value);
    struct curl_slist *longer;

    if (!is_one_line(name) || !is_one_line(value)) {
        return false;
    }

    longer = curl_slist_append(*lines, (const char *) text.data);
    *lines = longer == NULL ? *lines : longer;

    return longer != NULL;
}

static bool
trace_add(struct curl_slist **lines, const dp_call_t *call)
{
    dp_trace_t trace = {.flags = call->trace_flags};
    char       text[DP_TRACE_TEXT_SIZE + 1] = "";

    if (call->trace_id == NULL) {
        return true;
    }

    memcpy(trace.trace_id, call->trace_id, DP_TRACE_ID_SIZE);
    dp_random(trace.span_id, DP_TRACE_SPAN_SIZE);
    dp_trace_format(text, &trace);

    return line_add(lines, call, "traceparent", text)
           && (call->tracestate == NULL || call->tracestate[0] == '\0'
               || line_add(lines, call, "tracestate", call->tracestate));
}

static bool
lines_make(struct curl_slist **lines, const dp_call_t *call)
{
    char id[DP_ID_TEXT_SIZE + 1] = "";
    bool made = trace_add(lines, call);

    if (call->request_id != NULL) {
        dp_id_format(id, call->request_id);
        made = made && line_add(lines, call, "X-Request-Id", id);
    }

    if (call->content_type != NULL) {
        made = made && line_add(lines, call, "Content-Type", call->content_type);
    }

    for (const dp_call_header_t *header = call->headers;
         header != NULL && header->name != NULL; header++) {
        made = made && line_add(lines, call, header->name, header->value);
    }

    /* libcurl's own wait for "100 Continue" is a second lost */
    return made && line_add(lines, call, "Expect", "");
}

/* --- classes ---------------------------------------------------------------- */

static dp_call_class_t
status_class(unsigned status, bool idempotent)
{
    switch (status) {
    case 401:
    case 403:
        return DP_CALL_UNAUTHORIZED;
    case 408:
        return DP_CALL_FAILED;
    case 429:
        return DP_CALL_THROTTLED;
    default:
        break;
    }

    if (status < 500) {
        return status < 400 ? DP_CALL_ANSWERED : DP_CALL_DECLINED;
    }

    return idempotent ? DP_CALL_FAILED : DP_CALL_UNKNOWN;
}

static dp_call_class_t
classify(const dp_transfer_result_t *result, bool idempotent)
{
    switch (result->code) {
    case CURLE_OK:
        return status_class(result->status, idempotent);
    case CURLE_ABORTED_BY_CALLBACK:
        return result->sent && !idempotent ? DP_CALL_UNKNOWN : DP_CALL_NOT_MADE;
    case CURLE_WRITE_ERROR:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_OUT_OF_MEMORY:
        return DP_CALL_REFUSED;
    default:
        break;
    }

    if (result->refused) {
        return DP_CALL_REFUSED;
    }

    return result->sent && !idempotent ? DP_CALL_UNKNOWN : DP_CALL_FAILED;
}

/* --- the call --------------------------------------------------------------- */

static void
answer_take(const dp_call_t *call, dp_transfer_result_t *result,
            dp_answer_t *answer)
{
    answer->body = dp_arena_copy(call->arena, dp_slice(result->body, result->len));
    answer->correlation =
        (const char *) dp_arena_copy(call->arena,
                                     dp_slice_text(result->correlation)).data;
    free(result->body);
}

/* Whether there is a next try; then it has waited for it. */
static bool
may_retry(const dp_call_t *call, const dp_answer_t *answer)
{
    uint64_t random, wait_us;

    if (answer->class != DP_CALL_FAILED || answer->calls == 0
        || answer->calls > DP_BACKOFF_RETRIES) {
        return false;
    }

    dp_random(&random, sizeof(random));
    wait_us = dp_backoff_us(answer->calls - 1, random);

    return dp_monotonic_us() + wait_us < call->until_us
           && dp_transfers_pause(wait_us);
}

static void
attempts_make(const dp_call_t *call, dp_attempt_t *attempt,
              dp_transfer_t *transfer, dp_answer_t *answer)
{
    unsigned retries;

    do {
        dp_transfer_result_t result;

        transfer->timeout_us = dp_attempt_time_us(call->until_us);

        if (transfer->timeout_us == 0) {
            answer->error = DP_ERR_WORKER_TIMEOUT;
            return;
        }

        dp_attempt_make(attempt, transfer, &result, answer);
        answer_take(call, &result, answer);
    } while (may_retry(call, answer));

    retries = answer->calls == 0 ? 0 : answer->calls - 1;

    if (retries != 0) {
        dp_tally_retries(call->provider, call->operation, retries);
    }
}

static void
attempt_fill(dp_attempt_t *attempt, const dp_call_t *call)
{
    dp_breaker_ticket_t *ticket = &attempt->ticket;

    attempt->operation = call->operation;
    attempt->trace_id = call->trace_id;
    attempt->idempotent = call->idempotent;
    attempt->classify = classify;
    dp_attempt_begin(attempt, call->provider, call->instance);
    ticket->db = call->db;
    ticket->integration_id = call->integration_id;
    ticket->org_id = call->org_id;
    ticket->request_id = call->request_id;
    ticket->until_us = call->until_us;
}

bool
dp_outbound_call(const dp_call_t *call, dp_answer_t *answer)
{
    const dp_provider_t *provider = &dp_providers[call->provider];
    const dp_settings_t *settings = dp_outbound_settings();
    dp_attempt_t         attempt = {0};
    dp_transfer_t        transfer = {
               .url = call->url,
               .method = call->method,
               .body = call->body,
               .correlation = provider->correlation,
               .max_bytes = settings->outbound_max_bytes,
    };

    transfer.verdict = dp_guard_url(
        &(dp_guard_t) {
            .hosts = provider->hosts,
            .more = call->hosts,
            .loopback = settings->outbound_loopback,
        },
        call->url);
    *answer = (dp_answer_t) {
        .class = DP_CALL_REFUSED, .error = provider->unavailable,
        .correlation = "",
    };
    attempt_fill(&attempt, call);

    if (transfer.verdict == DP_GUARD_REFUSED || !lines_make(&transfer.lines, call)) {
        dp_tally_refusal(call->provider, call->operation);
        dp_log(DP_LOG_ERROR,
               &(dp_log_context_t) {
                   .request_id = call->request_id,
                   .operation = call->operation,
                   .provider = provider->name,
               },
               answer->error, "a call of %s is not made: its host is not allowed",
               attempt.ticket.name);
    } else {
        attempts_make(call, &attempt, &transfer, answer);
    }

    curl_slist_free_all(transfer.lines);

    return answer->error == DP_OK;
}
