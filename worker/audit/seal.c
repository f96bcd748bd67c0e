/*
 * The job audit.seal: every event that is settled gets a seal, chain by chain.
 *
 * An event is settled when no transaction that is still running could have written
 * before it; who commits later is in a later seal.  Nothing is locked: of two workers
 * that make the same seal one adds it, and the other one looks again.
 */

#include "audit.h"

#include "checkpoint.h"
#include "crypto/digest.h"
#include "crypto/keys.h"
#include "db/ask.h"
#include "jobs/handlers.h"
#include "metrics.h"
#include "runtime/deadline.h"

#include <stdio.h>

#define TRIP_LIMIT_US 5000000

/* A sequence number, and a comma. */
#define SEQ_SIZE 21

static const dp_statement_t select_unsealed = {
    .name = "audit_seal.unsealed",
    .sql = "with next as ("
           "    select u.chain_id"
           "      from dp.audit_unsealed u"
           "     where u.chain_id >= $1"
           "       and u.xid < pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())"
           "     order by u.chain_id"
           "     limit 1)"
           " select n.chain_id, s.no, s.hash, pg_catalog.clock_timestamp(), u.seq,"
           "        e.leaf_hash"
           "   from next n"
           "   left join lateral ("
           "       select s.no, s.hash"
           "         from dp.audit_seal s"
           "        where s.chain_id = n.chain_id"
           "        order by s.no desc"
           "        limit 1) s on true"
           "   join dp.audit_unsealed u"
           "     on u.chain_id = n.chain_id"
           "    and u.xid < pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())"
           "   join dp.audit_event e on e.seq = u.seq"
           "  order by u.seq"
           "  limit $2",
};

enum {
    UNSEALED_CHAIN,
    UNSEALED_NO, /* of the newest seal */
    UNSEALED_HASH,
    UNSEALED_NOW,
    UNSEALED_SEQ,
    UNSEALED_LEAF,
};

static const dp_statement_t seal_add = {
    .name = "audit_seal.add",
    .sql = "select app.audit_seal_add($1, $2, $3, ($4::text)::bigint[], $5, $6, $7, $8, $9)",
    .rows = DP_ROWS_ONE,
};

/* What one seal is made of. */
typedef struct {
    dp_audit_seal_t seal;
    dp_slice_t      seqs; /* '{1,2,3}' */
} draft_t;

static bool
root_make(dp_row_t rows, dp_audit_seal_t *seal)
{
    dp_sha256_t sha;
    dp_merkle_t tree;
    bool        made;

    dp_sha256_open(&sha);
    dp_merkle_begin(&tree, &sha);

    for (int i = 0; i < dp_row_count(rows); i++) {
        dp_hash_t leaf = dp_audit_hash(dp_row_at(rows, i), UNSEALED_LEAF);

        dp_merkle_add(&tree, &leaf);
    }

    dp_merkle_root(&tree, &seal->root);
    dp_audit_seal_hash(&sha, seal, &seal->hash);
    made = !sha.failed;
    dp_sha256_close(&sha);

    return made;
}

static dp_slice_t
seqs_write(dp_arena_t *arena, dp_row_t rows)
{
    size_t      size = SEQ_SIZE * (size_t) dp_row_count(rows) + 2;
    dp_writer_t writer = dp_writer(dp_arena_alloc(arena, size), size);
    char        text[SEQ_SIZE + 1];

    for (int i = 0; i < dp_row_count(rows); i++) {
        snprintf(text, sizeof(text), "%c%lld", i == 0 ? '{' : ',',
                 (long long) dp_row_int(dp_row_at(rows, i), UNSEALED_SEQ));
        dp_write_text(&writer, text);
    }

    dp_write_text(&writer, "}");

    return dp_written(&writer);
}

