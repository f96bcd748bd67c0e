/*
 * The ring: replaced as a whole, searched from its front.  In a list of
 * app.control_keys() the keys of one purpose stand together, the newest first.
 */

#include "key_ring.h"

#include "crypto/seal.h"
#include "log.h"

#include <openssl/crypto.h>
#include <pthread.h>

typedef struct {
    uint8_t          purpose; /* dp_control_key_purpose_t */
    uint8_t          state;   /* dp_control_key_state_t */
    uint64_t         not_before_us;
    uint64_t         not_after_us; /* 0: none yet */
    dp_signing_key_t key;
} entry_t;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* under the mutex */
static entry_t ring[DP_CONTROL_KEYS];
static size_t  ring_count;

/* The key with its secret in `plain`. */
static bool
key_unseal(dp_control_key_t *key, uint8_t *plain, size_t capacity)
{
    const dp_seal_place_t place = {
        .table = "signing_key",
        .row = key->kid,
        .field = "secret",
    };
    size_t len;

    if (key->secret.len > capacity
        || !dp_unseal(plain, &len, &place, key->secret)
        || len != DP_CONTROL_KEY_SECRET) {
        return false;
    }

    key->secret = dp_slice(plain, len);

    return true;
}

static void
unreadable_note(const dp_control_key_t *key)
{
    static dp_log_pace_t pace;

    if (dp_log_is_due(&pace)) {
        dp_log(DP_LOG_ERROR, NULL, DP_OK,
               "the signing key %.*s does not open with the master key",
               (int) key->kid.len, (const char *) key->kid.data);
    }
}

/* Takes the next one off the list, with the time that it came. */
static bool
key_next(dp_slice_t *sealed, entry_t *entry, dp_control_key_t *key)
{
    dp_reader_t reader = dp_reader(*sealed);

    entry->not_before_us = dp_read_u64(&reader);
    *sealed = dp_slice(reader.pos, dp_reader_left(&reader));

    return !reader.failed && dp_control_key_next(sealed, key)
           && key->kid.len <= DP_CONTROL_KEY_KID;
}

static void
entry_fill(entry_t *entry, const dp_control_key_t *key)
{
    entry->purpose = key->purpose;
    entry->state = key->state;
    entry->not_after_us = key->not_after_us;
    entry->key.kid_len = key->kid.len;
    memcpy(entry->key.kid, key->kid.data, key->kid.len);
    memcpy(entry->key.secret, key->secret.data, sizeof(entry->key.secret));
}

dp_slice_t
dp_key_ring_put(dp_slice_t sealed, uint8_t *packed)
{
    uint8_t          plain[DP_CONTROL_KEY_SECRET + DP_SEAL_OVERHEAD];
    dp_writer_t      writer = dp_writer(packed, DP_CONTROL_KEYS_SIZE);
    dp_control_key_t key;
    entry_t          entry;

    pthread_mutex_lock(&mutex);
    OPENSSL_cleanse(ring, sizeof(ring));
    ring_count = 0;

    while (ring_count < DP_CONTROL_KEYS && key_next(&sealed, &entry, &key)) {
        if (key_unseal(&key, plain, sizeof(plain))) {
            entry_fill(&entry, &key);
            dp_control_key_write(&writer, &key);
            ring[ring_count++] = entry;
        } else {
            unreadable_note(&key);
        }
    }

    pthread_mutex_unlock(&mutex);
    OPENSSL_cleanse(plain, sizeof(plain));
    OPENSSL_cleanse(&entry, sizeof(entry));

    return dp_written(&writer);
}

static bool
is_alive(const entry_t *entry, uint64_t now_us)
{
    return entry->not_after_us == 0 || entry->not_after_us > now_us;
}

/* What is asked of a key, and the answer. */
typedef struct {
    uint64_t          now_us;
    dp_slice_t        kid;
    uint64_t          since_us;
    bool              found;
    dp_signing_key_t *copy; /* NULL: only whether it is there */
} search_t;

/* Shows the keys of a purpose, in order, until one is taken. */
static bool
search_run(dp_control_key_purpose_t purpose, search_t *search,
           bool (*take)(search_t *search, const entry_t *entry))
{
    pthread_mutex_lock(&mutex);

    for (size_t i = 0; i < ring_count; i++) {
        if (ring[i].purpose == purpose && take(search, &ring[i])) {
            break;
        }
    }

    pthread_mutex_unlock(&mutex);

    return search->found;
}

static bool
take_active(search_t *search, const entry_t *entry)
{
    search->found = entry->state == DP_CONTROL_KEY_ACTIVE;
    search->since_us = search->found ? entry->not_before_us : 0;

    return search->found;
}

bool
dp_key_ring_has(dp_control_key_purpose_t purpose)
{
    search_t search = {.found = false};

    return search_run(purpose, &search, take_active);
}

uint64_t
dp_key_ring_since_us(dp_control_key_purpose_t purpose)
{
    search_t search = {.found = false};

    (void) search_run(purpose, &search, take_active);

    return search.since_us;
}

/* The newest one that has settled; where none has, the newest. */
static bool
take_signing(search_t *search, const entry_t *entry)
{
    bool settled = entry->not_before_us + DP_KEY_RING_SETTLE_US
                   <= search->now_us;

    if (is_alive(entry, search->now_us) && (settled || !search->found)) {
        *search->copy = entry->key;
        search->found = true;
    }

    return search->found && settled;
}

bool
dp_key_ring_signing(dp_control_key_purpose_t purpose, uint64_t now_us,
                    dp_signing_key_t *key)
{
    search_t search = {.now_us = now_us, .copy = key};

    return search_run(purpose, &search, take_signing);
}

static bool
take_named(search_t *search, const entry_t *entry)
{
    dp_slice_t kid = dp_slice(entry->key.kid, entry->key.kid_len);

    if (!dp_slice_equal(kid, search->kid)) {
        return false;
    }

    search->found = is_alive(entry, search->now_us);

    if (search->found) {
        *search->copy = entry->key;
    }

    return true;
}

bool
dp_key_ring_find(dp_control_key_purpose_t purpose, dp_slice_t kid,
                 uint64_t now_us, dp_signing_key_t *key)
{
    search_t search = {.now_us = now_us, .kid = kid, .copy = key};

    return search_run(purpose, &search, take_named);
}

void
dp_key_ring_clear(void)
{
    pthread_mutex_lock(&mutex);
    OPENSSL_cleanse(ring, sizeof(ring));
    ring_count = 0;
    pthread_mutex_unlock(&mutex);
}
