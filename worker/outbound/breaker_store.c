/*
 * Reading, deciding and writing, until it was nobody else's turn.
 */

#include "breaker_store.h"

#include "db/ask.h"
#include "log.h"
#include "metrics.h"
#include "runtime/deadline.h"
#include "tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* As many as may fail at the moment when a breaker opens. */
#define TRIES 64
#define REPORT_LIMIT_US 2000000 /* also behind a call's deadline */
#define FAILURES_TEXT_SIZE (DP_BREAKER_FAILURES * 21 + 3)

static const dp_statement_t breakers_read = {
    .name = "breaker.read",
    .sql = "select state, failures, opened_at, open_since, probe_owner,"
           "       probe_until, version, now, switches"
           "  from app.breakers_read($1, $2)",
};

enum {
    READ_STATE,
    READ_FAILURES,
    READ_OPENED_AT,
    READ_OPEN_SINCE,
    READ_PROBE_OWNER,
    READ_PROBE_UNTIL,
    READ_VERSION,
    READ_NOW,
    READ_SWITCHES,
};

static const dp_statement_t breaker_write = {
    .name = "breaker.write",
    .sql = "select app.breaker_write($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    .rows = DP_ROWS_ONE,
};

/* A breaker as it was read. */
typedef struct {
    dp_breaker_t breaker;
    int64_t      version;
    uint64_t     now_us;
} copy_t;

typedef struct {
    copy_t   copies[2]; /* by scope */
    unsigned count;
    uint32_t switches;
} reading_t;

/* PostgreSQL's text of an array: {1,2,3}. */
static void
failures_parse(dp_breaker_t *breaker, dp_slice_t text)
{
    uint64_t number = 0;

    for (size_t i = 1; i < text.len; i++) {
        uint8_t byte = text.data[i];

        if (byte >= '0' && byte <= '9') {
            number = number * 10 + (uint64_t) (byte - '0');
        } else if (number != 0 && breaker->count < DP_BREAKER_FAILURES) {
            breaker->failures[breaker->count++] = number;
            number = 0;
        }
    }
}

static void
failures_format(const dp_breaker_t *breaker, char text[FAILURES_TEXT_SIZE])
{
    size_t len = 0;

    text[len++] = '{';

    for (unsigned i = 0; i < breaker->count; i++) {
        len += (size_t) snprintf(text + len, FAILURES_TEXT_SIZE - len,
                                 "%s%" PRIu64, i == 0 ? "" : ",",
                                 breaker->failures[i]);
    }

    snprintf(text + len, FAILURES_TEXT_SIZE - len, "}");
}

static void
copy_fill(copy_t *copy, dp_row_t row)
{
    dp_breaker_t *breaker = &copy->breaker;

    *breaker = (dp_breaker_t) {
        .state = dp_breaker_state_find(dp_row_bytes(row, READ_STATE)),
        .opened_us = (uint64_t) dp_row_int(row, READ_OPENED_AT),
        .since_us = (uint64_t) dp_row_int(row, READ_OPEN_SINCE),
        .probe_until_us = (uint64_t) dp_row_int(row, READ_PROBE_UNTIL),
    };
    memcpy(breaker->probe_owner, dp_row_uuid(row, READ_PROBE_OWNER),
           DP_BREAKER_OWNER_SIZE);
    failures_parse(breaker, dp_row_bytes(row, READ_FAILURES));
    copy->version = dp_row_int(row, READ_VERSION);
    copy->now_us = (uint64_t) dp_row_int(row, READ_NOW);
}

static dp_error_t
breakers_load(const dp_breaker_ticket_t *ticket, reading_t *reading)
{
    dp_value_t none = dp_null(dp_uuid(ticket->owner));
    dp_row_t   row;
    dp_error_t error = dp_ask(
        ticket->db,
        &(dp_question_t) {
            .statement = &breakers_read,
            .values = DP_BIND(dp_text(dp_slice_text(ticket->name)),
                              ticket->integration_id == NULL
                                  ? none
                                  : dp_uuid(ticket->integration_id)),
            .request_id = ticket->request_id,
            .until_us = ticket->until_us,
        },
        &row);

    reading->count = error == DP_OK ? (unsigned) dp_row_count(row) : 0;

    for (unsigned i = 0; i < reading->count; i++) {
        dp_row_t each = dp_row_at(row, (int) i);

        copy_fill(&reading->copies[i], each);
        reading->switches = (uint32_t) dp_row_int(each, READ_SWITCHES);
    }

    dp_trip_clear(ticket->db);

    return error;
}

