/*
 * Leaf hashes, seal hashes, and the check of a chain.  Uses OpenSSL.
 */

#include "dp_audit_chain.h"

#include "dp_id.h"

#define EVENT_TAG "devpilot.audit.v1"
#define SEAL_TAG "devpilot.seal.v1"
#define KEY_TAG "devpilot audit key id"
#define NULL_LENGTH UINT32_C(0xffffffff)

const dp_audit_field_row_t dp_audit_fields[DP_AUDIT_FIELDS] = {
    [DP_AUDIT_ID] = {"id", DP_AUDIT_UUID, DP_ID_SIZE},
    [DP_AUDIT_CHAIN_ID] = {"chainId", DP_AUDIT_UUID, DP_ID_SIZE},
    [DP_AUDIT_ORG_ID] = {"orgId", DP_AUDIT_UUID, DP_ID_SIZE},
    [DP_AUDIT_AT] = {"at", DP_AUDIT_TIME, 8},
    [DP_AUDIT_ACTOR_TYPE] = {"actorType", DP_AUDIT_TEXT, 0},
    [DP_AUDIT_ACTOR_ID] = {"actorId", DP_AUDIT_UUID, DP_ID_SIZE},
    [DP_AUDIT_CREDENTIAL_ID] = {"credentialId", DP_AUDIT_UUID, DP_ID_SIZE},
    [DP_AUDIT_ACTION] = {"action", DP_AUDIT_TEXT, 0},
    [DP_AUDIT_TARGET_TYPE] = {"targetType", DP_AUDIT_TEXT, 0},
    [DP_AUDIT_TARGET_ID] = {"targetId", DP_AUDIT_TEXT, 0},
    [DP_AUDIT_OUTCOME] = {"outcome", DP_AUDIT_TEXT, 0},
    [DP_AUDIT_CODE] = {"code", DP_AUDIT_TEXT, 0},
    [DP_AUDIT_REQUEST_ID] = {"requestId", DP_AUDIT_UUID, DP_ID_SIZE},
    [DP_AUDIT_TRACE_ID] = {"traceId", DP_AUDIT_HEX, 16},
    [DP_AUDIT_DETAIL_HASH] = {"detailHash", DP_AUDIT_HEX, DP_SHA256_BYTES},
};

/* --- hashes ------------------------------------------------------------------ */

static void
length_add(dp_sha256_t *sha, uint32_t length)
{
    uint8_t     bytes[4];
    dp_writer_t writer = dp_writer(bytes, sizeof(bytes));

    dp_write_u32(&writer, length);
    dp_sha256_add(sha, dp_written(&writer));
}

void
dp_audit_leaf(dp_sha256_t *sha, const dp_audit_event_t *event, dp_hash_t *leaf)
{
    dp_sha256_begin(sha);
    dp_sha256_add(sha, dp_slice("\0" EVENT_TAG, sizeof(EVENT_TAG)));

    for (size_t i = 0; i < DP_AUDIT_FIELDS; i++) {
        bool null = (event->null >> i & 1) != 0;

        length_add(sha, null ? NULL_LENGTH : (uint32_t) event->fields[i].len);
        dp_sha256_add(sha, null ? dp_slice(NULL, 0) : event->fields[i]);
    }

    dp_sha256_end(sha, leaf->bytes);
}

void
dp_audit_seal_hash(dp_sha256_t *sha, const dp_audit_seal_t *seal,
                   dp_hash_t *hash)
{
    uint8_t     numbers[24];
    dp_writer_t writer = dp_writer(numbers, sizeof(numbers));

    dp_write_u64(&writer, seal->no);
    dp_write_u64(&writer, seal->count);
    dp_write_u64(&writer, seal->at_us);

    dp_sha256_begin(sha);
    dp_sha256_add(sha, DP_SLICE("\x02" SEAL_TAG));
    dp_sha256_add(sha, dp_slice(seal->chain_id, sizeof(seal->chain_id)));
    dp_sha256_add(sha, dp_written(&writer));
    dp_sha256_add(sha, dp_slice(&seal->root, sizeof(seal->root)));
    dp_sha256_add(sha, dp_slice(&seal->previous, sizeof(seal->previous)));
    dp_sha256_end(sha, hash->bytes);
}

/* --- faults ------------------------------------------------------------------ */

typedef struct {
    const char *name;
    const char *text;
} fault_row_t;

static const fault_row_t faults[DP_AUDIT_FAULTS] = {
    [DP_AUDIT_SOUND] = {"SOUND", "nothing is wrong"},
    [DP_AUDIT_EVENT_CHANGED] = {"EVENT_CHANGED",
                                "the event does not have the leaf hash it was "
                                "recorded with"},
    [DP_AUDIT_DETAIL_CHANGED] = {"DETAIL_CHANGED",
                                 "the detail is not the one the event commits to"},
    [DP_AUDIT_EVENT_MISSING] = {"EVENT_MISSING",
                                "an event that the seal covers is not there"},
    [DP_AUDIT_EVENT_FOREIGN] = {"EVENT_FOREIGN",
                                "the event belongs to another chain"},
    [DP_AUDIT_SEAL_ROOT] = {"SEAL_ROOT",
                            "the events are not those that were sealed, or not "
                            "in their order"},
    [DP_AUDIT_SEAL_COUNT] = {"SEAL_COUNT",
                             "the seal covers another number of events"},
    [DP_AUDIT_SEAL_GAP] = {"SEAL_GAP", "the seal is not the next one of its chain"},
    [DP_AUDIT_SEAL_PREVIOUS] = {"SEAL_PREVIOUS",
                                "the seal does not follow from the one before"},
    [DP_AUDIT_SEAL_HASH] = {"SEAL_HASH", "the seal was changed"},
    [DP_AUDIT_SEAL_MAC] = {"SEAL_MAC", "the seal was not made with the key"},
};

