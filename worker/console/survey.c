/*
 * Looking, and judging what was seen.
 */

#include "survey.h"

#include "db/ask.h"
#include "own_switches.h"
#include "runtime/deadline.h"
#include "runtime/writes.h"

#include <stdio.h>
#include <stdlib.h>

/* $1: what is on somewhere, as bits; those are asked whether they have drained. */
static const dp_statement_t rows_statement = {
    .name = "survey.rows",
    .sql =
        "select k.bit,"
        "       k.enabled and coalesce(k.expires_at > statement_timestamp(), true),"
        "       case when k.enabled or $1 >> k.bit & 1 = 1"
        "            then app.kill_switch_drained(k.bit) else true end,"
        "       k.epoch,"
        "       k.set_at,"
        "       k.expires_at,"
        "       k.actor,"
        "       k.reason,"
        "       c.generation"
        "  from dp.kill_switch k"
        " cross join app.control_read(null) c"
        " order by k.bit",
};

enum {
    ROW_BIT,
    ROW_ENABLED,
    ROW_DRAINED,
    ROW_EPOCH,
    ROW_SET_AT,
    ROW_EXPIRES_AT,
    ROW_ACTOR,
    ROW_REASON,
    ROW_GENERATION,
};

static const dp_statement_t seen_statement = {
    .name = "survey.seen",
    .sql =
        "select s.instance,"
        "       s.source,"
        "       k.bit,"
        "       s.since"
        "  from dp.kill_switch_source s"
        "  join dp.kill_switch k using (name)"
        " where s.enabled"
        " order by s.since desc"
        " limit $1",
};

enum {
    SEEN_INSTANCE,
    SEEN_SOURCE,
    SEEN_BIT,
    SEEN_SINCE,
};

static void
text_copy(char *text, size_t size, dp_slice_t from)
{
    snprintf(text, size, "%.*s", (int) from.len, (const char *) from.data);
}

/* What is on without the database. */
static uint32_t
local_switches(const dp_survey_t *survey)
{
    uint32_t on = survey->own;

    for (size_t i = 0; i < survey->peer_count; i++) {
        for (unsigned source = 0; source < DP_KILL_DATABASE; source++) {
            on |= survey->peers[i].switches[source];
        }
    }

    return on;
}

static void
row_read(dp_survey_t *survey, dp_row_t row)
{
    int64_t          bit = dp_row_int(row, ROW_BIT);
    dp_switch_row_t *to = &survey->rows[bit % DP_KILL_SWITCH_COUNT];

    to->enabled = dp_row_bool(row, ROW_ENABLED);
    to->drained = dp_row_bool(row, ROW_DRAINED);
    to->epoch = dp_row_int(row, ROW_EPOCH);
    to->set_us = dp_row_time_us(row, ROW_SET_AT);
    to->expires_us = dp_row_time_us(row, ROW_EXPIRES_AT);
    text_copy(to->actor, sizeof(to->actor), dp_row_bytes(row, ROW_ACTOR));
    text_copy(to->reason, sizeof(to->reason), dp_row_bytes(row, ROW_REASON));
    survey->generation = (uint64_t) dp_row_int(row, ROW_GENERATION);
}

static void
rows_ask(dp_survey_t *survey, dp_db_t *db, uint64_t until_us)
{
    dp_row_t   row;
    dp_error_t error = dp_ask(db,
        &(dp_question_t) {
            .statement = &rows_statement,
            .values = DP_BIND(dp_int4((int32_t) local_switches(survey))),
            .until_us = until_us,
        }, &row);

    survey->database = error == DP_OK;

    for (int i = 0; survey->database && i < dp_row_count(row); i++) {
        row_read(survey, dp_row_at(row, i));
    }

    dp_trip_clear(db);
}

static dp_kill_source_t
source_find(dp_slice_t name)
{
    dp_kill_source_t source = DP_KILL_DIRECTIVE;

    while (source < DP_KILL_DATABASE
           && !dp_slice_equal(name, dp_slice_text(dp_kill_source_name(source)))) {
        source++;
    }

    return source;
}

static void
seen_ask(dp_survey_t *survey, dp_db_t *db, uint64_t until_us)
{
    dp_row_t   row;
    dp_error_t error = dp_ask(db,
        &(dp_question_t) {
            .statement = &seen_statement,
            .values = DP_BIND(dp_int8(DP_SEEN_MAX)),
            .until_us = until_us,
        }, &row);

    for (int i = 0; error == DP_OK && i < dp_row_count(row); i++) {
        dp_row_t   at = dp_row_at(row, i);
        dp_seen_t *seen = &survey->seen[survey->seen_count++];

        text_copy(seen->instance, sizeof(seen->instance),
                  dp_row_bytes(at, SEEN_INSTANCE));
        seen->source = source_find(dp_row_bytes(at, SEEN_SOURCE));
        seen->bit = (unsigned) dp_row_int(at, SEEN_BIT);
        seen->since_us = dp_row_time_us(at, SEEN_SINCE);
    }

    dp_trip_clear(db);
}

