/*
 * Lifting: the operator's word that a subject is NORMAL again.
 */

#include "abuse.h"

#include "db/ask.h"
#include "dp_abuse.h"
#include "dp_abuse_subject.h"

static const dp_statement_t lift_statement = {
    .name = "abuse.lift",
    .sql = "select app.abuse_lift($1, $2, $3, $4, $5)",
    .rows = DP_ROWS_ONE,
};

bool
dp_abuse_subject_valid(dp_slice_t subject)
{
    unsigned kind;
    uint8_t  bytes[DP_ID_SIZE];

    return dp_abuse_subject_parse(subject, &kind, bytes);
}

dp_error_t
dp_abuse_lift(dp_db_t *db, const dp_abuse_lift_t *lift, uint64_t until_us,
              uint64_t *generation)
{
    unsigned   kind;
    uint8_t    bytes[DP_ID_SIZE];
    char       name[DP_ABUSE_SUBJECT_TEXT];
    size_t     len;
    dp_row_t   row;
    dp_error_t error;

    if (!dp_abuse_subject_parse(lift->subject, &kind, bytes)) {
        return DP_ERR_VALIDATION_FAILED;
    }

    len = dp_abuse_subject_format(name, kind, bytes);
    error = dp_ask(
        db,
        &(dp_question_t) {
            .statement = &lift_statement,
            .values = DP_BIND(
                dp_text(dp_slice_text(dp_abuse_kind_name(kind))),
                dp_bytea(dp_slice(bytes, DP_ID_SIZE)),
                dp_text(dp_slice(name, len)),
                dp_text(lift->reason), dp_text(dp_slice_text(lift->actor))),
            .until_us = until_us,
            .role = "dp_ops",
            .writes = true,
        },
        &row);

    *generation = error == DP_OK ? (uint64_t) dp_row_int(row, 0) : 0;
    dp_trip_clear(db);

    return error;
}
