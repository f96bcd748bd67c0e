/*
 * One attempt: kill switch, breakers, the exchange, its class, the report.
 */

#include "policy.h"

#include "crypto/random.h"
#include "log.h"
#include "own_switches.h"
#include "runtime/deadline.h"
#include "tally.h"

#include <stdio.h>

static struct {
    const dp_settings_t *settings;
    dp_peers_t          *peers;
} outbound;

bool
dp_outbound_start(const dp_settings_t *settings, dp_peers_t *peers)
{
    outbound.settings = settings;
    outbound.peers = peers;

    return dp_transfers_start();
}

void
dp_outbound_drain(void)
{
    dp_transfers_drain();
}

void
dp_outbound_stop(void)
{
    dp_transfers_stop();
}

const dp_settings_t *
dp_outbound_settings(void)
{
    return outbound.settings;
}

void
dp_attempt_begin(dp_attempt_t *attempt, dp_provider_id_t provider,
                 const char *instance)
{
    dp_breaker_ticket_t *ticket = &attempt->ticket;
    const char          *name = dp_providers[provider].name;

    ticket->provider = &dp_providers[provider];
    ticket->switches = ticket->provider->integration
                           ? DP_KILL_EXTERNAL_INTEGRATIONS
                           : 0;
    snprintf(ticket->name, sizeof(ticket->name), "%s%s%s", name,
             instance == NULL ? "" : ":", instance == NULL ? "" : instance);
}

uint64_t
dp_attempt_time_us(uint64_t until_us)
{
    uint64_t now = dp_monotonic_us();
    uint64_t left_us = until_us > now ? until_us - now : 0;
    uint64_t most_us = outbound.settings->outbound_timeout_us;

    return left_us < most_us ? left_us : most_us;
}

/* --- may it be made --------------------------------------------------------- */

static dp_error_t
permission(dp_attempt_t *attempt, uint32_t *retry_after_s)
{
    uint32_t   on = (dp_own_switches() | dp_peers_switches(outbound.peers))
                  & attempt->ticket.switches;
    uint64_t   wait_us;
    dp_error_t error;

    if (on != 0) {
        return dp_error_for_switch(on & (0 - on));
    }

    dp_random(attempt->ticket.owner, sizeof(attempt->ticket.owner));
    error = dp_breakers_ask(&attempt->ticket, &wait_us);
    *retry_after_s = (uint32_t) ((wait_us + 999999) / 1000000);

    return error;
}

/* --- what it was ------------------------------------------------------------ */

/* C35: by scope, provider and integration. */
static void
breakers_tell(dp_attempt_t *attempt, dp_call_class_t class)
{
    const bool failed[2] = {
        class == DP_CALL_FAILED || class == DP_CALL_UNKNOWN,
        attempt->ticket.integration_id != NULL
            && (class == DP_CALL_UNAUTHORIZED || class == DP_CALL_THROTTLED),
    };

    dp_breakers_report(&attempt->ticket, failed);
}

static dp_error_t
class_error(const dp_provider_t *provider, dp_call_class_t class)
{
    switch (class) {
    case DP_CALL_ANSWERED:
    case DP_CALL_DECLINED:
    case DP_CALL_UNAUTHORIZED:
        return DP_OK;
    case DP_CALL_NOT_MADE:
        return DP_ERR_WORKER_RESTARTED;
    default:
        return provider->unavailable;
    }
}

static void
failure_log(const dp_attempt_t *attempt, const dp_transfer_result_t *result,
            const dp_answer_t *answer)
{
    const dp_breaker_ticket_t *ticket = &attempt->ticket;
    dp_log_context_t           context = {
                  .request_id = ticket->request_id,
                  .trace_id = attempt->trace_id,
                  .org_id = ticket->org_id,
                  .operation = attempt->operation,
                  .provider = ticket->provider->name,
                  .duration_us = result->took_us,
    };
    const char *what = result->refused             ? "refused by the guard"
                       : result->code == CURLE_OK ? "answered"
                                                   : curl_easy_strerror(result->code);

    dp_log(DP_LOG_WARN, &context, answer->error,
           "call %u of %s: %s, status %u%s%s", answer->calls, ticket->name, what,
           result->status, result->correlation[0] == '\0' ? "" : ", their ",
           result->correlation);
}

static void
answer_fill(const dp_attempt_t *attempt, const dp_transfer_result_t *result,
            dp_answer_t *answer)
{
    answer->error = class_error(attempt->ticket.provider, answer->class);
    answer->status = result->status;
    answer->retry_after_s = result->retry_after_s;
    answer->calls++;
}

void
dp_attempt_make(dp_attempt_t *attempt, const dp_transfer_t *transfer,
                dp_transfer_result_t *result, dp_answer_t *answer)
{
    *result = (dp_transfer_result_t) {0};
    answer->class = DP_CALL_NOT_MADE;
    answer->error = permission(attempt, &answer->retry_after_s);

    if (answer->error != DP_OK) {
        return;
    }

    dp_transfer_run(transfer, result);
    answer->class = attempt->classify(result, attempt->idempotent);
    answer_fill(attempt, result, answer);
    breakers_tell(attempt, answer->class);
    dp_tally_call((dp_provider_id_t) (attempt->ticket.provider - dp_providers),
                  attempt->operation, result, answer->error != DP_OK);

    if (answer->error != DP_OK || result->status >= 400) {
        failure_log(attempt, result, answer);
    }
}

dp_job_outcome_t
dp_outbound_job_outcome(dp_job_t *job, const dp_answer_t *answer)
{
    bool off = answer->error == DP_ERR_OPS_KILL_SWITCH_EXTERNAL_INTEGRATIONS
               || answer->error == DP_ERR_WORKER_RESTARTED;

    return off || !dp_job_may_go_on(job) ? DP_JOB_RELEASED
                                         : dp_job_fail(job, answer->error);
}
