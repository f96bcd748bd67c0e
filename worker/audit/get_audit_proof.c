/*
 * getAuditProof: that an event is in the trail, for who does not trust us.  The path
 * leads from the event's leaf hash to the root of its seal; the checkpoint says which
 * seal is the newest.
 */

#include "audit.h"
#include "checkpoint.h"
#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/etag.h"

/* Names and numbers, a seal, hashes. */
#define SYNTAX_SIZE (512 + DP_AUDIT_SEAL_JSON_SIZE + 2 * DP_SHA256_BYTES)
#define HASH_SIZE (2 * DP_SHA256_BYTES + 3)

static const dp_statement_t select_leaves = {
    .name = "get_audit_proof.leaves",
    .sql = "with event as ("
           "    select e.seq, e.chain_id"
           "      from dp.audit_event e"
           "     where e.org_id = app.current_org()"
           "       and e.id = $1),"
           "  seal as ("
           "    select s.*, e.seq as wanted"
           "      from event e"
           "      left join lateral ("
           "          select s.*"
           "            from dp.audit_seal s"
           "           where s.chain_id = e.chain_id"
           "             and s.last_seq >= e.seq"
           "             and s.first_seq <= e.seq"
           "             and e.seq = any (s.seqs)"
           "           order by s.last_seq"
           "           limit 1) s on true)"
           " select " DP_AUDIT_SEAL_COLUMNS ", h.no, h.hash,"
           "        m.seq = s.wanted, e.leaf_hash"
           "   from seal s"
           "   left join lateral unnest(s.seqs) with ordinality m (seq, place) on true"
           "   left join dp.audit_event e on e.seq = m.seq"
           "   left join lateral ("
           "       select h.no, h.hash"
           "         from dp.audit_seal h"
           "        where h.chain_id = s.chain_id"
           "        order by h.no desc"
           "        limit 1) h on true"
           "  order by m.place",
};

enum {
    LEAF_HEAD_NO = DP_AUDIT_SEAL_COLUMN_COUNT,
    LEAF_HEAD_HASH,
    LEAF_WANTED,
    LEAF_HASH,
};

typedef struct {
    dp_audit_seal_t seal;
    dp_hash_t       leaf;
    dp_hash_t       path[DP_MERKLE_LEVELS];
    size_t          len;
    uint64_t        index;
} proof_t;

/* False: OpenSSL refused. */
static bool
proof_make(dp_op_t *op, dp_row_t rows, proof_t *proof)
{
    size_t      count = (size_t) dp_row_count(rows);
    dp_hash_t  *leaves = dp_arena_alloc(op->arena, count * sizeof(*leaves));
    dp_sha256_t sha;
    bool        made;

    proof->seal = dp_audit_seal_row(rows, 0);
    proof->index = 0;

    for (size_t i = 0; i < count; i++) {
        dp_row_t row = dp_row_at(rows, (int) i);

        leaves[i] = dp_audit_hash(row, LEAF_HASH);
        proof->index = dp_row_bool(row, LEAF_WANTED) ? i : proof->index;
    }

    dp_sha256_open(&sha);
    proof->leaf = leaves[proof->index];
    proof->len = dp_merkle_path(&sha, leaves, count, proof->index, proof->path);
    made = !sha.failed;
    dp_sha256_close(&sha);

    return made;
}

static void
head_write(dp_op_t *op, dp_writer_t *writer, dp_row_t row)
{
    dp_hash_t hash = dp_audit_hash(row, LEAF_HEAD_HASH);
    uint64_t  no = (uint64_t) dp_row_int(row, LEAF_HEAD_NO);

    dp_write_text(writer, "},\"head\":{\"no\":");
    dp_json_uint(writer, no);
    dp_write_text(writer, ",\"hash\":");
    dp_audit_hash_write(writer, &hash);
    dp_write_text(writer, "},\"checkpoint\":");
    dp_json_string(writer, dp_checkpoint_make(op->arena,
                                              op->request->principal.org_id, no,
                                              &hash));
    dp_write_text(writer, ",\"key\":");
    dp_json_string(writer, dp_checkpoint_key(op->arena));
    dp_write_text(writer, "}");
}

static dp_slice_t
proof_render(dp_op_t *op, dp_row_t row, const proof_t *proof)
{
    size_t      size = SYNTAX_SIZE + HASH_SIZE * proof->len
                  + 6 * (DP_NOTE_SIZE(DP_CHECKPOINT_SIZE)
                         + DP_NOTE_KEY_TEXT_SIZE);
    dp_writer_t writer = dp_render_begin(op->arena, size);

    dp_write_text(&writer, "{\"leafHash\":");
    dp_audit_hash_write(&writer, &proof->leaf);
    dp_write_text(&writer, ",\"index\":");
    dp_json_uint(&writer, proof->index);
    dp_write_text(&writer, ",\"path\":[");

    for (size_t i = 0; i < proof->len; i++) {
        dp_write_text(&writer, i == 0 ? "" : ",");
        dp_audit_hash_write(&writer, &proof->path[i]);
    }

    dp_write_text(&writer, "],\"seal\":{");
    dp_audit_seal_members(&writer, &proof->seal);
    head_write(op, &writer, row);

    return dp_render_end(&writer);
}

bool
dp_op_get_audit_proof(dp_op_t *op)
{
    enum { ORG_ID, EVENT_ID };
    uint8_t  id[DP_ID_SIZE];
    proof_t *proof = dp_arena_alloc(op->arena, sizeof(*proof));
    unsigned leaves;
    dp_row_t rows;

    if (!dp_id_parse(id, op->request->params[EVENT_ID])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    leaves = dp_transaction_queue(op, &select_leaves, DP_BIND(dp_uuid(id)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    rows = dp_transaction_row(op, leaves);

    if (dp_row_count(rows) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    if (dp_row_null(rows, LEAF_HEAD_NO)) {
        return dp_op_fail(op, DP_ERR_AUDIT_NOT_SEALED);
    }

    if (!proof_make(op, rows, proof)) {
        return dp_op_fail(op, DP_ERR_INTERNAL);
    }

    op->reply.status = 200;
    op->reply.body = proof_render(op, rows, proof);
    dp_etag_fill(op, DP_ETAG_UNVERSIONED);

    return true;
}