/* False: OpenSSL refused. */
static bool
draft_make(dp_job_t *job, dp_row_t rows, draft_t *draft)
{
    dp_slice_t       key = dp_slice(dp_key(DP_KEY_AUDIT), DP_KEY_SIZE);
    dp_audit_seal_t *seal = &draft->seal;

    *seal = (dp_audit_seal_t) {
        .no = (uint64_t) dp_row_int(rows, UNSEALED_NO) + 1,
        .count = (uint64_t) dp_row_count(rows),
        .at_us = dp_row_time_us(rows, UNSEALED_NOW),
        .previous = dp_audit_hash(rows, UNSEALED_HASH),
    };
    memcpy(seal->chain_id, dp_row_uuid(rows, UNSEALED_CHAIN), DP_ID_SIZE);
    draft->seqs = seqs_write(job->arena, rows);

    if (!root_make(rows, seal) || !dp_audit_key_id(seal->key_id, key)) {
        return false;
    }

    dp_hmac_sha256(seal->mac.bytes, key, dp_slice(&seal->hash, DP_SHA256_BYTES));

    return true;
}

static dp_question_t
question(const dp_statement_t *statement, dp_values_t values, bool writes)
{
    return (dp_question_t) {
        .statement = statement,
        .values = values,
        .until_us = dp_monotonic_us() + TRIP_LIMIT_US,
        .writes = writes,
    };
}

static dp_slice_t
hash_bytes(const dp_hash_t *hash)
{
    return dp_slice(hash, sizeof(*hash));
}

/* Adds the seal; another worker's of that number is as good. */
static dp_job_outcome_t
draft_add(dp_job_t *job, const draft_t *draft)
{
    const dp_audit_seal_t *seal = &draft->seal;
    dp_question_t          add = question(
        &seal_add,
        DP_BIND(dp_uuid(seal->chain_id), dp_int8((int64_t) seal->no),
                dp_time(seal->at_us), dp_text(draft->seqs),
                dp_bytea(hash_bytes(&seal->root)),
                dp_bytea(hash_bytes(&seal->previous)),
                dp_bytea(hash_bytes(&seal->hash)),
                dp_bytea(hash_bytes(&seal->mac)),
                dp_text(dp_slice(seal->key_id, sizeof(seal->key_id)))),
        true);
    dp_row_t   row;
    dp_error_t error = dp_ask(job->db, &add, &row);

    if (error != DP_OK) {
        return dp_job_fail(job, error);
    }

    if (dp_row_null(row, 0)) {
        return DP_JOB_RELEASED;
    }

    if (dp_row_bool(row, 0)) {
        dp_metric_add(DP_METRIC_AUDIT_SEALS, 1);
        dp_metric_add(DP_METRIC_AUDIT_SEALED, (int64_t) seal->count);
        dp_checkpoint_anchor(seal->chain_id, seal->no, &seal->hash,
                             dp_checkpoint_make(job->arena, seal->chain_id,
                                                seal->no, &seal->hash));
    }

    return DP_JOB_DONE;
}

/* The id behind this one; false behind the last. */
static bool
id_next(uint8_t id[DP_ID_SIZE])
{
    for (size_t i = DP_ID_SIZE; i > 0; i--) {
        if (++id[i - 1] != 0) {
            return true;
        }
    }

    return false;
}

/* Seals a portion of the first chain from `from` on; `*more`: there may be others. */
static dp_job_outcome_t
portion_seal(dp_job_t *job, uint8_t from[DP_ID_SIZE], bool *more)
{
    dp_question_t ask = question(&select_unsealed,
                                 DP_BIND(dp_uuid(from),
                                         dp_int8(DP_AUDIT_SEAL_EVENTS)),
                                 false);
    dp_row_t      rows;
    dp_error_t    error = dp_ask(job->db, &ask, &rows);
    draft_t       draft;

    if (error != DP_OK) {
        return dp_job_fail(job, error);
    }

    *more = dp_row_count(rows) != 0;

    if (!*more) {
        return DP_JOB_DONE;
    }

    if (!draft_make(job, rows, &draft)) {
        return dp_job_fail(job, DP_ERR_INTERNAL);
    }

    memcpy(from, draft.seal.chain_id, DP_ID_SIZE);

    if (draft.seal.count < DP_AUDIT_SEAL_EVENTS) {
        *more = id_next(from);
    }

    return draft_add(job, &draft);
}

dp_job_outcome_t
dp_job_audit_seal(dp_job_t *job)
{
    uint8_t          from[DP_ID_SIZE] = {0};
    dp_job_outcome_t outcome;
    bool             more;

    do {
        outcome = portion_seal(job, from, &more);

        if (outcome != DP_JOB_DONE || !more) {
            return outcome;
        }
    } while (dp_job_may_go_on(job));

    return DP_JOB_RELEASED;
}
