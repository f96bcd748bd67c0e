/*
 * Notes: base64, lines, Ed25519.  Uses OpenSSL.
 */

#include "dp_note.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "dp_id.h"

#define ALGORITHM 1 /* Ed25519, of signed-note */
#define PUBLIC_SIZE 32
#define SIGNATURE_SIZE 64
#define DASH "\xe2\x80\x94 " /* U+2014 and a space */

/* The largest thing that is encoded: an id and a signature. */
#define BYTES_MAX (DP_NOTE_ID_SIZE + SIGNATURE_SIZE)
#define BASE64_MAX ((BYTES_MAX + 2) / 3 * 4)

/* --- base64 ------------------------------------------------------------------ */

static void
base64_write(dp_writer_t *writer, dp_slice_t bytes)
{
    uint8_t text[BASE64_MAX + 1];
    int     len = EVP_EncodeBlock(text, bytes.data, (int) bytes.len);

    dp_write_bytes(writer, dp_slice(text, (size_t) len));
}

/* Exactly `len` bytes, from the only text that they have. */
static bool
base64_read(uint8_t *bytes, size_t len, dp_slice_t text)
{
    uint8_t     decoded[BASE64_MAX / 4 * 3];
    uint8_t     again[BASE64_MAX];
    dp_writer_t writer = dp_writer(again, sizeof(again));

    if (text.len != (len + 2) / 3 * 4
        || EVP_DecodeBlock(decoded, text.data, (int) text.len) < (int) len) {
        return false;
    }

    memcpy(bytes, decoded, len);
    base64_write(&writer, dp_slice(bytes, len));

    return dp_slice_equal(dp_written(&writer), text);
}

/* --- keys -------------------------------------------------------------------- */

bool
dp_note_name_valid(dp_slice_t name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] <= ' ' || name.data[i] > '~' || name.data[i] == '+') {
            return false;
        }
    }

    return name.len >= 1 && name.len <= DP_NOTE_NAME_MAX;
}

/* The first bytes of SHA-256(name, line feed, algorithm, key). */
static bool
key_id_make(uint8_t *id, const char *name, const uint8_t *public_key)
{
    static const uint8_t between[] = {'\n', ALGORITHM};
    uint8_t              digest[DP_SHA256_BYTES];
    dp_sha256_t          sha;
    bool                 failed;

    dp_sha256_open(&sha);
    dp_sha256_begin(&sha);
    dp_sha256_add(&sha, dp_slice_text(name));
    dp_sha256_add(&sha, dp_slice(between, sizeof(between)));
    dp_sha256_add(&sha, dp_slice(public_key, PUBLIC_SIZE));
    dp_sha256_end(&sha, digest);
    failed = sha.failed;
    dp_sha256_close(&sha);
    memcpy(id, digest, DP_NOTE_ID_SIZE);

    return !failed;
}

bool
dp_note_key_make(dp_note_key_t *key, const char *name, const uint8_t *seed)
{
    EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
                                                  DP_NOTE_SEED_SIZE);
    size_t    len = PUBLIC_SIZE;
    bool      made = pair != NULL
                && EVP_PKEY_get_raw_public_key(pair, key->public_key, &len) == 1;

    EVP_PKEY_free(pair);
    snprintf(key->name, sizeof(key->name), "%s", name);

    return made && key_id_make(key->id, name, key->public_key);
}

void
dp_note_key_write(dp_writer_t *writer, const dp_note_key_t *key)
{
    char    id[2 * DP_NOTE_ID_SIZE];
    uint8_t bytes[1 + PUBLIC_SIZE] = {ALGORITHM};

    memcpy(bytes + 1, key->public_key, PUBLIC_SIZE);
    dp_hex_format(id, key->id, DP_NOTE_ID_SIZE);
    dp_write_text(writer, key->name);
    dp_write_text(writer, "+");
    dp_write_bytes(writer, dp_slice(id, sizeof(id)));
    dp_write_text(writer, "+");
    base64_write(writer, dp_slice(bytes, sizeof(bytes)));
}

/* What is before the byte, which is skipped, too; false without one. */
static bool
until(dp_reader_t *reader, uint8_t byte, dp_slice_t *found)
{
    const uint8_t *end = memchr(reader->pos, byte, dp_reader_left(reader));

    if (end == NULL) {
        return false;
    }

    *found = dp_read_bytes(reader, (size_t) (end - reader->pos));
    (void) dp_read_u8(reader);

    return true;
}

bool
dp_note_key_parse(dp_note_key_t *key, dp_slice_t text)
{
    dp_reader_t reader = dp_reader(text);
    uint8_t     bytes[1 + PUBLIC_SIZE];
    char        id[2 * DP_NOTE_ID_SIZE];
    dp_slice_t  name, given;

    if (!until(&reader, '+', &name) || !until(&reader, '+', &given)
        || !dp_note_name_valid(name)
        || !base64_read(bytes, sizeof(bytes),
                        dp_slice(reader.pos, dp_reader_left(&reader)))
        || bytes[0] != ALGORITHM) {
        return false;
    }

    snprintf(key->name, sizeof(key->name), "%.*s", (int) name.len, name.data);
    memcpy(key->public_key, bytes + 1, PUBLIC_SIZE);

    if (!key_id_make(key->id, key->name, key->public_key)) {
        return false;
    }

    dp_hex_format(id, key->id, DP_NOTE_ID_SIZE);

    return dp_slice_equal(given, dp_slice(id, sizeof(id)));
}

