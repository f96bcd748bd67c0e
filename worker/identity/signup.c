/*
 * signup: an account that waits until its address is verified, with an
 * organisation of its own on the free plan.
 *
 * The answer is the same for an address that has an account: its owner gets a
 * mail, nobody else learns of it, and one password is hashed in either case.
 * Until an address is verified anybody may sign up with it again: the password
 * that counts is the one of the mail that is answered.
 */

#include "crypto/ids.h"
#include "crypto/password.h"
#include "dp_id.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "captcha.h"
#include "json/render.h"
#include "mail/mail.h"
#include "one_time_token.h"
#include "policy/audit.h"
#include "policy/input.h"
#include "session.h"

#define VERIFY_WITHIN_S 86400

/* Names and punctuation. */
#define SYNTAX_SIZE 64

static const dp_statement_t lock_account = {
    .name = "signup.lock_account",
    .sql = "select u.id, u.email, u.status"
           "  from dp.app_user u"
           " where pg_catalog.lower(u.email) = pg_catalog.lower($1)"
           "   for no key update",
};

enum {
    ACCOUNT_ID,
    ACCOUNT_EMAIL,
    ACCOUNT_STATUS,
};

static const dp_statement_t insert_user = {
    .name = "signup.user",
    .sql = "insert into dp.app_user (id, email, display_name, status)"
           " values ($1, $2, $3, 'pending')",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t insert_org = {
    .name = "signup.org",
    .sql = "insert into dp.org (id, slug, name, kind)"
           " values ($1, 'personal-' || pg_catalog.replace($1::text, '-', ''),"
           "         $2, 'personal')",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t insert_member = {
    .name = "signup.member",
    .sql = "insert into dp.org_member (org_id, user_id, role)"
           " values ($1, $2, 'organization_admin')",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t insert_subscription = {
    .name = "signup.subscription",
    .sql = "insert into dp.subscription (org_id, plan)"
           " values ($1, 'free')",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t write_credential = {
    .name = "signup.credential",
    .sql = "insert into dp.user_credential (user_id, password_hash)"
           " values ($1, $2)"
           " on conflict (user_id) do update"
           " set password_hash = excluded.password_hash,"
           "     changed_at = pg_catalog.now()",
    .rows = DP_ROWS_ONE,
};

static void
account_queue(dp_op_t *op, const uint8_t *user_id, const uint8_t *org_id)
{
    dp_slice_t name = dp_body_text(op, "displayName");
    char       text[DP_ID_TEXT_SIZE];

    dp_id_format(text, user_id);
    dp_transaction_queue(op, &insert_user,
                         DP_BIND(dp_uuid(user_id),
                                 dp_text(dp_body_text(op, "email")),
                                 dp_text_or_null(name)));
    dp_transaction_queue(op, &insert_org,
                         DP_BIND(dp_uuid(org_id),
                                 dp_text(name.len == 0 ? DP_SLICE("Personal")
                                                       : name)));
    dp_transaction_queue(op, &insert_member,
                         DP_BIND(dp_uuid(org_id), dp_uuid(user_id)));
    dp_transaction_queue(op, &insert_subscription, DP_BIND(dp_uuid(org_id)));
    dp_session_act_as(op, org_id, user_id, NULL);
    dp_audit(op, &(dp_audit_t) {
                     .action = "auth.signed_up",
                     .target_type = "user",
                     .target_id = dp_slice(text, sizeof(text)),
                     .outcome = "success",
                     .by_user = true,
                 });
    dp_session_act_as(op, NULL, NULL, NULL);
}

/* The mail's token brings its own password: see above. */
static void
verification_queue(dp_op_t *op, const uint8_t *user_id, dp_slice_t hash)
{
    dp_slice_t token;

    dp_transaction_queue(op, &write_credential,
                         DP_BIND(dp_uuid(user_id), dp_text(hash)));
    token = dp_one_time_issue(
        op, &(dp_one_time_t) {
                .purpose = "verify_email",
                .user_id = user_id,
                .lasts_s = VERIFY_WITHIN_S,
                .data = dp_arena_printf(op->arena, "{\"hash\":\"%.*s\"}",
                                        (int) hash.len, hash.data),
            });
    dp_mail_queue(op, DP_MAIL_VERIFY_EMAIL, dp_body_text(op, "email"),
                  DP_MAIL_VALUES({DP_SLICE("token"), token}));
}

/* Whoever may not log in is told nothing either. */
static void
known_queue(dp_op_t *op, dp_row_t row, dp_slice_t hash)
{
    dp_slice_t status = dp_row_bytes(row, ACCOUNT_STATUS);

    if (dp_slice_equal(status, DP_SLICE("pending"))) {
        verification_queue(op, dp_row_uuid(row, ACCOUNT_ID), hash);

    } else if (dp_slice_equal(status, DP_SLICE("active"))) {
        dp_mail_queue(op, DP_MAIL_ACCOUNT_EXISTS,
                      dp_row_bytes(row, ACCOUNT_EMAIL), (dp_mail_values_t) {NULL, 0});
    }
}

static void
reply_fill(dp_op_t *op)
{
    dp_slice_t  email = dp_body_text(op, "email");
    dp_writer_t writer = dp_render_begin(op->arena, SYNTAX_SIZE + 6 * email.len);

    dp_write_text(&writer, "{\"email\":");
    dp_json_string(&writer, email);
    dp_write_text(&writer, ",\"status\":\"pending\"}");
    op->reply.status = 201;
    op->reply.body = dp_render_end(&writer);
}

bool
dp_op_signup(dp_op_t *op)
{
    enum { USER_ID, ORG_ID, ID_COUNT };
    uint8_t    ids[ID_COUNT][DP_ID_SIZE];
    dp_slice_t hash;
    unsigned   account;
    dp_row_t   row;

    if (!dp_captcha_check(op, dp_body_text(op, "captchaToken"))) {
        return false;
    }

    hash = dp_password_hash(op->arena, dp_body_text(op, "password"));
    dp_transaction_begin(op);
    account = dp_transaction_queue(op, &lock_account,
                                   DP_BIND(dp_text(dp_body_text(op, "email"))));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, account);

    if (dp_row_count(row) == 0) {
        dp_ids_make(ids, ID_COUNT, op->request->request_id);
        account_queue(op, ids[USER_ID], ids[ORG_ID]);
        verification_queue(op, ids[USER_ID], hash);
    } else {
        known_queue(op, row, hash);
    }

    reply_fill(op);

    return dp_transaction_commit(op);
}
