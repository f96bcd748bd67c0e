/*
 * What was last seen, and the comparing.
 *
 * The processes of one instance share their words, but report them one after
 * the other; taken together, the reports of the last two seconds cannot flap.
 */

#include "witness.h"

#include "db/ask.h"
#include "own_switches.h"
#include "runtime/deadline.h"

#include <stdio.h>
#include <stdlib.h>

#define INSTANCES 64
#define INSTANCE_SIZE 128
#define NOTE_LOOKS 8
#define RECENT_US UINT64_C(2000000)
#define DATABASE_LIMIT_US UINT64_C(2000000)

typedef struct {
    char     instance[INSTANCE_SIZE]; /* empty: free */
    bool     present; /* in the reports at hand */
    uint32_t switches[DP_KILL_DATABASE];  /* by source, now */
    uint32_t recorded[DP_KILL_DATABASE];  /* by source, in the database */
    bool     compared[DP_KILL_DATABASE];  /* `recorded` is known */
    unsigned waits; /* for the file's text */
    dp_slice_t note; /* of the file, borrowed from the reports at hand */
} sighting_t;

struct dp_witness_s {
    sighting_t sightings[INSTANCES]; /* the first is this worker */
    dp_peer_t  peers[DP_PEERS_MAX];
};

static const dp_statement_t observe_statement = {
    .name = "witness.observe",
    .sql = "select app.kill_switch_observe($1, $2, $3, $4)",
    .rows = DP_ROWS_ONE,
};

dp_witness_t *
dp_witness_create(const char *address)
{
    dp_witness_t *witness = calloc(1, sizeof(*witness));

    if (witness != NULL) {
        snprintf(witness->sightings[0].instance, INSTANCE_SIZE, "%s", address);
    }

    return witness;
}

void
dp_witness_destroy(dp_witness_t *witness)
{
    free(witness);
}

/* The instance's place, or one that is free or of an instance that is gone. */
static sighting_t *
sighting_find(dp_witness_t *witness, const char *instance)
{
    sighting_t *usable = NULL;

    for (size_t i = 1; i < INSTANCES; i++) {
        sighting_t *sighting = &witness->sightings[i];

        if (strcmp(sighting->instance, instance) == 0) {
            return sighting;
        }

        if (!sighting->present
            && (usable == NULL || sighting->instance[0] == '\0')) {
            usable = sighting;
        }
    }

    if (usable != NULL) {
        *usable = (sighting_t) {0};
        snprintf(usable->instance, INSTANCE_SIZE, "%s", instance);
    }

    return usable;
}

static void
peer_add(dp_witness_t *witness, const dp_peer_t *peer)
{
    sighting_t *sighting = sighting_find(witness, peer->instance);

    if (sighting == NULL) {
        return;
    }

    sighting->present = true;

    for (unsigned source = 0; source < DP_KILL_DATABASE; source++) {
        sighting->switches[source] |= peer->switches[source];
    }

    if (peer->file_len != 0) {
        sighting->note = dp_slice(peer->file_text, peer->file_len);
    }
}

static void
sightings_make(dp_witness_t *witness, dp_peers_t *peers)
{
    uint64_t now = dp_monotonic_us();
    size_t   count = dp_peers_copy(peers, now, witness->peers);

    for (size_t i = 0; i < INSTANCES; i++) {
        sighting_t *sighting = &witness->sightings[i];

        sighting->present = false;
        sighting->note = dp_slice(NULL, 0);
        memset(sighting->switches, 0, sizeof(sighting->switches));
    }

    witness->sightings[0].present = true;
    witness->sightings[0].switches[DP_KILL_ENVIRONMENT] = dp_own_switches();

    for (size_t i = 0; i < count; i++) {
        if (now - witness->peers[i].reported_us <= RECENT_US) {
            peer_add(witness, &witness->peers[i]);
        }
    }
}

/* False when the database did not take it. */
static bool
source_record(sighting_t *sighting, dp_kill_source_t source, dp_db_t *db)
{
    uint32_t   switches = sighting->switches[source];
    dp_row_t   row;
    dp_error_t error = dp_ask(
        db,
        &(dp_question_t) {
            .statement = &observe_statement,
            .values = DP_BIND(
                dp_text(dp_slice_text(sighting->instance)),
                dp_text(dp_slice_text(dp_kill_source_name(source))),
                dp_int4((int32_t) switches),
                dp_text_or_null(source == DP_KILL_FILE ? sighting->note
                                                       : dp_slice(NULL, 0))),
            .until_us = dp_monotonic_us() + DATABASE_LIMIT_US,
            .writes = true,
        },
        &row);

    dp_trip_clear(db);

    if (error != DP_OK) {
        return false;
    }

    sighting->recorded[source] = switches;
    sighting->compared[source] = true;

    return true;
}

/*
 * A process tells of another's reading before it has read the file itself: then
 * its text is yet to come, except from one that drains.
 */
static bool
note_awaited(sighting_t *sighting, dp_kill_source_t source)
{
    if (source != DP_KILL_FILE || sighting->switches[source] == 0
        || sighting->note.len != 0 || sighting->waits == NOTE_LOOKS) {
        sighting->waits = 0;
        return false;
    }

    sighting->waits++;
    return true;
}

static bool
sighting_record(sighting_t *sighting, dp_db_t *db)
{
    for (unsigned source = 0; source < DP_KILL_DATABASE; source++) {
        bool known = sighting->compared[source]
                     && sighting->recorded[source] == sighting->switches[source];

        if (!known && !note_awaited(sighting, source)
            && !source_record(sighting, source, db)) {
            return false;
        }
    }

    return true;
}

void
dp_witness_look(dp_witness_t *witness, dp_peers_t *peers, dp_db_t *db)
{
    sightings_make(witness, peers);

    for (size_t i = 0; i < INSTANCES; i++) {
        sighting_t *sighting = &witness->sightings[i];

        if (sighting->present && !sighting_record(sighting, db)) {
            return; /* the next look tries again */
        }
    }
}
