/*
 * Whose credential is this?
 *
 * The edge sends digests, never a credential.  An API key's row is found by its
 * prefix, and the digests are compared in constant time; a session's by the
 * digest of its cookie; what an access token names, by its id; whom a foreign
 * issuer's token names, by issuer and subject.  Every refusal of one kind is the
 * same: a caller learns nothing about credentials that exist.
 */

#include <ctype.h>

#include "crypto/digest.h"
#include "db/ask.h"
#include "dp_scope.h"
#include "dp_utf8.h"
#include "runtime/deadline.h"

#define PREFIX_SIZE 8

static const dp_statement_t principal_find = {
    .name = "authenticate.principal_find",
    .sql = "select id, org_id, user_id, auth_level, expires_at, usable,"
           "       plan, generation, scopes, digest"
           "  from app.principal_find($1)",
};

static const dp_statement_t api_key_find = {
    .name = "authenticate.api_key_find",
    .sql = "select id, org_id, user_id, auth_level, expires_at, usable,"
           "       plan, generation, scopes"
           "  from app.api_key_find($1, $2)",
};

static const dp_statement_t session_find = {
    .name = "authenticate.session_find",
    .sql = "select id, org_id, user_id, auth_level, expires_at, usable,"
           "       plan, generation, null::text"
           "  from app.session_find($1, $2)",
};

static const dp_statement_t identity_find = {
    .name = "authenticate.identity_find",
    .sql = "select id, org_id, user_id, auth_level, null::timestamptz, usable,"
           "       plan, generation, null::text"
           "  from app.identity_find($1, $2)",
};

enum {
    FOUND_ID,
    FOUND_ORG_ID,
    FOUND_USER_ID,
    FOUND_AUTH_LEVEL,
    FOUND_EXPIRES_AT,
    FOUND_USABLE,
    FOUND_PLAN,
    FOUND_GENERATION,
    FOUND_SCOPES,
    FOUND_DIGEST, /* of an API key that is found by its prefix */
};

/* One way of asking. */
typedef struct {
    /* What the edge sends; the worker trusts no peer. */
    bool (*valid)(const dp_wire_authenticate_t *asked);

    dp_fault_t (*find)(dp_db_t *db, const dp_wire_authenticate_t *asked,
                       dp_row_t *row);

    /* The row, which there is, belongs to what was asked. */
    bool (*matches)(const dp_wire_authenticate_t *asked, dp_row_t row);

    dp_principal_kind_t kind;
    dp_error_t          stranger; /* it does not */
    dp_error_t          refusal;
} way_t;

static dp_fault_t
find(dp_db_t *db, const dp_wire_authenticate_t *asked,
     const dp_statement_t *statement, dp_values_t values, dp_row_t *row)
{
    const dp_log_context_t context = {
        .request_id = asked->request_id,
        .operation = "authenticate",
    };
    const dp_question_t question = {
        .statement = statement,
        .values = values,
        .request_id = asked->request_id,
        .until_us = dp_monotonic_us() + dp_deadline_left_us(asked->deadline_us),
    };
    dp_fault_t fault;

    db->log = &context;
    fault = dp_ask_fault(db, &question, row);
    db->log = NULL;

    return fault;
}

/* --- an API key ------------------------------------------------------------- */

