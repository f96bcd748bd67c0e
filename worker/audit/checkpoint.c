/*
 * Making checkpoints and keeping them.
 */

#include "checkpoint.h"

#include "crypto/keys.h"
#include "dp_id.h"
#include "log.h"
#include "metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FILE_MODE 0640

static dp_note_key_t key;
static const char   *file; /* NULL: none */

static dp_slice_t
key_write(char *text)
{
    dp_writer_t writer = dp_writer(text, DP_NOTE_KEY_TEXT_SIZE);

    dp_note_key_write(&writer, &key);

    return dp_written(&writer);
}

const char *
dp_checkpoints_open(const char *origin, const char *path)
{
    char       text[DP_NOTE_KEY_TEXT_SIZE];
    dp_slice_t shown;

    if (!dp_note_name_valid(dp_slice_text(origin))) {
        return "must be printable ASCII without '+' and spaces";
    }

    if (!dp_note_key_make(&key, origin, dp_key(DP_KEY_CHECKPOINT))) {
        return "OpenSSL could not make a key of it";
    }

    file = strcmp(path, "none") == 0 ? NULL : path;
    shown = key_write(text);
    dp_log(DP_LOG_INFO, NULL, DP_OK, "audit checkpoints are verified with %.*s",
           (int) shown.len, shown.data);

    return NULL;
}

dp_slice_t
dp_checkpoint_key(dp_arena_t *arena)
{
    char text[DP_NOTE_KEY_TEXT_SIZE];

    return dp_arena_copy(arena, key_write(text));
}

dp_slice_t
dp_checkpoint_origin(dp_arena_t *arena, const uint8_t *chain_id)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, chain_id);

    return dp_arena_printf(arena, "%s/%.*s", key.name, DP_ID_TEXT_SIZE, text);
}

dp_slice_t
dp_checkpoint_make(dp_arena_t *arena, const uint8_t *chain_id, uint64_t no,
                   const dp_hash_t *hash)
{
    uint8_t     text[DP_CHECKPOINT_SIZE];
    size_t      size = DP_NOTE_SIZE(sizeof(text));
    dp_writer_t writer = dp_writer(text, sizeof(text));
    dp_writer_t note = dp_writer(dp_arena_alloc(arena, size), size);

    dp_checkpoint_write(&writer, &(dp_checkpoint_t) {
                                     .origin = dp_checkpoint_origin(arena,
                                                                    chain_id),
                                     .size = no,
                                     .root = *hash,
                                 });

    return dp_note_sign(&note, &key, dp_key(DP_KEY_CHECKPOINT),
                        dp_written(&writer))
               ? dp_written(&note)
               : dp_slice(NULL, 0);
}

/* One write, so that checkpoints of several processes do not mix. */
static bool
file_add(dp_slice_t note)
{
    int  fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, FILE_MODE);
    bool added = fd >= 0
                 && write(fd, note.data, note.len) == (ssize_t) note.len
                 && fsync(fd) == 0;
    int  error = errno;

    if (fd >= 0) {
        close(fd);
    }

    errno = error;

    return added;
}

void
dp_checkpoint_anchor(const uint8_t *chain_id, uint64_t no, const dp_hash_t *hash,
                     dp_slice_t note)
{
    char id[DP_ID_TEXT_SIZE];
    char text[2 * DP_SHA256_BYTES];

    dp_id_format(id, chain_id);
    dp_hex_format(text, hash->bytes, DP_SHA256_BYTES);
    dp_log(DP_LOG_INFO, NULL, DP_OK, "audit checkpoint %.*s %llu %.*s",
           DP_ID_TEXT_SIZE, id, (unsigned long long) no, (int) sizeof(text), text);

    if (note.len == 0 || (file != NULL && !file_add(note))) {
        dp_metric_add(DP_METRIC_AUDIT_ANCHORS_FAILED, 1);
        dp_log(DP_LOG_ERROR, NULL, DP_OK, "no checkpoint was written to %s: %s",
               file == NULL ? "memory" : file, strerror(errno));
    }
}
