/*
 * Signed notes (C2SP signed-note) with Ed25519 keys, and the checkpoints that are
 * their text (C2SP tlog-checkpoint): an origin, a size and a root, a line each.
 *
 *     devpilot/a0000000-0000-4000-8000-000000000001
 *     17
 *     y3kLrbOe...=
 *
 *     — devpilot Az3grl...=
 *
 * Whoever has the key can tell who made a note; other signatures on it are skipped.
 */

#ifndef DP_NOTE_H
#define DP_NOTE_H

#include "dp_merkle.h"

#define DP_NOTE_NAME_MAX 128
#define DP_NOTE_SEED_SIZE 32
#define DP_NOTE_ID_SIZE 4

/* Bytes that a note of such a text has, at most. */
#define DP_NOTE_SIZE(text_len) ((text_len) + DP_NOTE_NAME_MAX + 128)
#define DP_NOTE_KEY_TEXT_SIZE (DP_NOTE_NAME_MAX + 64)
#define DP_CHECKPOINT_SIZE (DP_NOTE_NAME_MAX + 40 + 20 + 48)

/* What verifies notes. */
typedef struct {
    char    name[DP_NOTE_NAME_MAX + 1];
    uint8_t id[DP_NOTE_ID_SIZE];
    uint8_t public_key[32];
} dp_note_key_t;

/* True for 1 to DP_NOTE_NAME_MAX printable ASCII characters without a '+'. */
bool dp_note_name_valid(dp_slice_t name);

/* The key of a signer; false when OpenSSL refuses.  The name is valid. */
bool dp_note_key_make(dp_note_key_t *key, const char *name, const uint8_t *seed)
    __attribute__((warn_unused_result));

/* Writes the key's text: name+id+key, as signed-note has it. */
void dp_note_key_write(dp_writer_t *writer, const dp_note_key_t *key);

/* Reads it; false when it is not such a text of an Ed25519 key. */
bool dp_note_key_parse(dp_note_key_t *key, dp_slice_t text)
    __attribute__((warn_unused_result));

/* Writes the text, which ends with a line feed, and its signature. */
bool dp_note_sign(dp_writer_t *writer, const dp_note_key_t *key,
                  const uint8_t *seed, dp_slice_t text)
    __attribute__((warn_unused_result));

/* Finds the text of a note that has a good signature of this key. */
bool dp_note_open(dp_slice_t note, const dp_note_key_t *key, dp_slice_t *text)
    __attribute__((warn_unused_result));

typedef struct {
    dp_slice_t origin;
    uint64_t   size;
    dp_hash_t  root;
} dp_checkpoint_t;

void dp_checkpoint_write(dp_writer_t *writer, const dp_checkpoint_t *checkpoint);

/* Reads the first three lines; others may follow. */
bool dp_checkpoint_parse(dp_checkpoint_t *checkpoint, dp_slice_t text)
    __attribute__((warn_unused_result));

#endif /* DP_NOTE_H */
