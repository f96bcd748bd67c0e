/*
 * A table under a mutex that is held for the length of a search.
 */

#include "tally.h"

#include "dp_json_out.h"
#include "dp_prometheus.h"
#include "metrics.h"

#include <pthread.h>
#include <stdio.h>

#define CALLS "integration_calls_total"
#define OUTAGES "circuit_breaker_open_seconds"
#define ENTRIES 128
#define CODE_SIZE 12
#define SECOND_NS UINT64_C(1000000000)
#define RETRY_BUCKETS 6

static const dp_prometheus_bound_t retry_bounds[RETRY_BUCKETS] = {
    {1 * SECOND_NS, "1"}, {2 * SECOND_NS, "2"},   {3 * SECOND_NS, "3"},
    {5 * SECOND_NS, "5"}, {10 * SECOND_NS, "10"}, {UINT64_MAX, "+Inf"},
};

static const dp_histogram_t call_seconds[DP_PROVIDER_COUNT] = {
#define DP_PROVIDER(name, ...) [DP_PROVIDER_##name] = DP_HISTOGRAM_CALL_##name,
#include "providers.def"
#undef DP_PROVIDER
};

typedef struct {
    dp_provider_id_t provider;
    const char      *operation;
    char             code[CODE_SIZE]; /* empty: of retries */
    bool             failed;
    uint64_t         calls;
    uint64_t         retry_counts[RETRY_BUCKETS]; /* of calls by retries */
    uint64_t         retries;
} entry_t;

#define OUTAGE_BUCKETS 8

static const dp_prometheus_bound_t outage_bounds[OUTAGE_BUCKETS] = {
    {30 * SECOND_NS, "30"},   {60 * SECOND_NS, "60"},
    {120 * SECOND_NS, "120"}, {300 * SECOND_NS, "300"},
    {600 * SECOND_NS, "600"}, {900 * SECOND_NS, "900"},
    {3600 * SECOND_NS, "3600"}, {UINT64_MAX, "+Inf"},
};

typedef struct {
    uint64_t counts[OUTAGE_BUCKETS];
    uint64_t sum_ns;
} outages_t;

_Static_assert((ENTRIES + DP_PROVIDER_COUNT) * 1800 <= DP_METRICS_CALLS_SIZE,
               "each entry has room for its lines");

static struct {
    pthread_mutex_t mutex;
    size_t          count;
    entry_t         entries[ENTRIES];
    outages_t       outages[DP_PROVIDER_COUNT];
} tally = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool
is_of(const entry_t *entry, dp_provider_id_t provider, const char *operation,
      const char *code)
{
    return entry->provider == provider && strcmp(entry->operation, operation) == 0
           && strcmp(entry->code, code) == 0;
}

/* Under the mutex. */
static entry_t *
entry_find(dp_provider_id_t provider, const char *operation, const char *code)
{
    entry_t *entry = tally.entries;

    for (size_t i = 0; i < tally.count; i++, entry++) {
        if (is_of(entry, provider, operation, code)) {
            return entry;
        }
    }

    if (tally.count == ENTRIES) {
        return entry - 1;
    }

    *entry = (entry_t) {.provider = provider, .operation = operation};

    if (++tally.count == ENTRIES) {
        entry->operation = code = "other";
    }

    snprintf(entry->code, sizeof(entry->code), "%s", code);

    return entry;
}

static void
call_count(dp_provider_id_t provider, const char *operation, const char *code,
           bool failed)
{
    entry_t *entry;

    pthread_mutex_lock(&tally.mutex);
    entry = entry_find(provider, operation, code);
    entry->calls++;
    entry->failed = failed;
    pthread_mutex_unlock(&tally.mutex);
}

static const char *
code_word(const dp_transfer_result_t *result)
{
    if (result->refused) {
        return "refused";
    }

    switch (result->code) {
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "resolve";
    case CURLE_COULDNT_CONNECT:
        return "connect";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
        return "tls";
    case CURLE_WRITE_ERROR:
        return "too_large";
    case CURLE_ABORTED_BY_CALLBACK:
        return "stopped";
    default:
        return "broken";
    }
}

