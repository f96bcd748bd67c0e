/*
 * Verifying: does every nginx process have what the database has?
 *
 * The first question notes the time and the generation; it is asked again until
 * every process that lives has reported since, and only such peers count.
 */

#include "commands_private.h"

#include "dp_json_out.h"

#include <sysexits.h>

#define EXIT_NOT_AS_ASKED 1

/* Processes report once a second: who is silent for longer does not agree. */
#define SILENCE_LIMIT_US UINT64_C(3000000)

/* What is found wrong, one after the other. */
typedef struct {
    const dp_errand_t *errand;
    unsigned           count;
} faults_t;

/* A fault, of a process or (NULL) of the whole. */
static void
fault_say(faults_t *faults, const dp_peer_t *peer, const char *what)
{
    uint8_t     buffer[256];
    dp_writer_t line = dp_writer(buffer, sizeof(buffer));
    bool        json = faults->errand->command->json;

    if (peer != NULL) {
        dp_write_text(&line, "nginx ");
        dp_write_text(&line, peer->instance);
        dp_write_text(&line, " process ");
        dp_json_uint(&line, peer->pid);
        dp_write_text(&line, " ");
    }

    dp_write_text(&line, what);

    if (json) {
        dp_errand_say(faults->errand, faults->count == 0 ? "" : ",");
        dp_json_string(faults->errand->text, dp_written(&line));
    } else {
        dp_write_bytes(faults->errand->text, dp_written(&line));
        dp_errand_say(faults->errand, "\n");
    }

    faults->count++;
}

/* Processes of one instance share the words: they cannot differ for long. */
static bool
agrees(const dp_peer_t *a, const dp_peer_t *b)
{
    return memcmp(a->switches, b->switches, sizeof(a->switches)) == 0;
}

static void
process_judge(faults_t *faults, size_t i)
{
    const dp_command_t *command = faults->errand->command;
    const dp_survey_t  *survey = faults->errand->survey;
    const dp_peer_t  *peer = &survey->peers[i];

    if (peer->reported_us < command->since_us) {
        fault_say(faults, peer, "is silent");
    } else if (peer->generation < command->generation) {
        fault_say(faults, peer, "is behind the database's generation");
    } else if (!dp_survey_first(survey, i) && !agrees(peer, peer - 1)) {
        fault_say(faults, peer, "has other switches than its neighbour");
    }
}

static void
judge(faults_t *faults)
{
    const dp_survey_t *survey = faults->errand->survey;

    if (!survey->database) {
        fault_say(faults, NULL,
                  "the database does not answer: its switches and its "
                  "generation are not known");
    }

    if (survey->peer_count == 0) {
        fault_say(faults, NULL, "no nginx process peers");
    }

    for (size_t i = 0; i < survey->peer_count; i++) {
        process_judge(faults, i);
    }
}

/* Has every process reported since? */
static bool
all_heard(const dp_errand_t *errand)
{
    const dp_survey_t *survey = errand->survey;

    for (size_t i = 0; i < survey->peer_count; i++) {
        if (survey->peers[i].reported_us < errand->command->since_us) {
            return false;
        }
    }

    return dp_survey_reached(survey, errand->command->generation);
}

static void
conclude(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    bool     json = errand->command->json;
    faults_t faults = {.errand = errand};

    dp_errand_say(errand, json ? "{\"faults\":[" : "");
    judge(&faults);
    outcome->exit = faults.count == 0 ? EX_OK : EXIT_NOT_AS_ASKED;

    if (json) {
        dp_errand_say(errand, faults.count == 0 ? "],\"agree\":true"
                                                : "],\"agree\":false");
        dp_errand_say(errand, ",\"processes\":");
        dp_json_uint(errand->text, errand->survey->peer_count);
        dp_errand_say(errand, ",\"generation\":");
        dp_json_uint(errand->text, errand->command->generation);
        dp_errand_say(errand, "}\n");

    } else if (faults.count == 0) {
        dp_errand_say(errand, "all agree: ");
        dp_json_uint(errand->text, errand->survey->peer_count);
        dp_errand_say(errand, " nginx processes, generation ");
        dp_json_uint(errand->text, errand->command->generation);
        dp_errand_say(errand, "\n");
    }
}

void
dp_command_verify(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    const dp_command_t *command = errand->command;

    dp_errand_survey(errand);

    if (command->since_us == 0) {
        outcome->again = DP_COMMAND_VERIFY;
        outcome->since_us = errand->survey->now_us;
        outcome->generation = errand->survey->generation;

    } else if (all_heard(errand) || command->last
               || errand->survey->now_us - command->since_us
                      > SILENCE_LIMIT_US) {
        conclude(errand, outcome);

    } else {
        outcome->again = DP_COMMAND_VERIFY;
        outcome->since_us = command->since_us;
        outcome->generation = command->generation;
    }
}