static dp_error_t
breaker_store(const dp_breaker_ticket_t *ticket, dp_breaker_scope_t scope,
              const copy_t *copy, bool *stored)
{
    static const uint8_t none[DP_BREAKER_OWNER_SIZE];
    const dp_breaker_t  *breaker = &copy->breaker;
    bool                 mine = scope == DP_BREAKER_OF_INTEGRATION;
    bool                 probed = breaker->state == DP_BREAKER_HALF_OPEN;
    char                 failures[FAILURES_TEXT_SIZE];
    dp_row_t             row;
    dp_error_t           error;

    failures_format(breaker, failures);
    error = dp_ask(
        ticket->db,
        &(dp_question_t) {
            .statement = &breaker_write,
            .values = DP_BIND(
                dp_text(dp_slice_text(ticket->name)),
                dp_uuid(mine ? ticket->integration_id : none),
                mine ? dp_uuid(ticket->org_id) : dp_null(dp_uuid(none)),
                dp_int8(copy->version),
                dp_text(dp_slice_text(dp_breaker_state_name(breaker->state))),
                dp_text(dp_slice_text(failures)),
                dp_int8((int64_t) breaker->opened_us),
                dp_int8((int64_t) breaker->since_us),
                probed ? dp_uuid(breaker->probe_owner) : dp_null(dp_uuid(none)),
                dp_int8((int64_t) breaker->probe_until_us)),
            .request_id = ticket->request_id,
            .until_us = ticket->until_us,
            .writes = true,
        },
        &row);

    *stored = error == DP_OK && dp_row_bool(row, 0);
    dp_trip_clear(ticket->db);

    return error;
}

/* What is counted, by provider. */
enum {
    COUNT_OPEN,
    COUNT_HALF_OPEN,
    COUNT_REFUSED,
    COUNTS,
};

