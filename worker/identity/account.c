/*
 * Accounts of those who come from elsewhere: one statement in a transaction of its
 * own.
 */

#include "account.h"

#include "crypto/ids.h"
#include "db/ask.h"
#include "dp_format.h"
#include "runtime/deadline.h"

#define ASK_LIMIT_US 3000000
#define NAME_BYTES_MAX 100

static const dp_statement_t account_find = {
    .name = "account.find",
    .sql = "select user_id, outcome"
           "  from app.identity_login($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    .rows = DP_ROWS_ONE,
};

/* The words of app.identity_login() that let nobody in. */
static const char *const refusals[] = {
    "account_disabled", "account_exists", "email_unverified", "unknown",
    "signup_switched_off",
};

static const char *
refusal_of(dp_slice_t outcome)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (dp_slice_equal(outcome, dp_slice_text(refusals[i]))) {
            return refusals[i];
        }
    }

    return NULL;
}

/* An address of a form that we would not take from anybody is none. */
static dp_value_t
email_bind(const dp_id_token_t *token)
{
    return dp_text_or_null(dp_format_check(DP_FORMAT_EMAIL, token->email)
                               ? token->email
                               : dp_slice(NULL, 0));
}

dp_error_t
dp_account_find(dp_op_t *op, const dp_identity_provider_t *provider,
                const dp_id_token_t *token, dp_account_t *account)
{
    enum { IDENTITY_ID, USER_ID, ORG_ID, ID_COUNT };
    uint8_t    ids[ID_COUNT][DP_ID_SIZE];
    dp_row_t   row;
    dp_error_t error;
    bool       named = token->name.len <= NAME_BYTES_MAX;

    dp_ids_make(ids, ID_COUNT, op->request->request_id);
    error = dp_ask(
        op->db,
        &(dp_question_t) {
            .statement = &account_find,
            .values = DP_BIND(
                dp_text(dp_slice_text(provider->issuer)), dp_text(token->subject),
                email_bind(token),
                dp_text_or_null(named ? token->name : dp_slice(NULL, 0)),
                dp_int2(provider->links_email), dp_int2(provider->signs_up),
                dp_uuid(ids[IDENTITY_ID]), dp_uuid(ids[USER_ID]),
                dp_uuid(ids[ORG_ID])),
            .request_id = op->request->request_id,
            .until_us = dp_monotonic_us() + ASK_LIMIT_US,
            .writes = true,
        },
        &row);

    if (error == DP_OK) {
        account->user_id = dp_arena_copy(op->arena,
                                         dp_slice(dp_row_uuid(row, 0), DP_ID_SIZE))
                               .data;
        account->refused = refusal_of(dp_row_bytes(row, 1));
    }

    dp_trip_clear(op->db);

    return error;
}
