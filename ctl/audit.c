/*
 * The verification of an export, line by line.
 */

#define _GNU_SOURCE /* memmem */

#include "audit.h"

#include "dp_id.h"
#include "dp_note.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#define EXIT_WRONG 1
#define MAC_KEY_SIZE 32
#define KEPT_MAX (64 * 1024 * 1024) /* bytes of checkpoints that were kept */

typedef struct {
    const dp_ctl_options_t *options;
    dp_note_key_t           key;
    dp_slice_t              text; /* notes that were kept, one behind the other */
    dp_checkpoint_t        *kept; /* those of this chain, in the order of seals */
    size_t                  kept_count;
    dp_audit_check_t        check;
    dp_line_t               line;
    uint64_t                lines;
    size_t                  covered; /* of kept: those that agree */
    uint64_t                pruned;  /* seals without their events */
    bool                    begun;
    bool                    ended;   /* the checkpoint at the end was read */
} verifier_t;

/* --- verdicts ---------------------------------------------------------------- */

/* Where: the line, its seal and, when it is the event's fault, the event. */
static void
place_print(const verifier_t *verifier)
{
    const dp_line_t *line = &verifier->line;
    char             id[DP_ID_TEXT_SIZE];

    printf("broken at line %" PRIu64 ", seal %" PRIu64, verifier->lines,
           verifier->check.no + 1);

    if (line->type == DP_LINE_EVENT
        && line->event.fields[DP_AUDIT_ID].len == DP_ID_SIZE) {
        dp_id_format(id, line->event.fields[DP_AUDIT_ID].data);
        printf(", event %.*s", DP_ID_TEXT_SIZE, id);
    }
}

static bool
broken(const verifier_t *verifier, const char *name, const char *why)
{
    place_print(verifier);
    printf(": %s: %s\n", name, why);

    return false;
}

static bool
judged(const verifier_t *verifier, dp_audit_fault_t fault)
{
    return fault == DP_AUDIT_SOUND
               ? true
               : broken(verifier, dp_audit_fault_name(fault),
                        dp_audit_fault_text(fault));
}

/* --- checkpoints that were kept ---------------------------------------------- */

/* The next note; false when there is none any more. */
static bool
kept_next(dp_slice_t *rest, dp_slice_t *note)
{
    static const char dash[] = "\n\n\xe2\x80\x94 ";
    const uint8_t    *sign = rest->len == 0
                                 ? NULL
                                 : memmem(rest->data, rest->len, dash,
                                          sizeof(dash) - 1);
    const uint8_t    *end;
    size_t            len;

    if (sign == NULL) {
        return false;
    }

    sign += 2;
    end = memchr(sign, '\n', (size_t) (dp_slice_end(*rest) - sign));
    len = end == NULL ? rest->len : (size_t) (end + 1 - rest->data);
    *note = dp_slice(rest->data, len);
    *rest = dp_slice(rest->data + len, rest->len - len);

    return true;
}

/* The name of this chain behind that of the key. */
static bool
origin_ours(const verifier_t *verifier, dp_slice_t origin)
{
    size_t len = strlen(verifier->key.name);
    char   id[DP_ID_TEXT_SIZE];

    dp_id_format(id, verifier->check.chain_id);

    return origin.len == len + 1 + sizeof(id)
           && memcmp(origin.data, verifier->key.name, len) == 0
           && origin.data[len] == '/'
           && memcmp(origin.data + len + 1, id, sizeof(id)) == 0;
}

static bool
kept_read(const verifier_t *verifier, dp_slice_t note,
          dp_checkpoint_t *checkpoint)
{
    dp_slice_t text;

    return dp_note_open(note, &verifier->key, &text)
           && dp_checkpoint_parse(checkpoint, text)
           && origin_ours(verifier, checkpoint->origin);
}

static int
kept_compare(const void *a, const void *b)
{
    uint64_t size_a = ((const dp_checkpoint_t *) a)->size;
    uint64_t size_b = ((const dp_checkpoint_t *) b)->size;

    return (size_a > size_b) - (size_a < size_b);
}

