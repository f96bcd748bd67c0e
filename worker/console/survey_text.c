/*
 * A survey as an operator reads it.
 */

#include "dp_json_out.h"
#include "survey.h"

#include <pwd.h>
#include <stdio.h>

#define NAME_COLUMN 24
#define STATE_COLUMN 12
#define NUMBER_COLUMN 20

/* Text in a column of `width`; what follows stands at least one blank off. */
static void
column_write(dp_writer_t *out, const char *text, size_t width)
{
    size_t length = strlen(text);

    dp_write_text(out, text);

    do {
        dp_write_text(out, " ");
    } while (++length < width);
}

static void
number_write(dp_writer_t *out, uint64_t number, size_t width)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long) number);
    column_write(out, text, width);
}

/* Without the quotes. */
static void
time_write(dp_writer_t *out, uint64_t unix_us)
{
    uint8_t     text[48];
    dp_writer_t quoted = dp_writer(text, sizeof(text));

    dp_json_time(&quoted, unix_us);
    dp_write_bytes(out, dp_slice(text + 1, dp_written(&quoted).len - 2));
}

static void
since_write(dp_writer_t *out, uint64_t since_us)
{
    if (since_us != 0) {
        dp_write_text(out, " since ");
        time_write(out, since_us);
    }
}

static void
reason_write(dp_writer_t *out, dp_slice_t reason)
{
    if (reason.len != 0) {
        dp_write_text(out, ": ");
        dp_write_bytes(out, reason);
    }

    dp_write_text(out, "\n");
}

static void
database_write(const dp_switch_row_t *row, dp_writer_t *out)
{
    dp_write_text(out, "    database");
    since_write(out, row->set_us);
    dp_write_text(out, " by ");
    dp_write_text(out, row->actor[0] == '\0' ? "somebody" : row->actor);

    if (row->expires_us != 0) {
        dp_write_text(out, " until ");
        time_write(out, row->expires_us);
    }

    reason_write(out, dp_slice_text(row->reason));
}

static void
owner_write(dp_writer_t *out, uint32_t uid)
{
    char           buffer[1024];
    struct passwd  entry;
    struct passwd *found = NULL;

    (void) getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found);
    dp_write_text(out, " by ");

    if (found != NULL) {
        dp_write_text(out, found->pw_name);
    } else {
        dp_json_uint(out, uid);
    }
}

static void
local_write(const dp_survey_t *survey, const dp_peer_t *peer,
            dp_kill_source_t source, unsigned bit, dp_writer_t *out)
{
    dp_write_text(out, "    ");
    dp_write_text(out, dp_kill_source_name(source));
    dp_write_text(out, " of nginx ");
    dp_write_text(out, peer->instance);
    since_write(out, dp_survey_since_us(survey, peer->instance, source, bit));

    if (source == DP_KILL_FILE) {
        owner_write(out, peer->file_owner);
    }

    reason_write(out, dp_peer_reason(peer, source, bit));
}

static void
own_write(const dp_survey_t *survey, unsigned bit, dp_writer_t *out)
{
    dp_write_text(out, "    environment of worker ");
    dp_write_text(out, survey->address);
    since_write(out, dp_survey_since_us(survey, survey->address,
                                        DP_KILL_ENVIRONMENT, bit));
    dp_write_text(out, "\n");
}

/* A line for everybody who has the switch on. */
static void
sources_write(const dp_survey_t *survey, unsigned bit, dp_writer_t *out)
{
    if (survey->rows[bit].enabled) {
        database_write(&survey->rows[bit], out);
    }

    if (survey->own >> bit & 1) {
        own_write(survey, bit, out);
    }

    for (size_t i = 0; i < survey->peer_count; i++) {
        const dp_peer_t *peer = &survey->peers[i];

        for (unsigned source = 0; source < DP_KILL_DATABASE; source++) {
            if (dp_survey_first(survey, i)
                && peer->switches[source] >> bit & 1) {
                local_write(survey, peer, source, bit, out);
            }
        }
    }
}

static void
state_write(dp_writer_t *out, dp_switch_state_t state, bool color)
{
    static const char *const colors[] = {
        [DP_SWITCH_OFF] = "\033[32m",
        [DP_SWITCH_PARTIAL] = "\033[33m",
        [DP_SWITCH_ENGAGED] = "\033[33m",
        [DP_SWITCH_DRAINING] = "\033[33m",
        [DP_SWITCH_EFFECTIVE] = "\033[31m",
    };

    if (color) {
        dp_write_text(out, colors[state]);
    }

    column_write(out, dp_switch_state_name(state), STATE_COLUMN);

    if (color) {
        dp_write_text(out, "\033[0m");
    }
}

static void
process_write(const dp_survey_t *survey, const dp_peer_t *peer,
              dp_writer_t *out)
{
    column_write(out, peer->instance, NAME_COLUMN);
    number_write(out, peer->pid, STATE_COLUMN);
    number_write(out, peer->generation, NUMBER_COLUMN);
    number_write(out, peer->pending[0], STATE_COLUMN);
    dp_write_text(out, peer->generation >= survey->generation ? "current"
                                                                : "behind");
    dp_write_text(out, peer->draining ? ", draining\n" : "\n");
}

static void
head_write(const dp_survey_t *survey, dp_writer_t *out)
{
    if (survey->database) {
        dp_write_text(out, "generation ");
        dp_json_uint(out, survey->generation);
        dp_write_text(out, "\n\n");
        return;
    }

    dp_write_text(out,
                  "The database does not answer: its switches, its generation "
                  "and whether its\ntransactions have drained are not known.\n\n");
}

static void
processes_write(const dp_survey_t *survey, dp_writer_t *out)
{
    if (survey->peer_count == 0) {
        dp_write_text(out, "\nNo nginx process peers.\n");
        return;
    }

    dp_write_text(out, "\n");
    column_write(out, "NGINX", NAME_COLUMN);
    column_write(out, "PROCESS", STATE_COLUMN);
    column_write(out, "GENERATION", NUMBER_COLUMN);
    column_write(out, "WRITES", STATE_COLUMN);
    dp_write_text(out, "STATE\n");

    for (size_t i = 0; i < survey->peer_count; i++) {
        process_write(survey, &survey->peers[i], out);
    }
}

void
dp_survey_text(const dp_survey_t *survey, bool color, dp_writer_t *out)
{
    head_write(survey, out);
    column_write(out, "SWITCH", NAME_COLUMN);
    column_write(out, "STATE", STATE_COLUMN);
    dp_write_text(out, "WRITES\n");

    for (unsigned bit = 0; bit < DP_KILL_SWITCH_COUNT; bit++) {
        column_write(out, dp_kill_switch_name(1u << bit), NAME_COLUMN);
        state_write(out, dp_survey_state(survey, bit), color);
        dp_json_uint(out, dp_survey_pending(survey, bit));
        dp_write_text(out, "\n");
        sources_write(survey, bit, out);
    }

    processes_write(survey, out);
}
