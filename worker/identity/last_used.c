/*
 * A table of notes under a mutex that nobody holds for longer than a copy takes,
 * and the one statement that writes them.
 */

#include "last_used.h"

#include "db/ask.h"
#include "dp_json_out.h"
#include "metrics.h"
#include "session.h"

#include <pthread.h>

#define NOTES 1024
#define NOTE_TEXT_SIZE 128 /* two ids, a number and their names */
#define TEXT_SIZE (NOTES * NOTE_TEXT_SIZE + 2)

typedef struct {
    uint16_t kind; /* dp_principal_kind_t */
    uint8_t  org_id[DP_ID_SIZE];
    uint8_t  id[DP_ID_SIZE];
    uint64_t used_us; /* 0: the place is free */
} note_t;

static const dp_statement_t credentials_used = {
    .name = "last_used.credentials_used",
    .sql = "select app.api_keys_used($1::json) and app.sessions_used($2::json, $3)",
    .rows = DP_ROWS_ONE,
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static note_t          notes[NOTES]; /* under the mutex */

/* The place of that key, or a free one; NULL: there is none.  Ids are random. */
static note_t *
place_find(const uint8_t *id)
{
    uint64_t first;

    memcpy(&first, id, sizeof(first));

    for (size_t i = 0; i < NOTES; i++) {
        note_t *note = &notes[(first + i) % NOTES];

        if (note->used_us == 0 || memcmp(note->id, id, DP_ID_SIZE) == 0) {
            return note;
        }
    }

    return NULL;
}

static void
note_add(const note_t *note)
{
    note_t *place;

    pthread_mutex_lock(&mutex);
    place = place_find(note->id);

    if (place != NULL && place->used_us < note->used_us) {
        *place = *note;
    }

    pthread_mutex_unlock(&mutex);
}

void
dp_last_used_note(const dp_principal_t *principal, uint64_t used_us)
{
    note_t note = {.kind = principal->kind, .used_us = used_us};

    if (principal->kind == DP_PRINCIPAL_API_KEY
        || principal->kind == DP_PRINCIPAL_SESSION) {
        memcpy(note.org_id, principal->org_id, DP_ID_SIZE);
        memcpy(note.id, principal->credential_id, DP_ID_SIZE);
        note_add(&note);
    }
}

/* Takes all notes out of the table; returns how many. */
static size_t
notes_take(note_t *taken)
{
    size_t count = 0;

    pthread_mutex_lock(&mutex);

    for (size_t i = 0; i < NOTES; i++) {
        if (notes[i].used_us != 0) {
            taken[count++] = notes[i];
        }
    }

    memset(notes, 0, sizeof(notes));
    pthread_mutex_unlock(&mutex);

    return count;
}

/* Those of one kind, as an array. */
static dp_slice_t
notes_render(char *buffer, dp_principal_kind_t kind, const note_t *taken,
             size_t count)
{
    dp_writer_t text = dp_writer(buffer, TEXT_SIZE);
    const char *before = "[";

    for (size_t i = 0; i < count; i++) {
        if (taken[i].kind == kind) {
            dp_write_text(&text, before);
            dp_write_text(&text, "{\"org_id\":");
            dp_json_id(&text, taken[i].org_id);
            dp_write_text(&text, ",\"id\":");
            dp_json_id(&text, taken[i].id);
            dp_write_text(&text, ",\"at\":");
            dp_json_uint(&text, taken[i].used_us);
            dp_write_text(&text, "}");
            before = ",";
        }
    }

    dp_write_text(&text, *before == '[' ? "[]" : "]");

    return dp_written(&text);
}

static bool
notes_write(dp_db_t *db, const note_t *taken, size_t count, uint64_t until_us)
{
    static char keys[TEXT_SIZE], sessions[TEXT_SIZE];
    dp_row_t    row;
    bool        written;

    written = dp_ask(db,
                     &(dp_question_t) {
                         .statement = &credentials_used,
                         .values = DP_BIND(
                             dp_text(notes_render(keys, DP_PRINCIPAL_API_KEY,
                                                  taken, count)),
                             dp_text(notes_render(sessions, DP_PRINCIPAL_SESSION,
                                                  taken, count)),
                             dp_int4(dp_session_idle_s())),
                         .until_us = until_us,
                         .writes = true,
                     },
                     &row) == DP_OK
              && dp_row_bool(row, 0);

    dp_trip_clear(db);

    return written;
}

void
dp_last_used_write(dp_db_t *db, uint64_t until_us)
{
    static note_t taken[NOTES];
    size_t        count = notes_take(taken);

    if (count == 0) {
        return;
    }

    if (notes_write(db, taken, count, until_us)) {
        dp_metric_add(DP_METRIC_LAST_USED_WRITES, 1);
        return;
    }

    for (size_t i = 0; i < count; i++) {
        note_add(&taken[i]);
    }
}
