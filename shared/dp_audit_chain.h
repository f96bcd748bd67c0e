/*
 * Audit events and seals as docs/audit-format.md has them: which fields an event
 * has, its leaf hash, a seal's hash, and the check of a whole chain.
 *
 * The worker feeds the check with rows of the database, devpilotctl with lines of
 * an export.  Nothing here reads either.
 */

#ifndef DP_AUDIT_CHAIN_H
#define DP_AUDIT_CHAIN_H

#include "dp_hmac.h"
#include "dp_merkle.h"
#include "dp_principal.h"

typedef enum {
    DP_AUDIT_UUID, /* 16 bytes */
    DP_AUDIT_TIME, /* 8 bytes: microseconds since 1970, big-endian, signed */
    DP_AUDIT_TEXT, /* UTF-8 */
    DP_AUDIT_HEX,  /* bytes that JSON shows as hexadecimal */
} dp_audit_form_t;

typedef enum {
    DP_AUDIT_ID,
    DP_AUDIT_CHAIN_ID,
    DP_AUDIT_ORG_ID,
    DP_AUDIT_AT,
    DP_AUDIT_ACTOR_TYPE,
    DP_AUDIT_ACTOR_ID,
    DP_AUDIT_CREDENTIAL_ID,
    DP_AUDIT_ACTION,
    DP_AUDIT_TARGET_TYPE,
    DP_AUDIT_TARGET_ID,
    DP_AUDIT_OUTCOME,
    DP_AUDIT_CODE,
    DP_AUDIT_REQUEST_ID,
    DP_AUDIT_TRACE_ID,
    DP_AUDIT_DETAIL_HASH,
    DP_AUDIT_FIELDS
} dp_audit_field_t;

typedef struct {
    const char     *name; /* in JSON */
    dp_audit_form_t form;
    size_t          size; /* bytes; 0: any number */
} dp_audit_field_row_t;

extern const dp_audit_field_row_t dp_audit_fields[DP_AUDIT_FIELDS];

/* An event; slices are borrowed. */
typedef struct {
    dp_slice_t fields[DP_AUDIT_FIELDS];
    uint32_t   null;        /* bit i: field i is null */
    dp_slice_t salt;        /* of the detail; empty: erased, or there is none */
    dp_slice_t detail;
    dp_hash_t  leaf;        /* as it was stored */
} dp_audit_event_t;

/* The hash of what the event says. */
void dp_audit_leaf(dp_sha256_t *sha, const dp_audit_event_t *event,
                   dp_hash_t *leaf);

#define DP_AUDIT_KEY_ID_SIZE 8

typedef struct {
    uint8_t   chain_id[DP_ID_SIZE];
    uint64_t  no;    /* from 1 */
    uint64_t  count; /* of events */
    uint64_t  at_us; /* since 1970 */
    dp_hash_t root;
    dp_hash_t previous; /* hash of seal no - 1; zeros for the first */
    dp_hash_t hash;
    dp_hash_t mac;
    char      key_id[DP_AUDIT_KEY_ID_SIZE]; /* of the key of the MAC */
} dp_audit_seal_t;

/* The hash that seal->hash should be. */
void dp_audit_seal_hash(dp_sha256_t *sha, const dp_audit_seal_t *seal,
                        dp_hash_t *hash);

/* --- checking a chain -------------------------------------------------------- */

typedef enum {
    DP_AUDIT_SOUND,
    DP_AUDIT_EVENT_CHANGED,   /* its fields do not have its leaf hash */
    DP_AUDIT_DETAIL_CHANGED,  /* its detail does not have the hash it committed to */
    DP_AUDIT_EVENT_MISSING,   /* the seal covers an event that is not there */
    DP_AUDIT_EVENT_FOREIGN,   /* it is another chain's */
    DP_AUDIT_SEAL_ROOT,       /* its events do not have its root */
    DP_AUDIT_SEAL_COUNT,      /* it has another number of events */
    DP_AUDIT_SEAL_GAP,        /* it is not the next one of this chain */
    DP_AUDIT_SEAL_PREVIOUS,   /* it does not follow from the one before */
    DP_AUDIT_SEAL_HASH,       /* it does not have its own hash */
    DP_AUDIT_SEAL_MAC,        /* it was not made with the key */
    DP_AUDIT_FAULTS
} dp_audit_fault_t;

/* A name for programs, EVENT_CHANGED, and a sentence for people. */
const char *dp_audit_fault_name(dp_audit_fault_t fault);
const char *dp_audit_fault_text(dp_audit_fault_t fault);

/* Where a check is; what is at fault is the event or seal that was given last. */
typedef struct {
    dp_sha256_t sha;
    dp_hmac_t   mac;    /* closed: MACs are not checked */
    uint8_t     chain_id[DP_ID_SIZE];
    dp_merkle_t tree;   /* of the events since the last seal */
    uint64_t    no;     /* of the last seal */
    dp_hash_t   hash;   /* of the last seal */
    uint64_t    events; /* in seals that were found sound */
} dp_audit_check_t;

/*
 * Begins behind seal `no`, which has that hash; 0 and zeros: at the beginning.
 * False when OpenSSL refuses; to be closed in either case.
 */
bool dp_audit_check_open(dp_audit_check_t *check, const uint8_t *chain_id,
                         uint64_t no, const dp_hash_t *hash)
    __attribute__((warn_unused_result));
void dp_audit_check_close(dp_audit_check_t *check);

/* From now on MACs are checked, too; false when OpenSSL refuses. */
bool dp_audit_check_key(dp_audit_check_t *check, dp_slice_t key)
    __attribute__((warn_unused_result));

/* The next event of the next seal. */
dp_audit_fault_t dp_audit_check_event(dp_audit_check_t *check,
                                      const dp_audit_event_t *event)
    __attribute__((warn_unused_result));

/*
 * The seal of the events since the one before.  `retained` is false when they
 * are not kept any more: then only its place in the chain is judged.
 */
dp_audit_fault_t dp_audit_check_seal(dp_audit_check_t *check,
                                     const dp_audit_seal_t *seal, bool retained)
    __attribute__((warn_unused_result));

/* The id of a key of MACs: the beginning of what it makes of its purpose. */
bool dp_audit_key_id(char id[DP_AUDIT_KEY_ID_SIZE], dp_slice_t key)
    __attribute__((warn_unused_result));

#endif /* DP_AUDIT_CHAIN_H */