/* Finds the checkpoints of this chain; false when memory is out. */
static bool
kept_open(verifier_t *verifier)
{
    dp_slice_t rest = verifier->text;
    dp_slice_t note;
    size_t     count = 0;

    while (kept_next(&rest, &note)) {
        count++;
    }

    verifier->kept = calloc(count + 1, sizeof(*verifier->kept));
    rest = verifier->text;

    while (verifier->kept != NULL && kept_next(&rest, &note)) {
        verifier->kept_count += kept_read(
            verifier, note, &verifier->kept[verifier->kept_count]);
    }

    if (verifier->kept != NULL) {
        qsort(verifier->kept, verifier->kept_count, sizeof(*verifier->kept),
              kept_compare);
    }

    return verifier->kept != NULL;
}

/* Whether those that name the last seal have its hash; 0 is no seal. */
static bool
kept_agree(verifier_t *verifier)
{
    const dp_audit_check_t *check = &verifier->check;

    while (verifier->covered < verifier->kept_count) {
        const dp_checkpoint_t *kept = &verifier->kept[verifier->covered];

        if (kept->size > check->no) {
            return true;
        }

        if (kept->size != 0
            && memcmp(&kept->root, &check->hash, sizeof(dp_hash_t)) != 0) {
            return broken(verifier, "CHECKPOINT_KEPT",
                          "the trail is not the one of a checkpoint that was "
                          "kept");
        }

        verifier->covered++;
    }

    return true;
}

/* --- lines ------------------------------------------------------------------- */

/* Reads a file, `limit` bytes at most; how many. */
static size_t
file_read(const char *path, uint8_t *bytes, size_t limit)
{
    FILE  *file = fopen(path, "rb");
    size_t len = file == NULL ? 0 : fread(bytes, 1, limit, file);

    if (file != NULL) {
        fclose(file);
    }

    return len;
}

static bool
mac_key_load(verifier_t *verifier)
{
    const char *path = verifier->options->mac_key;
    uint8_t     key[MAC_KEY_SIZE];
    bool        loaded;

    if (path == NULL) {
        return true;
    }

    loaded = file_read(path, key, sizeof(key)) == sizeof(key)
             && dp_audit_check_key(&verifier->check, dp_slice(key, sizeof(key)));
    explicit_bzero(key, sizeof(key));

    return loaded;
}

static bool
export_judge(verifier_t *verifier)
{
    static const dp_hash_t none;

    if (verifier->begun) {
        return broken(verifier, "EXPORT_TWICE", "another export begins");
    }

    verifier->begun = true;

    if (!dp_audit_check_open(&verifier->check, verifier->line.chain_id, 0, &none)
        || !kept_open(verifier)) {
        return broken(verifier, "INTERNAL", "memory is out, or OpenSSL refuses");
    }

    return mac_key_load(verifier)
               ? true
               : broken(verifier, "MAC_KEY", "the key's file has no 32 bytes");
}

static bool
seal_judge(verifier_t *verifier)
{
    const dp_line_t *line = &verifier->line;

    if (!judged(verifier, dp_audit_check_seal(&verifier->check, &line->seal,
                                              line->retained))) {
        return false;
    }

    verifier->pruned += !line->retained;

    return kept_agree(verifier);
}

static bool
checkpoint_judge(verifier_t *verifier)
{
    const dp_audit_check_t *check = &verifier->check;
    dp_checkpoint_t         checkpoint;
    dp_slice_t              text;

    verifier->ended = true;

    if (!dp_note_open(verifier->line.note, &verifier->key, &text)) {
        return broken(verifier, "CHECKPOINT_SIGNATURE",
                      "the checkpoint was not signed with the key");
    }

    if (!dp_checkpoint_parse(&checkpoint, text)
        || !origin_ours(verifier, checkpoint.origin)
        || checkpoint.size != check->no
        || memcmp(&checkpoint.root, &check->hash, sizeof(dp_hash_t)) != 0
        || check->tree.size != 0) {
        return broken(verifier, "CHECKPOINT_OTHER",
                      "the checkpoint is not that of the last seal");
    }

    return true;
}

