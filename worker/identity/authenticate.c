/*
 * Whose credential is this?
 *
 * The edge sends the prefix and the digest of an API key, never the key.  The
 * row is found by the prefix, the digests are compared in constant time, and
 * every refusal is the same: a caller learns nothing about keys that exist.
 */

#include <ctype.h>

#include "crypto/digest.h"
#include "db/ask.h"
#include "dp_scope.h"
#include "runtime/deadline.h"

#define PREFIX_SIZE 8

static const dp_statement_t principal_find = {
    .name = "authenticate.principal_find",
    .sql = "select id, org_id, user_id, digest, auth_level, expires_at, usable,"
           "       scopes, plan, generation"
           "  from app.principal_find($1)",
};

enum {
    KEY_ID,
    KEY_ORG_ID,
    KEY_USER_ID,
    KEY_DIGEST,
    KEY_AUTH_LEVEL,
    KEY_EXPIRES_AT,
    KEY_USABLE,
    KEY_SCOPES,
    KEY_PLAN,
    KEY_GENERATION,
};

/* The edge sends nothing else; the worker trusts no peer. */
static bool
asked_valid(const dp_wire_authenticate_t *asked)
{
    if (asked->kind != DP_WIRE_ASK_API_KEY || asked->prefix.len != PREFIX_SIZE
        || asked->digest.len != DP_SHA256_SIZE) {
        return false;
    }

    for (size_t i = 0; i < asked->prefix.len; i++) {
        if (!isalnum(asked->prefix.data[i])) {
            return false;
        }
    }

    return true;
}

static dp_fault_t
api_key_ask(dp_db_t *db, const dp_wire_authenticate_t *asked, dp_row_t *row)
{
    const dp_log_context_t context = {
        .request_id = asked->request_id,
        .operation = "authenticate",
    };
    const dp_question_t question = {
        .statement = &principal_find,
        .values = DP_BIND(dp_text(asked->prefix)),
        .request_id = asked->request_id,
        .until_us = dp_monotonic_us() + dp_deadline_left_us(asked->deadline_us),
    };
    dp_fault_t fault;

    db->log = &context;
    fault = dp_ask_fault(db, &question, row);
    db->log = NULL;

    return fault;
}

/* There is such a key, usable or not. */
static bool
api_key_known(const dp_wire_authenticate_t *asked, dp_row_t row)
{
    return dp_row_count(row) == 1
           && dp_equal_secret(dp_row_bytes(row, KEY_DIGEST), asked->digest);
}

static void
principal_fill(dp_wire_principal_t *answer, dp_row_t row)
{
    dp_principal_t *principal = &answer->principal;

    principal->kind = DP_PRINCIPAL_API_KEY;
    principal->auth_level = (uint16_t) dp_row_int(row, KEY_AUTH_LEVEL);
    memcpy(principal->credential_id, dp_row_uuid(row, KEY_ID), DP_ID_SIZE);
    memcpy(principal->org_id, dp_row_uuid(row, KEY_ORG_ID), DP_ID_SIZE);
    memcpy(principal->user_id, dp_row_uuid(row, KEY_USER_ID), DP_ID_SIZE);
    answer->expires_us = dp_row_time_us(row, KEY_EXPIRES_AT);
    answer->generation = (uint64_t) dp_row_int(row, KEY_GENERATION);
    answer->plan = (uint16_t) dp_row_int(row, KEY_PLAN);
    answer->scopes = dp_row_null(row, KEY_SCOPES)
                         ? DP_SCOPES_ALL
                         : dp_scopes_read(dp_row_bytes(row, KEY_SCOPES), ',');
}

bool
dp_authenticate(dp_db_t *db, const dp_wire_authenticate_t *asked,
                dp_wire_principal_t *answer)
{
    dp_row_t   row = {0};
    dp_fault_t fault = {.error = DP_ERR_AUTH_KEY_INVALID};

    *answer = (dp_wire_principal_t) {0};

    if (asked_valid(asked)) {
        fault = api_key_ask(db, asked, &row);
    }

    if (fault.error == DP_OK && api_key_known(asked, row)) {
        principal_fill(answer, row);
    }

    if (fault.error == DP_OK
        && (answer->principal.kind == DP_PRINCIPAL_NONE
            || !dp_row_bool(row, KEY_USABLE))) {
        fault.error = DP_ERR_AUTH_KEY_INVALID;
    }

    if (fault.error != DP_OK) {
        answer->code = dp_slice_text(dp_error_row(fault.error)->code);
        answer->causes = dp_cause_name(fault.cause);
    }

    dp_trip_clear(db);

    return fault.error == DP_OK;
}