/* --- notes ------------------------------------------------------------------- */

static bool
sign(uint8_t *signature, const uint8_t *seed, dp_slice_t text)
{
    EVP_PKEY   *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
                                                    DP_NOTE_SEED_SIZE);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t      len = SIGNATURE_SIZE;
    bool        made = pair != NULL && context != NULL
                && EVP_DigestSignInit(context, NULL, NULL, NULL, pair) == 1
                && EVP_DigestSign(context, signature, &len, text.data,
                                  text.len) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pair);

    return made;
}

static bool
signature_good(const dp_note_key_t *key, const uint8_t *signature,
               dp_slice_t text)
{
    EVP_PKEY   *public = EVP_PKEY_new_raw_public_key(
        EVP_PKEY_ED25519, NULL, key->public_key, PUBLIC_SIZE);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool        good = public != NULL && context != NULL
                && EVP_DigestVerifyInit(context, NULL, NULL, NULL, public) == 1
                && EVP_DigestVerify(context, signature, SIGNATURE_SIZE,
                                    text.data, text.len) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public);

    return good;
}

bool
dp_note_sign(dp_writer_t *writer, const dp_note_key_t *key, const uint8_t *seed,
             dp_slice_t text)
{
    uint8_t bytes[BYTES_MAX];

    memcpy(bytes, key->id, DP_NOTE_ID_SIZE);

    if (!sign(bytes + DP_NOTE_ID_SIZE, seed, text)) {
        return false;
    }

    dp_write_bytes(writer, text);
    dp_write_text(writer, "\n" DASH);
    dp_write_text(writer, key->name);
    dp_write_text(writer, " ");
    base64_write(writer, dp_slice(bytes, sizeof(bytes)));
    dp_write_text(writer, "\n");

    return !writer->failed;
}

/* Where the last empty line is: the text is what comes before it. */
static bool
text_find(dp_slice_t note, dp_slice_t *text)
{
    for (size_t i = note.len; i >= 2; i--) {
        if (note.data[i - 1] == '\n' && note.data[i - 2] == '\n') {
            *text = dp_slice(note.data, i - 1);
            return true;
        }
    }

    return false;
}

/* A line "— name base64". */
static bool
line_signs(dp_slice_t line, const dp_note_key_t *key, dp_slice_t text)
{
    dp_reader_t reader = dp_reader(line);
    uint8_t     bytes[BYTES_MAX];
    dp_slice_t  dash, name;

    return until(&reader, ' ', &dash)
           && dp_slice_equal(dash, dp_slice(DASH, sizeof(DASH) - 2))
           && until(&reader, ' ', &name)
           && dp_slice_equal(name, dp_slice_text(key->name))
           && base64_read(bytes, sizeof(bytes),
                          dp_slice(reader.pos, dp_reader_left(&reader)))
           && memcmp(bytes, key->id, DP_NOTE_ID_SIZE) == 0
           && signature_good(key, bytes + DP_NOTE_ID_SIZE, text);
}

bool
dp_note_open(dp_slice_t note, const dp_note_key_t *key, dp_slice_t *text)
{
    dp_reader_t reader;
    dp_slice_t  line;
    bool        good = false;

    if (!text_find(note, text)) {
        return false;
    }

    reader = dp_reader(dp_slice(note.data + text->len + 1,
                                note.len - text->len - 1));

    while (!good && until(&reader, '\n', &line)) {
        good = line_signs(line, key, *text);
    }

    return good;
}

/* --- checkpoints ------------------------------------------------------------- */

void
dp_checkpoint_write(dp_writer_t *writer, const dp_checkpoint_t *checkpoint)
{
    char size[24];

    snprintf(size, sizeof(size), "\n%llu\n",
             (unsigned long long) checkpoint->size);
    dp_write_bytes(writer, checkpoint->origin);
    dp_write_text(writer, size);
    base64_write(writer, dp_slice(&checkpoint->root, sizeof(checkpoint->root)));
    dp_write_text(writer, "\n");
}

/* Decimal digits without zeros in front, fewer than could overflow. */
static bool
size_parse(uint64_t *size, dp_slice_t text)
{
    *size = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }

        *size = *size * 10 + (text.data[i] - '0');
    }

    return text.len >= 1 && text.len <= 19
           && (text.len == 1 || text.data[0] != '0');
}

bool
dp_checkpoint_parse(dp_checkpoint_t *checkpoint, dp_slice_t text)
{
    dp_reader_t reader = dp_reader(text);
    dp_slice_t  size, root;

    return until(&reader, '\n', &checkpoint->origin)
           && checkpoint->origin.len != 0 && until(&reader, '\n', &size)
           && size_parse(&checkpoint->size, size) && until(&reader, '\n', &root)
           && base64_read(checkpoint->root.bytes, DP_SHA256_BYTES, root);
}