static bool
api_key_valid(const dp_wire_authenticate_t *asked)
{
    if (asked->prefix.len != PREFIX_SIZE
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
api_key_find_prefix(dp_db_t *db, const dp_wire_authenticate_t *asked,
                    dp_row_t *row)
{
    return find(db, asked, &principal_find, DP_BIND(dp_text(asked->prefix)), row);
}

static bool
api_key_matches(const dp_wire_authenticate_t *asked, dp_row_t row)
{
    return dp_equal_secret(dp_row_bytes(row, FOUND_DIGEST), asked->digest);
}

/* --- a session's cookie ----------------------------------------------------- */

static bool
cookie_valid(const dp_wire_authenticate_t *asked)
{
    return asked->digest.len == DP_SHA256_SIZE;
}

static dp_fault_t
cookie_find(dp_db_t *db, const dp_wire_authenticate_t *asked, dp_row_t *row)
{
    return find(db, asked, &session_find,
                DP_BIND(dp_bytea(asked->digest),
                        dp_null(dp_uuid(asked->principal.credential_id))),
                row);
}

/* The index has compared all of it: there is nothing to guess byte by byte. */
static bool
row_matches(const dp_wire_authenticate_t *asked, dp_row_t row)
{
    (void) asked;
    (void) row;

    return true;
}

/* --- an access token, which the edge has verified --------------------------- */

static bool
token_valid(const dp_wire_authenticate_t *asked)
{
    (void) asked;

    return true;
}

static dp_fault_t
token_find_session(dp_db_t *db, const dp_wire_authenticate_t *asked,
                   dp_row_t *row)
{
    return find(db, asked, &session_find,
                DP_BIND(dp_null(dp_bytea(asked->digest)),
                        dp_uuid(asked->principal.credential_id)),
                row);
}

static dp_fault_t
token_find_key(dp_db_t *db, const dp_wire_authenticate_t *asked, dp_row_t *row)
{
    return find(db, asked, &api_key_find,
                DP_BIND(dp_uuid(asked->principal.credential_id),
                        dp_uuid(asked->principal.org_id)),
                row);
}

/* A token acts where and as whom it was issued for, or not at all. */
static bool
token_matches(const dp_wire_authenticate_t *asked, dp_row_t row)
{
    const dp_principal_t *claimed = &asked->principal;

    return memcmp(claimed->user_id, dp_row_uuid(row, FOUND_USER_ID), DP_ID_SIZE) == 0
           && memcmp(claimed->org_id, dp_row_uuid(row, FOUND_ORG_ID), DP_ID_SIZE) == 0;
}

/* --- a foreign issuer's token, which the edge has verified ------------------- */

static bool
external_valid(const dp_wire_authenticate_t *asked)
{
    size_t characters;

    return asked->issuer.len != 0 && asked->subject.len != 0
           && dp_utf8_count(asked->issuer, &characters)
           && dp_utf8_count(asked->subject, &characters);
}

static dp_fault_t
external_find(dp_db_t *db, const dp_wire_authenticate_t *asked, dp_row_t *row)
{
    return find(db, asked, &identity_find,
                DP_BIND(dp_text(asked->issuer), dp_text(asked->subject)), row);
}

/* --- the answer ------------------------------------------------------------- */

static const way_t ways[] = {
    [DP_WIRE_ASK_API_KEY] = {
        .valid = api_key_valid,
        .find = api_key_find_prefix,
        .matches = api_key_matches,
        .kind = DP_PRINCIPAL_API_KEY,
        .stranger = DP_ERR_AUTH_KEY_INVALID,
        .refusal = DP_ERR_AUTH_KEY_INVALID,
    },
    [DP_WIRE_ASK_COOKIE] = {
        .valid = cookie_valid,
        .find = cookie_find,
        .matches = row_matches,
        .kind = DP_PRINCIPAL_SESSION,
        .stranger = DP_ERR_AUTH_SESSION_REVOKED,
        .refusal = DP_ERR_AUTH_SESSION_REVOKED,
    },
    [DP_WIRE_ASK_EXTERNAL] = {
        .valid = external_valid,
        .find = external_find,
        .matches = row_matches,
        .kind = DP_PRINCIPAL_EXTERNAL,
        .stranger = DP_ERR_AUTH_TOKEN_INVALID,
        .refusal = DP_ERR_AUTH_TOKEN_INVALID,
    },
};

static const way_t tokens[] = {
    [DP_PRINCIPAL_API_KEY] = {
        .valid = token_valid,
        .find = token_find_key,
        .matches = token_matches,
        .kind = DP_PRINCIPAL_API_KEY,
        .stranger = DP_ERR_AUTH_TOKEN_INVALID,
        .refusal = DP_ERR_AUTH_KEY_INVALID,
    },
    [DP_PRINCIPAL_SESSION] = {
        .valid = token_valid,
        .find = token_find_session,
        .matches = token_matches,
        .kind = DP_PRINCIPAL_SESSION,
        .stranger = DP_ERR_AUTH_TOKEN_INVALID,
        .refusal = DP_ERR_AUTH_SESSION_REVOKED,
    },
};

/* NULL: it is asked for something that we do not know. */
static const way_t *
way_find(const dp_wire_authenticate_t *asked)
{
    const way_t *way = NULL;

    if (asked->kind == DP_WIRE_ASK_TOKEN) {
        if (asked->principal.kind < sizeof(tokens) / sizeof(tokens[0])) {
            way = &tokens[asked->principal.kind];
        }
    } else if (asked->kind < sizeof(ways) / sizeof(ways[0])) {
        way = &ways[asked->kind];
    }

    return way == NULL || way->find == NULL ? NULL : way;
}

static void
principal_fill(dp_wire_principal_t *answer, const way_t *way, dp_row_t row)
{
    dp_principal_t *principal = &answer->principal;

    principal->kind = way->kind;
    principal->auth_level = (uint16_t) dp_row_int(row, FOUND_AUTH_LEVEL);
    memcpy(principal->credential_id, dp_row_uuid(row, FOUND_ID), DP_ID_SIZE);
    memcpy(principal->org_id, dp_row_uuid(row, FOUND_ORG_ID), DP_ID_SIZE);
    memcpy(principal->user_id, dp_row_uuid(row, FOUND_USER_ID), DP_ID_SIZE);
    answer->expires_us = dp_row_time_us(row, FOUND_EXPIRES_AT);
    answer->generation = (uint64_t) dp_row_int(row, FOUND_GENERATION);
    answer->plan = (uint16_t) dp_row_int(row, FOUND_PLAN);
    answer->scopes = dp_row_null(row, FOUND_SCOPES)
                         ? DP_SCOPES_ALL
                         : dp_scopes_read(dp_row_bytes(row, FOUND_SCOPES), ',');
}

static dp_fault_t
answer_find(dp_db_t *db, const way_t *way, const dp_wire_authenticate_t *asked,
            dp_wire_principal_t *answer)
{
    const dp_fault_t refusal = {.error = way->refusal};
    dp_row_t         row = {0};
    dp_fault_t       fault;

    if (!way->valid(asked)) {
        return refusal;
    }

    fault = way->find(db, asked, &row);

    if (fault.error != DP_OK) {
        return fault;
    }

    if (dp_row_count(row) != 1) {
        return refusal;
    }

    if (!way->matches(asked, row)) {
        return (dp_fault_t) {.error = way->stranger};
    }

    principal_fill(answer, way, row);

    return dp_row_bool(row, FOUND_USABLE) ? fault : refusal;
}

bool
dp_authenticate(dp_db_t *db, const dp_wire_authenticate_t *asked,
                dp_wire_principal_t *answer)
{
    const way_t *way = way_find(asked);
    dp_fault_t   fault = {.error = DP_ERR_AUTH_TOKEN_INVALID};

    *answer = (dp_wire_principal_t) {0};

    if (way != NULL) {
        fault = answer_find(db, way, asked, answer);
        dp_trip_clear(db);
    }

    if (fault.error != DP_OK) {
        answer->code = dp_slice_text(dp_error_row(fault.error)->code);
        answer->causes = dp_cause_name(fault.cause);
    }

    return fault.error == DP_OK;
}
