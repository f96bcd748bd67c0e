/*
 * A survey for programs: one JSON document.
 */

#include "dp_json_out.h"
#include "survey.h"

static void
text_member(dp_writer_t *out, const char *name, dp_slice_t text)
{
    dp_write_text(out, ",\"");
    dp_write_text(out, name);
    dp_write_text(out, "\":");

    if (text.len == 0) {
        dp_write_text(out, "null");
    } else {
        dp_json_string(out, text);
    }
}

static void
time_member(dp_writer_t *out, const char *name, uint64_t unix_us)
{
    dp_write_text(out, ",\"");
    dp_write_text(out, name);
    dp_write_text(out, "\":");

    if (unix_us == 0) {
        dp_write_text(out, "null");
    } else {
        dp_json_time(out, unix_us);
    }
}

static void
number_member(dp_writer_t *out, const char *name, uint64_t number)
{
    dp_write_text(out, ",\"");
    dp_write_text(out, name);
    dp_write_text(out, "\":");
    dp_json_uint(out, number);
}

static void
flag_member(dp_writer_t *out, const char *name, bool flag)
{
    dp_write_text(out, ",\"");
    dp_write_text(out, name);
    dp_write_text(out, flag ? "\":true" : "\":false");
}

static void
source_begin(dp_writer_t *out, const char **separator, dp_kill_source_t source)
{
    dp_write_text(out, *separator);
    dp_write_text(out, "{\"source\":");
    dp_json_string(out, dp_slice_text(dp_kill_source_name(source)));
    *separator = ",";
}

static void
database_write(const dp_switch_row_t *row, const char **separator,
               dp_writer_t *out)
{
    source_begin(out, separator, DP_KILL_DATABASE);
    time_member(out, "since", row->set_us);
    time_member(out, "expiresAt", row->expires_us);
    text_member(out, "actor", dp_slice_text(row->actor));
    text_member(out, "reason", dp_slice_text(row->reason));
    number_member(out, "epoch", (uint64_t) row->epoch);
    dp_write_text(out, "}");
}

static void
own_write(const dp_survey_t *survey, unsigned bit, const char **separator,
          dp_writer_t *out)
{
    source_begin(out, separator, DP_KILL_ENVIRONMENT);
    text_member(out, "instance", dp_slice_text(survey->address));
    time_member(out, "since", dp_survey_since_us(survey, survey->address,
                                                 DP_KILL_ENVIRONMENT, bit));
    dp_write_text(out, "}");
}

static void
local_write(const dp_survey_t *survey, const dp_peer_t *peer, unsigned bit,
            const char **separator, dp_writer_t *out)
{
    for (unsigned source = 0; source < DP_KILL_DATABASE; source++) {
        if (!(peer->switches[source] >> bit & 1)) {
            continue;
        }

        source_begin(out, separator, source);
        text_member(out, "instance", dp_slice_text(peer->instance));
        time_member(out, "since", dp_survey_since_us(survey, peer->instance,
                                                     source, bit));
        text_member(out, "reason", dp_peer_reason(peer, source, bit));
        dp_write_text(out, "}");
    }
}

static void
switch_write(const dp_survey_t *survey, unsigned bit, dp_writer_t *out)
{
    const char       *separator = "";
    dp_switch_state_t state = dp_survey_state(survey, bit);

    dp_write_text(out, "{\"name\":");
    dp_json_string(out, dp_slice_text(dp_kill_switch_name(1u << bit)));
    flag_member(out, "on", state != DP_SWITCH_OFF);
    text_member(out, "state", dp_slice_text(dp_switch_state_name(state)));
    number_member(out, "writes", dp_survey_pending(survey, bit));
    dp_write_text(out, ",\"sources\":[");

    if (survey->rows[bit].enabled) {
        database_write(&survey->rows[bit], &separator, out);
    }

    if (survey->own >> bit & 1) {
        own_write(survey, bit, &separator, out);
    }

    for (size_t i = 0; i < survey->peer_count; i++) {
        if (dp_survey_first(survey, i)) {
            local_write(survey, &survey->peers[i], bit, &separator, out);
        }
    }

    dp_write_text(out, "]}");
}

static void
process_write(const dp_survey_t *survey, const dp_peer_t *peer,
              dp_writer_t *out)
{
    dp_write_text(out, "{\"instance\":");
    dp_json_string(out, dp_slice_text(peer->instance));
    number_member(out, "process", peer->pid);
    number_member(out, "generation", peer->generation);
    flag_member(out, "current", peer->generation >= survey->generation);
    flag_member(out, "draining", peer->draining);
    number_member(out, "age_ms", (survey->now_us - peer->reported_us) / 1000);
    dp_write_text(out, "}");
}

void
dp_survey_json(const dp_survey_t *survey, dp_writer_t *out)
{
    dp_write_text(out, "{\"database\":");
    dp_write_text(out, survey->database ? "\"ok\"" : "\"unreachable\"");
    number_member(out, "generation", survey->generation);
    dp_write_text(out, ",\"switches\":[");

    for (unsigned bit = 0; bit < DP_KILL_SWITCH_COUNT; bit++) {
        dp_write_text(out, bit == 0 ? "" : ",");
        switch_write(survey, bit, out);
    }

    dp_write_text(out, "],\"processes\":[");

    for (size_t i = 0; i < survey->peer_count; i++) {
        dp_write_text(out, i == 0 ? "" : ",");
        process_write(survey, &survey->peers[i], out);
    }

    dp_write_text(out, "]}\n");
}
