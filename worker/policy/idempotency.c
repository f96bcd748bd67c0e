/*
 * The idempotency gate, the fingerprint and the stored answer.
 */

#include "idempotency.h"

#include <assert.h>

#include "crypto/digest.h"
#include "crypto/keys.h"
#include "crypto/seal.h"
#include "gates.h"
#include "input.h"

static const dp_statement_t claim = {
    .name = "idempotency.claim",
    .sql = "select verdict, status, content_type, location, etag, body, sealed"
           "  from app.idempotency_claim($1, $2, $3)",
    .rows = DP_ROWS_ONE,
};

enum {
    CLAIM_VERDICT,
    CLAIM_STATUS,
    CLAIM_CONTENT_TYPE,
    CLAIM_LOCATION,
    CLAIM_ETAG,
    CLAIM_BODY,
    CLAIM_SEALED,
};

static const dp_statement_t finish = {
    .name = "idempotency.finish",
    .sql = "select app.idempotency_finish($1, $2, $3, $4, $5, $6, $7, $8, $9 = 1)",
    .rows = DP_ROWS_ONE,
};

bool
dp_idempotency_keyed(const dp_op_t *op)
{
    return op->route->idempotency != DP_KEY_NONE
           && op->request->idempotency_key.len != 0;
}

bool
dp_idempotency_check(dp_op_t *op)
{
    dp_verdict_t verdict;

    if (!dp_idempotency_keyed(op)) {
        return op->route->idempotency == DP_KEY_REQUIRED
                   ? dp_op_fail(op, DP_ERR_IDEMPOTENCY_KEY_REQUIRED)
                   : true;
    }

    dp_verdict_begin(&verdict);
    dp_contract_header(&verdict, op->route, DP_SLICE("Idempotency-Key"),
                       op->request->idempotency_key);

    return verdict.code == DP_OK ? true : dp_input_refuse(op, &verdict);
}

void
dp_idempotency_fingerprint(uint8_t fingerprint[DP_FINGERPRINT_SIZE],
                           const dp_wire_request_t *request, size_t param_count)
{
    dp_slice_t parts[4 + 2 * DP_WIRE_PARAMS];
    size_t     count = 0;

    assert(param_count <= DP_WIRE_PARAMS);

    parts[count++] = request->operation;
    parts[count++] = dp_slice("", 1);
    parts[count++] = request->body;
    parts[count++] = dp_slice("", 1);

    for (size_t i = 0; i < param_count; i++) {
        parts[count++] = request->params[i];
        parts[count++] = dp_slice("", 1);
    }

    dp_sha256(fingerprint, parts, count);
}

/*
 * A body with a password makes a fingerprint that would tell whether a guess is
 * right, and fast: it is kept under a key.
 */
static void
fingerprint_veil(uint8_t fingerprint[DP_FINGERPRINT_SIZE])
{
    uint8_t open[DP_FINGERPRINT_SIZE];

    memcpy(open, fingerprint, sizeof(open));
    dp_hmac_sha256(fingerprint, dp_slice(dp_key(DP_KEY_ACCOUNT), DP_KEY_SIZE),
                   dp_slice(open, sizeof(open)));
}

static void
claim_queue(dp_op_t *op)
{
    uint8_t *fingerprint = dp_transaction(op)->fingerprint;

    dp_idempotency_fingerprint(fingerprint, op->request, op->route->param_count);

    if (op->route->password_pool) {
        fingerprint_veil(fingerprint);
    }

    dp_transaction_queue(op, &claim,
                         DP_BIND(dp_text(op->request->idempotency_key),
                                 dp_text(op->request->operation),
                                 dp_bytea(dp_slice(fingerprint,
                                                   DP_FINGERPRINT_SIZE))));
}

/*
 * Where a sealed answer lies: under this key of this user.  `name` has room for a
 * digest.
 */