static bool
line_judge(verifier_t *verifier)
{
    dp_line_type_t type = verifier->line.type;

    if (type == DP_LINE_MALFORMED) {
        return broken(verifier, "LINE_MALFORMED", "that is no line of an export");
    }

    if (verifier->ended || (!verifier->begun && type != DP_LINE_EXPORT)) {
        return broken(verifier, "LINE_OUT_OF_PLACE",
                      "it stands before the beginning, or behind the end");
    }

    switch (type) {
    case DP_LINE_EXPORT:
        return export_judge(verifier);
    case DP_LINE_EVENT:
        return judged(verifier, dp_audit_check_event(&verifier->check,
                                                     &verifier->line.event));
    case DP_LINE_SEAL:
        return seal_judge(verifier);
    default:
        return checkpoint_judge(verifier);
    }
}

static bool
end_judge(const verifier_t *verifier)
{
    if (!verifier->ended) {
        return broken(verifier, "EXPORT_TRUNCATED",
                      "there is no checkpoint at the end");
    }

    if (verifier->covered < verifier->kept_count) {
        return broken(verifier, "TRAIL_TRUNCATED",
                      "a checkpoint that was kept knows of later seals");
    }

    return true;
}

static bool
lines_verify(verifier_t *verifier, FILE *file)
{
    char   *text = NULL;
    size_t  capacity = 0;
    ssize_t len;
    bool    sound = true;

    while (sound && (len = getline(&text, &capacity, file)) > 0) {
        verifier->lines++;
        len -= text[len - 1] == '\n';
        dp_line_read(&verifier->line, dp_slice(text, (size_t) len));
        sound = line_judge(verifier);
    }

    free(text);

    return sound && end_judge(verifier);
}

static void
summary_print(const verifier_t *verifier)
{
    printf("sound: %" PRIu64 " events in %" PRIu64 " seals\n",
           verifier->check.events, verifier->check.no);

    if (verifier->pruned != 0) {
        printf("%" PRIu64 " of the seals are without their events, which are "
               "said to be not kept any more\n",
               verifier->pruned);
    }

    printf("%zu checkpoints that were kept agree%s\n", verifier->covered,
           verifier->covered == 0
               ? ": a trail that was written anew from its beginning would not "
                 "be noticed"
               : "");
}

static int
fail(const char *path, const char *why)
{
    fprintf(stderr, DP_CTL ": %s: %s\n", path, why);

    return EX_NOINPUT;
}

static bool
text_load(verifier_t *verifier)
{
    const char *path = verifier->options->checkpoint;
    uint8_t    *bytes = path == NULL ? NULL : malloc(KEPT_MAX);

    if (bytes != NULL) {
        verifier->text = dp_slice(bytes, file_read(path, bytes, KEPT_MAX));
    }

    return path == NULL || verifier->text.len != 0;
}

static void
verifier_free(verifier_t *verifier)
{
    free((void *) verifier->text.data);
    free(verifier->kept);
    dp_line_free(&verifier->line);

    if (verifier->begun) {
        dp_audit_check_close(&verifier->check);
    }
}

int
dp_audit_verify(const dp_ctl_options_t *options)
{
    bool       standard = strcmp(options->file, "-") == 0;
    verifier_t verifier = {.options = options};
    FILE      *file;
    bool       sound;

    if (!dp_note_key_parse(&verifier.key, dp_slice_text(options->key))) {
        fputs(DP_CTL ": --key is not the public key of checkpoints\n", stderr);
        return EX_USAGE;
    }

    if (!text_load(&verifier)) {
        return fail(options->checkpoint, "there are no checkpoints in it");
    }

    file = standard ? stdin : fopen(options->file, "rb");

    if (file == NULL) {
        return fail(options->file, strerror(errno));
    }

    sound = lines_verify(&verifier, file);

    if (sound) {
        summary_print(&verifier);
    }

    if (!standard) {
        fclose(file);
    }

    verifier_free(&verifier);

    return sound ? EX_OK : EXIT_WRONG;
}
