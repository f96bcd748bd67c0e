/*
 * createInvitation: invites somebody by e-mail.
 *
 * The token is in the mail alone: not in the answer, so a stored answer has none
 * either, and the database has its digest.  An open invitation of the same
 * address is replaced, so only the newest link works.
 */

#include "crypto/digest.h"
#include "crypto/ids.h"
#include "crypto/random.h"
#include "db/transaction.h"
#include "dp_base64url.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "json/render.h"
#include "mail/mail.h"
#include "organization.h"
#include "policy/conflict.h"
#include "policy/input.h"

#define TOKEN_BYTES 32
#define TOKEN_PREFIX "dpo_"
#define TOKEN_SIZE \
    (sizeof(TOKEN_PREFIX) - 1 + DP_BASE64URL_TEXT_SIZE(TOKEN_BYTES))

#define WEEK_US (UINT64_C(7) * 24 * 60 * 60 * 1000000)

static const dp_statement_t select_facts = {
    .name = "create_invitation.facts",
    .sql = "select pg_catalog.now(), o.name, app.member_has_email($1)"
           "  from dp.org o"
           " where o.id = app.current_org()",
};

enum {
    FACT_NOW,
    FACT_ORG_NAME,
    FACT_IS_MEMBER,
};

static const dp_statement_t replace = {
    .name = "create_invitation.replace",
    .sql = "update dp.invitation"
           "   set revoked_at = pg_catalog.now()"
           " where org_id = app.current_org()"
           "   and lower(email) = lower($1)"
           "   and accepted_at is null"
           "   and revoked_at is null",
};

static const dp_statement_t insert = {
    .name = "create_invitation.insert",
    .sql = "insert into dp.invitation (org_id, id, email, role, digest,"
           "                           invited_by)"
           "values (app.current_org(), $1, $2, $3, $4, app.current_actor())",
    .rows = DP_ROWS_ONE,
};

static void
token_make(char token[TOKEN_SIZE])
{
    uint8_t bytes[TOKEN_BYTES];

    dp_random(bytes, sizeof(bytes));
    memcpy(token, TOKEN_PREFIX, sizeof(TOKEN_PREFIX) - 1);
    dp_base64url_encode(token + sizeof(TOKEN_PREFIX) - 1,
                        dp_slice(bytes, sizeof(bytes)));
}

static void
change_queue(dp_op_t *op, const dp_invitation_t *invitation,
             dp_slice_t org_name)
{
    char       text[TOKEN_SIZE];
    dp_slice_t token = dp_slice(text, sizeof(text));
    uint8_t    digest[DP_SHA256_SIZE];

    token_make(text);
    dp_sha256(digest, &token, 1);
    dp_transaction_queue(op, &replace, DP_BIND(dp_text(invitation->email)));
    dp_transaction_queue(op, &insert,
                         DP_BIND(dp_uuid(invitation->id),
                                 dp_text(invitation->email),
                                 dp_text(invitation->role),
                                 dp_bytea(dp_slice(digest, sizeof(digest)))));
    dp_invitation_announce(op, invitation->id, invitation->role);
    dp_mail_queue(op, DP_MAIL_INVITATION, invitation->email,
                  DP_MAIL_VALUES({DP_SLICE("token"), token},
                                 {DP_SLICE("organization"), org_name}));
}

static void
reply_fill(dp_op_t *op, const dp_invitation_t *invitation)
{
    char        id[DP_ID_TEXT_SIZE];
    dp_writer_t writer = dp_render_begin(op->arena,
                                         dp_invitation_size(invitation));

    dp_write_text(&writer, "{");
    dp_invitation_members(&writer, invitation);
    dp_write_text(&writer, "}");

    dp_id_format(id, invitation->id);
    op->reply.status = 201;
    op->reply.location = dp_arena_printf(
        op->arena, "/orgs/%.*s/invitations/%.*s",
        (int) op->request->params[0].len, op->request->params[0].data,
        DP_ID_TEXT_SIZE, id);
    op->reply.body = dp_render_end(&writer);
}

bool
dp_op_create_invitation(dp_op_t *op)
{
    dp_slice_t      email = dp_body_text(op, "email");
    uint8_t         id[1][DP_ID_SIZE];
    dp_invitation_t invitation;
    unsigned        facts;
    dp_row_t        row;

    dp_transaction_begin(op);
    facts = dp_transaction_queue(op, &select_facts, DP_BIND(dp_text(email)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, facts);
    if (dp_row_bool(row, FACT_IS_MEMBER)) {
        return dp_conflict(op, "already_member");
    }

    dp_ids_make(id, 1, op->request->request_id);
    invitation = (dp_invitation_t) {
        .id = id[0],
        .email = email,
        .role = dp_body_text(op, "role"),
        .status = DP_SLICE("open"),
        .invited_by = op->request->principal.user_id,
        .created_us = dp_row_time_us(row, FACT_NOW),
        .expires_us = dp_row_time_us(row, FACT_NOW) + WEEK_US,
    };
    change_queue(op, &invitation, dp_row_bytes(row, FACT_ORG_NAME));
    reply_fill(op, &invitation);

    return dp_transaction_commit(op);
}
