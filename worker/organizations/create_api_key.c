/*
 * createApiKey: a key that acts for its maker, shown in this answer and never
 * again.
 *
 * It counts for as many factors as the credential that it was made with, and may
 * do nothing that this one may not.
 */

#include "dp_operations.h"
#include "dp_scope.h"
#include "new_api_key.h"
#include "policy/input.h"

static const dp_statement_t select_times = {
    .name = "create_api_key.times",
    .sql = "select pg_catalog.now(), $1::timestamptz,"
           "       $1::timestamptz <= pg_catalog.now()",
    .rows = DP_ROWS_ONE,
};

enum {
    TIME_NOW,
    TIME_EXPIRES,
    TIME_IS_OVER,
};

static bool
member_refuse(dp_op_t *op, const char *name, const char *keyword,
              const char *message)
{
    dp_verdict_t verdict;

    dp_verdict_begin(&verdict);
    dp_verdict_issue(&verdict, DP_IN_BODY, dp_slice_text(name), keyword,
                     dp_slice_text(message));

    return dp_input_refuse(op, &verdict);
}

/* Each must be a scope; one that nobody knows would allow nothing. */
static bool
scopes_check(dp_op_t *op, dp_slice_t names)
{
    size_t wanted = names.len == 0 ? 0 : 1;

    for (size_t i = 0; i < names.len; i++) {
        wanted += names.data[i] == ',';
    }

    return (size_t) __builtin_popcountll(dp_scopes_read(names, ',')) == wanted
               ? true
               : member_refuse(op, "scopes", "enum",
                               "must be scopes of operations, each once");
}

#define TIME_TEXT_MAX 40 /* as PostgreSQL reads it, with room to spare */
#define NOT_AHEAD "must be in the future, before the year 3000"

/* What the database would choke on is refused before. */
static bool
end_check(dp_op_t *op, dp_slice_t text)
{
    return text.len == 0 || (text.data[0] == '2' && text.len <= TIME_TEXT_MAX)
               ? true
               : member_refuse(op, "expiresAt", "format", NOT_AHEAD);
}

bool
dp_op_create_api_key(dp_op_t *op)
{
    dp_slice_t       end = dp_body_text(op, "expiresAt");
    dp_new_api_key_t key = {
        .name = dp_body_text(op, "name"),
        .max_role = dp_body_text(op, "maxRole"),
        .scopes = dp_body_texts(op, "scopes"),
    };
    unsigned times;
    dp_row_t row;

    if (!scopes_check(op, key.scopes) || !end_check(op, end)) {
        return false;
    }

    dp_transaction_begin(op);
    times = dp_transaction_queue(op, &select_times,
                                 DP_BIND(dp_text_or_null(end)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, times);
    if (dp_row_bool(row, TIME_IS_OVER)) {
        return member_refuse(op, "expiresAt", "format", NOT_AHEAD);
    }

    key.created_us = dp_row_time_us(row, TIME_NOW);
    key.expires_us = dp_row_time_us(row, TIME_EXPIRES);
    key.auth_level = dp_transaction(op)->caller.auth_level;

    if (!dp_new_api_key_judge(op, &key)) {
        return false;
    }

    dp_new_api_key_make(&key, op);
    dp_new_api_key_queue(op, &key);

    return dp_transaction_commit(op);
}
