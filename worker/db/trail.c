/*
 * See trail.h.
 */

#include "trail.h"

#include <stdatomic.h>
#include <stdio.h>

#include "dp_id.h"
#include "dp_trace.h"
#include "log.h"
#include "trail_private.h"

/* Of the connection's own name: the ids behind it always fit. */
#define NAME_LENGTH 9

#define TRACE_DIGITS 16

static atomic_uint_fast64_t slow_limit_us;
static atomic_int           wanted_comments = DP_COMMENTS_SAMPLED;

void
dp_trail_follow(uint64_t slow_us, dp_comments_t comments)
{
    slow_limit_us = slow_us;
    wanted_comments = (int) comments;
}

static bool
traced(const dp_context_t *context)
{
    return context->trace_id != NULL
           && !dp_slice_zero(dp_slice(context->trace_id, DP_TRACE_ID_SIZE));
}

void
dp_trail_name(char name[DP_TRAIL_NAME_SIZE], const dp_db_t *db,
              const dp_context_t *context)
{
    char        id[DP_ID_TEXT_SIZE];
    char        trace[TRACE_DIGITS];
    size_t      digits = 0;
    dp_writer_t writer = dp_writer(name, DP_TRAIL_NAME_SIZE - 1);

    dp_write_text(&writer, db->name);

    if (context->request_id != NULL) {
        dp_id_format(id, context->request_id);
        writer.pos = writer.start + strnlen(db->name, NAME_LENGTH);
        dp_write_text(&writer, " ");
        dp_write_bytes(&writer, dp_slice(id, sizeof(id)));
    }

    if (context->request_id != NULL && traced(context)) {
        digits = sizeof(trace);
        dp_hex_format(trace,
                      context->trace_id + DP_TRACE_ID_SIZE - TRACE_DIGITS / 2,
                      TRACE_DIGITS / 2);
        dp_write_text(&writer, " ");
    }

    dp_write_bytes(&writer, dp_slice(trace, digits));
    *writer.pos = '\0';
}

static bool
comment_wanted(const dp_context_t *context)
{
    int wanted = wanted_comments;

    return context->request_id != NULL && traced(context)
           && (wanted == DP_COMMENTS_ALL
               || (wanted == DP_COMMENTS_SAMPLED
                   && (context->trace_flags & DP_TRACE_SAMPLED) != 0));
}

bool
dp_trail_comment(char text[DP_TRAIL_TEXT_SIZE], const char *sql,
                 const dp_context_t *context)
{
    char       id[DP_ID_TEXT_SIZE], parent[DP_TRACE_TEXT_SIZE];
    dp_trace_t trace = {.flags = (uint8_t) context->trace_flags};

    if (!comment_wanted(context)) {
        return false;
    }

    memcpy(trace.trace_id, context->trace_id, sizeof(trace.trace_id));
    memcpy(trace.span_id, context->span_id, sizeof(trace.span_id));
    dp_trace_format(parent, &trace);
    dp_id_format(id, context->request_id);

    return snprintf(text, DP_TRAIL_TEXT_SIZE,
                    "%s /*action='%s',requestid='%.*s',traceparent='%.*s'*/",
                    sql, context->action, (int) sizeof(id), id,
                    (int) sizeof(parent), parent)
           < DP_TRAIL_TEXT_SIZE;
}

/* The statements of a trip, for people. */
static void
names_write(char *text, size_t size, const dp_trip_t *trip, unsigned first)
{
    dp_writer_t writer = dp_writer(text, size - 1);

    for (unsigned i = first; i < trip->count; i++) {
        dp_write_text(&writer, i == first ? "" : ", ");
        dp_write_text(&writer, trip->steps[i].statement->name);
    }

    *writer.pos = '\0';
}

void
dp_trail_trip(const dp_db_t *db, unsigned first, uint64_t took_us)
{
    char             names[512];
    dp_log_context_t context = {.request_id = NULL};
    uint64_t         limit_us = slow_limit_us;

    if (limit_us == 0 || took_us < limit_us) {
        return;
    }

    if (db->log != NULL) {
        context = *db->log;
    }

    context.duration_us = took_us;
    names_write(names, sizeof(names), &db->trip, first);
    dp_log(DP_LOG_WARN, &context, DP_OK, "slow statements: %s", names);
}