const char *
dp_audit_fault_name(dp_audit_fault_t fault)
{
    return faults[fault].name;
}

const char *
dp_audit_fault_text(dp_audit_fault_t fault)
{
    return faults[fault].text;
}

/* --- the check --------------------------------------------------------------- */

bool
dp_audit_key_id(char id[DP_AUDIT_KEY_ID_SIZE], dp_slice_t key)
{
    uint8_t   digest[DP_HMAC_SIZE];
    dp_hmac_t mac;
    bool      made = dp_hmac_open(&mac, key)
                && dp_hmac_make(&mac, DP_SLICE(KEY_TAG), digest);

    dp_hmac_close(&mac);

    if (made) {
        dp_hex_format(id, digest, DP_AUDIT_KEY_ID_SIZE / 2);
    }

    return made;
}

bool
dp_audit_check_open(dp_audit_check_t *check, const uint8_t *chain_id,
                    uint64_t no, const dp_hash_t *hash)
{
    *check = (dp_audit_check_t) {.no = no, .hash = *hash};
    memcpy(check->chain_id, chain_id, DP_ID_SIZE);
    dp_sha256_open(&check->sha);
    dp_merkle_begin(&check->tree, &check->sha);

    return !check->sha.failed;
}

void
dp_audit_check_close(dp_audit_check_t *check)
{
    dp_sha256_close(&check->sha);
    dp_hmac_close(&check->mac);
}

bool
dp_audit_check_key(dp_audit_check_t *check, dp_slice_t key)
{
    return dp_hmac_open(&check->mac, key);
}

static bool
hash_equal(const dp_hash_t *a, const dp_hash_t *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* What is not there any more was erased, which is allowed. */
static bool
detail_sound(dp_sha256_t *sha, const dp_audit_event_t *event)
{
    dp_hash_t hash;

    if (event->salt.len == 0) {
        return true;
    }

    dp_sha256_begin(sha);
    dp_sha256_add(sha, event->salt);
    dp_sha256_add(sha, event->detail);
    dp_sha256_end(sha, hash.bytes);

    return dp_slice_equal(dp_slice(&hash, sizeof(hash)),
                          event->fields[DP_AUDIT_DETAIL_HASH]);
}

dp_audit_fault_t
dp_audit_check_event(dp_audit_check_t *check, const dp_audit_event_t *event)
{
    dp_hash_t leaf;

    if (!dp_slice_equal(event->fields[DP_AUDIT_CHAIN_ID],
                        dp_slice(check->chain_id, DP_ID_SIZE))) {
        return DP_AUDIT_EVENT_FOREIGN;
    }

    dp_audit_leaf(&check->sha, event, &leaf);

    if (!hash_equal(&leaf, &event->leaf)) {
        return DP_AUDIT_EVENT_CHANGED;
    }

    dp_merkle_add(&check->tree, &leaf);

    return detail_sound(&check->sha, event) ? DP_AUDIT_SOUND
                                            : DP_AUDIT_DETAIL_CHANGED;
}

static bool
mac_sound(dp_audit_check_t *check, const dp_audit_seal_t *seal)
{
    return check->mac.ctx == NULL
           || dp_hmac_matches(&check->mac, dp_slice(&seal->hash, DP_SHA256_BYTES),
                              dp_slice(&seal->mac, DP_SHA256_BYTES));
}

static dp_audit_fault_t
place_judge(const dp_audit_check_t *check, const dp_audit_seal_t *seal)
{
    if (seal->no != check->no + 1
        || memcmp(seal->chain_id, check->chain_id, DP_ID_SIZE) != 0) {
        return DP_AUDIT_SEAL_GAP;
    }

    return hash_equal(&seal->previous, &check->hash) ? DP_AUDIT_SOUND
                                                     : DP_AUDIT_SEAL_PREVIOUS;
}

static dp_audit_fault_t
events_judge(const dp_audit_check_t *check, const dp_audit_seal_t *seal)
{
    dp_hash_t root;

    if (check->tree.size != seal->count) {
        return DP_AUDIT_SEAL_COUNT;
    }

    dp_merkle_root(&check->tree, &root);

    return hash_equal(&root, &seal->root) ? DP_AUDIT_SOUND : DP_AUDIT_SEAL_ROOT;
}

static dp_audit_fault_t
hash_judge(dp_audit_check_t *check, const dp_audit_seal_t *seal)
{
    dp_hash_t hash;

    dp_audit_seal_hash(&check->sha, seal, &hash);

    if (!hash_equal(&hash, &seal->hash)) {
        return DP_AUDIT_SEAL_HASH;
    }

    return mac_sound(check, seal) ? DP_AUDIT_SOUND : DP_AUDIT_SEAL_MAC;
}

dp_audit_fault_t
dp_audit_check_seal(dp_audit_check_t *check, const dp_audit_seal_t *seal,
                    bool retained)
{
    dp_audit_fault_t fault = place_judge(check, seal);

    if (fault == DP_AUDIT_SOUND && !retained && check->tree.size != 0) {
        fault = DP_AUDIT_SEAL_COUNT;
    }

    if (fault == DP_AUDIT_SOUND && retained) {
        fault = events_judge(check, seal);
    }

    if (fault == DP_AUDIT_SOUND) {
        fault = hash_judge(check, seal);
    }

    if (fault == DP_AUDIT_SOUND) {
        check->no = seal->no;
        check->hash = seal->hash;
        check->events += check->tree.size;
        dp_merkle_begin(&check->tree, &check->sha);
    }

    return fault;
}