static dp_seal_place_t
sealed_place(const dp_op_t *op, uint8_t name[DP_SHA256_SIZE])
{
    const dp_principal_t *principal = &op->request->principal;
    const dp_slice_t      parts[] = {
        dp_slice(principal->org_id, DP_ID_SIZE),
        dp_slice(principal->user_id, DP_ID_SIZE),
        op->request->idempotency_key,
    };

    dp_sha256(name, parts, sizeof(parts) / sizeof(parts[0]));

    return (dp_seal_place_t) {
        .table = "idempotency_key",
        .row = dp_slice(name, DP_SHA256_SIZE),
        .field = "body",
    };
}

static dp_slice_t
body_sealed(const dp_op_t *op)
{
    uint8_t         name[DP_SHA256_SIZE];
    dp_seal_place_t place = sealed_place(op, name);
    size_t          size = op->reply.body.len + DP_SEAL_OVERHEAD;
    uint8_t        *sealed = dp_arena_alloc(op->arena, size);

    return dp_slice(sealed, dp_seal(sealed, &place, op->reply.body));
}

/* False: it does not open, with the master keys that there are. */
static bool
body_unseal(const dp_op_t *op, dp_slice_t *body)
{
    uint8_t         name[DP_SHA256_SIZE];
    dp_seal_place_t place = sealed_place(op, name);
    uint8_t        *plain = dp_arena_alloc(op->arena, body->len + 1);
    size_t          len;
    bool            opened = dp_unseal(plain, &len, &place, *body);

    *body = dp_slice(plain, len);

    return opened;
}

/* The stored answer becomes this request's: same status, same bytes. */
static bool
replay(dp_op_t *op, dp_row_t row)
{
    dp_arena_t *arena = op->arena;
    dp_slice_t  body = dp_arena_copy(arena, dp_row_bytes(row, CLAIM_BODY));

    if (dp_row_bool(row, CLAIM_SEALED) && !body_unseal(op, &body)) {
        return dp_op_fail(op, DP_ERR_INTERNAL);
    }

    op->reply = (dp_wire_reply_t) {
        .status = (uint16_t) dp_row_int(row, CLAIM_STATUS),
        .replayed = 1,
        .content_type = dp_arena_copy(arena, dp_row_bytes(row, CLAIM_CONTENT_TYPE)),
        .location = dp_arena_copy(arena, dp_row_bytes(row, CLAIM_LOCATION)),
        .etag = dp_arena_copy(arena, dp_row_bytes(row, CLAIM_ETAG)),
        .body = body,
    };

    return false;
}

static bool
claim_judge(dp_op_t *op, dp_row_t row)
{
    dp_slice_t verdict = dp_row_bytes(row, CLAIM_VERDICT);

    if (dp_slice_equal(verdict, DP_SLICE("execute"))) {
        return true;
    }

    if (dp_slice_equal(verdict, DP_SLICE("replay"))) {
        return replay(op, row);
    }

    return dp_op_fail(op, dp_slice_equal(verdict, DP_SLICE("in_progress"))
                              ? DP_ERR_IDEMPOTENCY_IN_PROGRESS
                              : DP_ERR_IDEMPOTENCY_KEY_REUSED);
}

const dp_gate_t dp_gate_idempotency = {
    dp_idempotency_keyed,
    claim_queue,
    claim_judge,
};

void
dp_idempotency_seal(dp_op_t *op)
{
    dp_transaction(op)->secret = true;
}

void
dp_idempotency_finish(dp_op_t *op)
{
    const dp_wire_reply_t *reply = &op->reply;
    bool                   secret = dp_transaction(op)->secret;
    dp_slice_t content_type = reply->content_type;

    if (!dp_idempotency_keyed(op)) {
        return;
    }

    assert(reply->status >= 200 && reply->status < 300);

    if (content_type.len == 0) {
        content_type = DP_SLICE("application/json");
    }

    dp_transaction_queue(op, &finish,
                         DP_BIND(dp_text(op->request->idempotency_key),
                                 dp_text(op->request->operation),
                                 dp_bytea(dp_slice(dp_transaction(op)->fingerprint,
                                                   DP_FINGERPRINT_SIZE)),
                                 dp_int4(reply->status), dp_text(content_type),
                                 dp_text_or_null(reply->location),
                                 dp_text_or_null(reply->etag),
                                 dp_bytea(secret ? body_sealed(op) : reply->body),
                                 dp_int4(secret)));
}