static const dp_metric_t metrics[DP_PROVIDER_COUNT][COUNTS] = {
#define DP_PROVIDER(name, ...)                                    \
    [DP_PROVIDER_##name] = {DP_METRIC_BREAKER_OPEN_##name,        \
                            DP_METRIC_BREAKER_HALF_OPEN_##name,   \
                            DP_METRIC_BREAKER_REFUSED_##name},
#include "providers.def"
#undef DP_PROVIDER
};

static void
count(const dp_breaker_ticket_t *ticket, int what)
{
    dp_metric_add(metrics[ticket->provider - dp_providers][what], 1);
}

/* What an operator may have to know at once. */
static void
transition_tell(const dp_breaker_ticket_t *ticket, dp_breaker_scope_t scope,
                dp_breaker_state_t from, dp_breaker_state_t to)
{
    if (from == to) {
        return;
    }

    if (to != DP_BREAKER_CLOSED) {
        count(ticket, to == DP_BREAKER_OPEN ? COUNT_OPEN : COUNT_HALF_OPEN);
    }

    dp_log(to == DP_BREAKER_OPEN ? DP_LOG_ERROR : DP_LOG_INFO,
           &(dp_log_context_t) {
               .request_id = ticket->request_id,
               .provider = ticket->provider->name,
               .org_id = scope == DP_BREAKER_OF_INTEGRATION ? ticket->org_id
                                                            : NULL,
           },
           to == DP_BREAKER_OPEN ? ticket->provider->unavailable : DP_OK,
           "the breaker of %s%s is %s", ticket->name,
           scope == DP_BREAKER_OF_INTEGRATION ? "'s integration" : "",
           dp_breaker_state_name(to));
}

/* --- asking ----------------------------------------------------------------- */

typedef enum {
    STEP_DONE,
    STEP_AGAIN, /* read anew */
    STEP_FAILED,
} step_t;

/* Asks one breaker and writes what asking changed. */
static step_t
scope_ask(dp_breaker_ticket_t *ticket, dp_breaker_scope_t scope, copy_t *copy,
          uint64_t *wait_us, dp_error_t *error)
{
    dp_breaker_state_t   before = copy->breaker.state;
    dp_breaker_verdict_t verdict = dp_breaker_ask(
        &copy->breaker, copy->now_us, ticket->owner, wait_us);
    bool                 stored;

    switch (verdict) {
    case DP_BREAKER_PASS:
        return STEP_DONE;
    case DP_BREAKER_REFUSE:
        count(ticket, COUNT_REFUSED);
        *error = ticket->provider->unavailable;
        return STEP_FAILED;
    default:
        break;
    }

    *error = breaker_store(ticket, scope, copy, &stored);

    if (*error != DP_OK) {
        return STEP_FAILED;
    }

    if (stored) {
        transition_tell(ticket, scope, before, copy->breaker.state);
        ticket->probing[scope] = verdict == DP_BREAKER_PROBE;
    }

    return stored && verdict == DP_BREAKER_PROBE ? STEP_DONE : STEP_AGAIN;
}

/*
 * The integration's first: its lease, should the provider's breaker refuse then,
 * is lost to nobody.
 */
static step_t
scopes_ask(dp_breaker_ticket_t *ticket, reading_t *reading, uint64_t *wait_us,
           dp_error_t *error)
{
    uint32_t on = reading->switches & ticket->switches;
    step_t   step = STEP_DONE;

    if (on != 0) {
        *error = dp_error_for_switch(on & (0 - on));
        return STEP_FAILED;
    }

    for (unsigned i = reading->count; i-- > 0 && step == STEP_DONE;) {
        if (!ticket->probing[i]) {
            step = scope_ask(ticket, (dp_breaker_scope_t) i,
                             &reading->copies[i], wait_us, error);
        }
    }

    return step;
}

dp_error_t
dp_breakers_ask(dp_breaker_ticket_t *ticket, uint64_t *wait_us)
{
    *wait_us = 0;

    for (unsigned try = 0; try < TRIES; try++) {
        reading_t  reading = {0};
        dp_error_t error = breakers_load(ticket, &reading);

        if (error != DP_OK
            || scopes_ask(ticket, &reading, wait_us, &error) != STEP_AGAIN) {
            return error;
        }
    }

    return DP_ERR_DATABASE_CONTENTION;
}

/* --- reporting -------------------------------------------------------------- */

/* True when nothing is left to be written. */
static bool
scope_report(dp_breaker_ticket_t *ticket, dp_breaker_scope_t scope,
             copy_t *copy, bool failed)
{
    dp_breaker_state_t before = copy->breaker.state;
    uint64_t           open_us = copy->now_us - copy->breaker.since_us;
    bool               probing = ticket->probing[scope];
    bool               changed = failed
                             ? dp_breaker_failed(&copy->breaker, copy->now_us,
                                                 ticket->owner, probing)
                             : dp_breaker_succeeded(&copy->breaker,
                                                    ticket->owner, probing);
    bool               stored = true;

    if (changed && breaker_store(ticket, scope, copy, &stored) != DP_OK) {
        return true;
    }

    if (changed && stored) {
        transition_tell(ticket, scope, before, copy->breaker.state);
    }

    if (changed && stored && !failed) {
        dp_tally_outage(ticket->provider, open_us);
    }

    return stored;
}

static void
report(dp_breaker_ticket_t *ticket, dp_breaker_scope_t scope, bool failed)
{
    bool done = false;

    for (unsigned try = 0; try < TRIES && !done; try++) {
        reading_t reading;

        done = breakers_load(ticket, &reading) != DP_OK
               || reading.count <= (unsigned) scope
               || scope_report(ticket, scope, &reading.copies[scope], failed);
    }

    ticket->probing[scope] = false;
}

void
dp_breakers_report(dp_breaker_ticket_t *ticket, const bool failed[2])
{
    ticket->until_us = dp_monotonic_us() + REPORT_LIMIT_US;

    for (unsigned i = 0; i < 2; i++) {
        if (failed[i] || ticket->probing[i]) {
            report(ticket, (dp_breaker_scope_t) i, failed[i]);
        }
    }
}
