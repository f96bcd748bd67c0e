/*
 * forgotPassword: queues looking for the account, and answers.
 *
 * What a client can see, and how long it takes, is the same whether there is such
 * an account or not: the job password.forgot finds out.  It mails the account's own
 * address, not the one that was typed, which may only look like it.
 */

#include "crypto/digest.h"
#include "db/ask.h"
#include "dp_id.h"
#include "dp_json_check.h"
#include "dp_operations.h"
#include "jobs/enqueue.h"
#include "jobs/handlers.h"
#include "jobs/payload.h"
#include "json/render.h"
#include "lockout.h"
#include "mail/mail.h"
#include "policy/audit.h"
#include "policy/input.h"
#include "runtime/deadline.h"
#include "secret_text.h"

#define SYNTAX_SIZE 128
#define OFFER_LIMIT_US 5000000
#define TOKENS 8 /* of a payload */

static const dp_statement_t offer = {
    .name = "forgot_password.offer",
    .sql = "select app.password_reset_offer($1, $2)",
    .rows = DP_ROWS_ONE,
};

static dp_slice_t
payload_render(dp_op_t *op, dp_slice_t email)
{
    dp_writer_t out = dp_render_begin(op->arena, SYNTAX_SIZE + 6 * email.len);

    dp_write_text(&out, "{\"email\":");
    dp_json_string(&out, email);
    dp_write_text(&out, ",\"token\":");
    dp_json_string(&out, dp_secret_text_make(op->arena, DP_SECRET_ONE_TIME));
    dp_write_text(&out, "}");

    return dp_render_end(&out);
}

/* One look at a time for each address, whoever asks how often. */
static void
look_queue(dp_op_t *op, dp_slice_t email)
{
    uint8_t account[DP_SHA256_SIZE];
    char    text[2 * DP_SHA256_SIZE];

    dp_lockout_account(account, email);
    dp_hex_format(text, account, sizeof(account));
    dp_job_enqueue(op, &(dp_job_order_t) {
                           .kind = DP_JOB_PASSWORD_FORGOT,
                           .payload = payload_render(op, email),
                           .unique_key = dp_slice(text, sizeof(text)),
                           .secret = true,
                       });
}

bool
dp_op_forgot_password(dp_op_t *op)
{
    dp_transaction_begin(op);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    look_queue(op, dp_body_text(op, "email"));
    dp_audit_change(op, "user", DP_SLICE("unknown"), dp_slice(NULL, 0));
    op->reply.status = 202;
    op->reply.body = DP_SLICE("{}");

    return dp_transaction_commit(op);
}

/* --- the job ------------------------------------------------------------------ */

static dp_slice_t
member_text(const dp_json_t *json, dp_slice_t name, dp_arena_t *arena)
{
    uint32_t token = dp_json_member(json, 0, name);
    size_t   size = json->tokens[token].len;

    return token == 0 ? dp_slice(NULL, 0)
                      : dp_json_text(json, token,
                                     dp_arena_alloc(arena, size + 1), size);
}

/* The account's address: empty under a kill switch, NULL when there is none. */
static dp_error_t
token_offer(dp_job_t *job, dp_slice_t email, dp_slice_t token, dp_slice_t *to)
{
    uint8_t    digest[DP_SHA256_SIZE];
    dp_row_t   row;
    dp_error_t error;

    dp_secret_text_digest(digest, token);
    error = dp_ask(job->db,
                   &(dp_question_t) {
                       .statement = &offer,
                       .values = DP_BIND(dp_text(email),
                                         dp_bytea(dp_slice(digest, sizeof(digest)))),
                       .request_id = job->request_id,
                       .until_us = dp_monotonic_us() + OFFER_LIMIT_US,
                       .writes = true,
                   },
                   &row);

    if (error == DP_OK) {
        *to = dp_row_null(row, 0) ? dp_slice(NULL, 0)
                                  : dp_arena_copy(job->arena, dp_row_bytes(row, 0));
    }

    dp_trip_clear(job->db);

    return error;
}

dp_job_outcome_t
dp_job_password_forgot(dp_job_t *job)
{
    dp_json_token_t tokens[TOKENS];
    dp_json_t       json = {.tokens = tokens, .capacity = TOKENS};
    dp_slice_t      payload, token, to;
    dp_error_t      error;

    if (!dp_payload_open(job, &payload)
        || dp_json_check(&json, payload) != DP_JSON_OK) {
        job->note = "its payload cannot be read";
        (void) dp_job_fail(job, DP_ERR_INTERNAL);
        return DP_JOB_HOPELESS;
    }

    token = member_text(&json, DP_SLICE("token"), job->arena);
    error = token_offer(job, member_text(&json, DP_SLICE("email"), job->arena),
                        token, &to);

    if (error != DP_OK) {
        return dp_job_fail(job, error);
    }

    if (to.len == 0) {
        return to.data == NULL ? DP_JOB_DONE : DP_JOB_RELEASED;
    }

    return dp_mail_deliver(job, DP_MAIL_RESET_PASSWORD, to,
                           DP_MAIL_VALUES({DP_SLICE("token"), token}));
}