static int
peer_compare(const void *a, const void *b)
{
    const dp_peer_t *left = a;
    const dp_peer_t *right = b;
    int              order = strcmp(left->instance, right->instance);

    if (order == 0 && left->draining != right->draining) {
        return left->draining ? 1 : -1;
    }

    if (order == 0 && left->pid != right->pid) {
        return left->pid < right->pid ? -1 : 1;
    }

    if (order == 0) {
        return left->reported_us > right->reported_us ? -1 : 1;
    }

    return order;
}

/* In order, those that drain last; of a process that has connected anew the newest report only. */
static size_t
peers_read(dp_peers_t *peers, uint64_t now_us, dp_peer_t *copies)
{
    size_t kept = 0;
    size_t count = dp_peers_copy(peers, now_us, copies);

    qsort(copies, count, sizeof(*copies), peer_compare);

    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || copies[kept - 1].pid != copies[i].pid
            || strcmp(copies[kept - 1].instance, copies[i].instance) != 0) {
            copies[kept++] = copies[i];
        }
    }

    return kept;
}

/* Behind the peers: what one of them does not count any more is counted here. */
static void
writes_read(dp_survey_t *survey)
{
    for (unsigned bit = 0; bit < DP_KILL_SWITCH_COUNT; bit++) {
        survey->writes[bit] = dp_writes_under_way(bit);
    }
}

void
dp_survey_make(dp_survey_t *survey, dp_peers_t *peers, dp_db_t *db,
               uint64_t timeout_us)
{
    const char *address = survey->address;

    *survey = (dp_survey_t) {
        .address = address,
        .own = dp_own_switches(),
        .now_us = dp_monotonic_us(),
    };

    survey->peer_count = peers_read(peers, survey->now_us, survey->peers);
    writes_read(survey);
    rows_ask(survey, db, survey->now_us + timeout_us);

    if (survey->database) {
        seen_ask(survey, db, survey->now_us + timeout_us);
    }
}

static uint32_t
peer_switches(const dp_peer_t *peer)
{
    return peer->switches[DP_KILL_DIRECTIVE]
           | peer->switches[DP_KILL_ENVIRONMENT]
           | peer->switches[DP_KILL_FILE];
}

bool
dp_survey_held(const dp_survey_t *survey, unsigned bit)
{
    return local_switches(survey) >> bit & 1;
}

/* On for all: by the database, by the worker, or by every instance itself. */
static bool
on_everywhere(const dp_survey_t *survey, unsigned bit)
{
    if (survey->rows[bit].enabled || survey->own >> bit & 1) {
        return true;
    }

    for (size_t i = 0; i < survey->peer_count; i++) {
        if (!(peer_switches(&survey->peers[i]) >> bit & 1)) {
            return false;
        }
    }

    return survey->peer_count != 0;
}

bool
dp_survey_reached(const dp_survey_t *survey, uint64_t generation)
{
    for (size_t i = 0; i < survey->peer_count; i++) {
        if (survey->peers[i].generation < generation) {
            return false;
        }
    }

    return true;
}

uint64_t
dp_survey_pending(const dp_survey_t *survey, unsigned bit)
{
    uint64_t pending = 0;

    for (size_t i = 0; i < survey->peer_count; i++) {
        pending += survey->peers[i].pending[bit];
    }

    return pending > survey->writes[bit] ? pending : survey->writes[bit];
}

dp_switch_state_t
dp_survey_state(const dp_survey_t *survey, unsigned bit)
{
    const dp_switch_row_t *row = &survey->rows[bit];

    if (!row->enabled && !dp_survey_held(survey, bit)) {
        return DP_SWITCH_OFF;
    }

    if (!on_everywhere(survey, bit)) {
        return DP_SWITCH_PARTIAL;
    }

    if (!dp_survey_reached(survey, survey->generation)) {
        return DP_SWITCH_ENGAGED;
    }

    if (dp_survey_pending(survey, bit) != 0 || !row->drained) {
        return DP_SWITCH_DRAINING;
    }

    return DP_SWITCH_EFFECTIVE;
}

const char *
dp_switch_state_name(dp_switch_state_t state)
{
    static const char *const names[] = {
        [DP_SWITCH_OFF] = "off",
        [DP_SWITCH_PARTIAL] = "partial",
        [DP_SWITCH_ENGAGED] = "engaged",
        [DP_SWITCH_DRAINING] = "draining",
        [DP_SWITCH_EFFECTIVE] = "effective",
    };

    return names[state];
}

uint64_t
dp_survey_since_us(const dp_survey_t *survey, const char *instance,
                   dp_kill_source_t source, unsigned bit)
{
    for (size_t i = 0; i < survey->seen_count; i++) {
        const dp_seen_t *seen = &survey->seen[i];

        if (seen->source == source && seen->bit == bit
            && strcmp(seen->instance, instance) == 0) {
            return seen->since_us;
        }
    }

    return 0;
}

bool
dp_survey_first(const dp_survey_t *survey, size_t peer)
{
    return peer == 0
           || strcmp(survey->peers[peer - 1].instance,
                     survey->peers[peer].instance) != 0;
}

dp_slice_t
dp_peer_reason(const dp_peer_t *peer, dp_kill_source_t source,
                 unsigned bit)
{
    dp_kill_switch_file_t file;

    if (source != DP_KILL_FILE
        || !dp_kill_switch_file(dp_slice(peer->file_text, peer->file_len),
                                &file)) {
        return dp_slice(NULL, 0);
    }

    return file.reasons[bit];
}