void
dp_tally_call(dp_provider_id_t provider, const char *operation,
              const dp_transfer_result_t *result, bool failed)
{
    char status[CODE_SIZE];

    if (result->code == CURLE_OK) {
        snprintf(status, sizeof(status), "%u", result->status % 1000);
    }

    call_count(provider, operation,
               result->code == CURLE_OK ? status : code_word(result), failed);
    dp_histogram_observe(call_seconds[provider], result->took_us);
}

void
dp_tally_refusal(dp_provider_id_t provider, const char *operation)
{
    call_count(provider, operation, "refused", true);
}

void
dp_tally_retries(dp_provider_id_t provider, const char *operation,
                 unsigned retries)
{
    entry_t *entry;

    pthread_mutex_lock(&tally.mutex);
    entry = entry_find(provider, operation, "");
    entry->retry_counts[dp_prometheus_bucket(retry_bounds,
                                             retries * SECOND_NS)]++;
    entry->retries += retries;
    pthread_mutex_unlock(&tally.mutex);
}

static void
retries_render(dp_writer_t *writer, const entry_t *entry)
{
    char labels[200];

    snprintf(labels, sizeof(labels),
             "provider=\"%s\",operation=\"%s\",code=\"%s\"",
             dp_providers[entry->provider].name, entry->operation,
             dp_error_row(dp_providers[entry->provider].unavailable)->code);
    dp_prometheus_histogram(writer, "retry_attempts", labels,
                            &(const dp_prometheus_histogram_t) {
                                .bounds = retry_bounds,
                                .counts = entry->retry_counts,
                                .sum_ns = entry->retries * SECOND_NS,
                            });
}

static void
calls_render(dp_writer_t *writer, const entry_t *entry)
{
    char line[200];

    snprintf(line, sizeof(line),
             CALLS "{provider=\"%s\",operation=\"%s\",code=\"%s\",outcome=\"%s\"} ",
             dp_providers[entry->provider].name, entry->operation, entry->code,
             entry->failed ? "failed" : "ok");
    dp_write_text(writer, line);
    dp_json_uint(writer, entry->calls);
    dp_write_text(writer, "\n");
}

void
dp_tally_outage(const dp_provider_t *provider, uint64_t duration_us)
{
    outages_t *outages = &tally.outages[provider - dp_providers];
    uint64_t   duration_ns = duration_us * 1000;

    pthread_mutex_lock(&tally.mutex);
    outages->counts[dp_prometheus_bucket(outage_bounds, duration_ns)]++;
    outages->sum_ns += duration_ns;
    pthread_mutex_unlock(&tally.mutex);
}

/* Of providers that had one. */
static void
outages_render(dp_writer_t *writer)
{
    char labels[80];

    dp_prometheus_family(writer, OUTAGES, "histogram",
                         "For how long circuit breakers were open.");

    for (size_t i = 0; i < DP_PROVIDER_COUNT; i++) {
        const outages_t *outages = &tally.outages[i];

        if (outages->sum_ns != 0) {
            snprintf(labels, sizeof(labels), "provider=\"%s\"",
                     dp_providers[i].name);
            dp_prometheus_histogram(writer, OUTAGES, labels,
                                    &(const dp_prometheus_histogram_t) {
                                        .bounds = outage_bounds,
                                        .counts = outages->counts,
                                        .sum_ns = outages->sum_ns,
                                    });
        }
    }
}

void
dp_tally_render(dp_writer_t *writer)
{
    pthread_mutex_lock(&tally.mutex);

    for (size_t i = 0; i < tally.count; i++) {
        if (tally.entries[i].retries != 0) {
            retries_render(writer, &tally.entries[i]);
        }
    }

    dp_prometheus_family(writer, CALLS, "counter",
                         "Calls to providers, each try of its own, by what came of it.");

    for (size_t i = 0; i < tally.count; i++) {
        if (tally.entries[i].calls != 0) {
            calls_render(writer, &tally.entries[i]);
        }
    }

    outages_render(writer);

    pthread_mutex_unlock(&tally.mutex);
}
