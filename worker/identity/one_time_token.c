/*
 * The statements of dp.one_time_token.
 */

#include "one_time_token.h"

#include "secret_text.h"

static const dp_statement_t insert_token = {
    .name = "one_time_token.insert",
    .sql = "insert into dp.one_time_token"
           "       (digest, purpose, user_id, data, sealed, expires_at)"
           " values ($1, $2, $3, $4::json, $5,"
           "         pg_catalog.now() + $6 * interval '1 second')",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t lock_token = {
    .name = "one_time_token.lock",
    .sql = "select t.user_id, t.data, t.sealed, t.attempts"
           "  from dp.one_time_token t"
           " where t.digest = $1"
           "   and t.purpose = $2"
           "   and t.used_at is null"
           "   and t.expires_at > pg_catalog.now()"
           "   for update",
};

static const dp_statement_t use_token = {
    .name = "one_time_token.use",
    .sql = "update dp.one_time_token"
           "   set used_at = pg_catalog.now()"
           " where digest = $1",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t fail_token = {
    .name = "one_time_token.fail",
    .sql = "update dp.one_time_token"
           "   set attempts = attempts + 1"
           " where digest = $1",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t void_tokens = {
    .name = "one_time_token.void",
    .sql = "update dp.one_time_token"
           "   set used_at = pg_catalog.now()"
           " where user_id = $1"
           "   and purpose = $2"
           "   and used_at is null",
};

static dp_value_t
bytes_or_null(dp_slice_t bytes)
{
    return bytes.len == 0 ? dp_null(dp_bytea(bytes)) : dp_bytea(bytes);
}

dp_slice_t
dp_one_time_issue(dp_op_t *op, const dp_one_time_t *token)
{
    dp_slice_t text = dp_secret_text_make(op->arena, DP_SECRET_ONE_TIME);
    dp_value_t user = dp_uuid(token->user_id);
    uint8_t    digest[DP_SHA256_SIZE];

    dp_secret_text_digest(digest, text);
    dp_transaction_queue(op, &insert_token,
                         DP_BIND(dp_bytea(dp_slice(digest, sizeof(digest))),
                                 dp_text(dp_slice_text(token->purpose)),
                                 token->user_id == NULL ? dp_null(user) : user,
                                 dp_text_or_null(token->data),
                                 bytes_or_null(token->sealed),
                                 dp_int4((int32_t) token->lasts_s)));

    return text;
}

unsigned
dp_one_time_find(dp_op_t *op, const char *purpose, dp_slice_t text)
{
    uint8_t digest[DP_SHA256_SIZE];

    dp_secret_text_digest(digest, text);

    return dp_transaction_queue(op, &lock_token,
                                DP_BIND(dp_bytea(dp_slice(digest, sizeof(digest))),
                                        dp_text(dp_slice_text(purpose))));
}

static void
change(dp_op_t *op, const dp_statement_t *statement, dp_slice_t text)
{
    uint8_t digest[DP_SHA256_SIZE];

    dp_secret_text_digest(digest, text);
    dp_transaction_queue(op, statement,
                         DP_BIND(dp_bytea(dp_slice(digest, sizeof(digest)))));
}

void
dp_one_time_use(dp_op_t *op, dp_slice_t text)
{
    change(op, &use_token, text);
}

void
dp_one_time_fail(dp_op_t *op, dp_slice_t text)
{
    change(op, &fail_token, text);
}

void
dp_one_time_void(dp_op_t *op, const char *purpose, const uint8_t *user_id)
{
    dp_transaction_queue(op, &void_tokens,
                         DP_BIND(dp_uuid(user_id), dp_text(dp_slice_text(purpose))));
}
