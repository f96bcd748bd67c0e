/*
 * Sealing by OpenSSL 3.
 */

#include "seal.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#include "random.h"

#define VERSION 1
#define NONCE_SIZE 12
#define TAG_SIZE 16
#define ROW_MAX 64
#define PLACE_SIZE 256

static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_CIPHER    *aes_gcm;

/* The parts of a sealed secret. */
typedef struct {
    const dp_sealing_key_t *key;
    dp_slice_t              nonce;
    dp_slice_t              ciphertext;
    dp_slice_t              tag;
} sealed_t;

static void
algorithms_fetch(void)
{
    aes_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    if (aes_gcm == NULL) {
        abort();
    }
}

/* A context of key and nonce that has taken the place in. */
static EVP_CIPHER_CTX *
cipher_begin(const dp_sealing_key_t *key, const uint8_t *nonce,
             const dp_seal_place_t *place, int encrypt)
{
    uint8_t         buffer[PLACE_SIZE];
    dp_writer_t     writer = dp_writer(buffer, sizeof(buffer));
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int             written;

    assert(place->row.len <= ROW_MAX);
    pthread_once(&fetched, algorithms_fetch);

    dp_write_text(&writer, place->table);
    dp_write_u8(&writer, '|');
    dp_write_bytes(&writer, place->row);
    dp_write_u8(&writer, '|');
    dp_write_text(&writer, place->field);
    dp_write_u8(&writer, '|');
    dp_write_bytes(&writer, dp_slice(key->id, DP_KEY_ID_SIZE));

    if (writer.failed || context == NULL
        || EVP_CipherInit_ex2(context, aes_gcm, key->secret, nonce, encrypt,
                              NULL) != 1
        || EVP_CipherUpdate(context, NULL, &written, buffer,
                            (int) dp_written(&writer).len) != 1) {
        abort();
    }

    return context;
}

size_t
dp_seal(uint8_t *sealed, const dp_seal_place_t *place, dp_slice_t plain)
{
    const dp_sealing_key_t *key = dp_sealing_key();
    uint8_t                 nonce[NONCE_SIZE];
    size_t                  capacity = plain.len + DP_SEAL_OVERHEAD;
    dp_writer_t             writer = dp_writer(sealed, capacity);
    EVP_CIPHER_CTX         *context;
    int                     written = 0;

    assert(plain.len <= DP_SEAL_PLAIN_MAX);
    dp_random(nonce, sizeof(nonce));
    dp_write_u8(&writer, VERSION);
    dp_write_u8(&writer, DP_KEY_ID_SIZE);
    dp_write_bytes(&writer, dp_slice(key->id, DP_KEY_ID_SIZE));
    dp_write_bytes(&writer, dp_slice(nonce, sizeof(nonce)));

    context = cipher_begin(key, nonce, place, 1);

    if ((plain.len != 0
         && EVP_CipherUpdate(context, writer.pos, &written, plain.data,
                             (int) plain.len) != 1)
        || EVP_CipherFinal_ex(context, writer.pos + plain.len, &written) != 1
        || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE,
                               writer.pos + plain.len) != 1) {
        abort();
    }

    EVP_CIPHER_CTX_free(context);

    return capacity;
}

static bool
sealed_read(sealed_t *parts, dp_slice_t sealed)
{
    dp_reader_t reader = dp_reader(sealed);
    uint8_t     version = dp_read_u8(&reader);
    dp_slice_t  id = dp_read_bytes(&reader, dp_read_u8(&reader));
    size_t      left;

    parts->nonce = dp_read_bytes(&reader, NONCE_SIZE);
    left = dp_reader_left(&reader);

    if (version != VERSION || left < TAG_SIZE
        || left - TAG_SIZE > DP_SEAL_PLAIN_MAX) {
        return false;
    }

    parts->ciphertext = dp_read_bytes(&reader, left - TAG_SIZE);
    parts->tag = dp_read_bytes(&reader, TAG_SIZE);
    parts->key = dp_sealing_key_find(id);

    return parts->key != NULL;
}

bool
dp_unseal(uint8_t *plain, size_t *len, const dp_seal_place_t *place,
          dp_slice_t sealed)
{
    sealed_t        parts;
    EVP_CIPHER_CTX *context;
    int             written = 0;
    bool            opened;

    *len = 0;

    if (!sealed_read(&parts, sealed)) {
        return false;
    }

    context = cipher_begin(parts.key, parts.nonce.data, place, 0);
    opened = (parts.ciphertext.len == 0
              || EVP_CipherUpdate(context, plain, &written,
                                  parts.ciphertext.data,
                                  (int) parts.ciphertext.len) == 1)
             && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE,
                                    (void *) parts.tag.data) == 1
             && EVP_CipherFinal_ex(context, plain + parts.ciphertext.len,
                                   &written) == 1;
    EVP_CIPHER_CTX_free(context);

    if (!opened) {
        OPENSSL_cleanse(plain, parts.ciphertext.len);
        return false;
    }

    *len = parts.ciphertext.len;

    return true;
}

bool
dp_seal_current(dp_slice_t sealed)
{
    sealed_t parts;

    return sealed_read(&parts, sealed) && parts.key == dp_sealing_key();
}
