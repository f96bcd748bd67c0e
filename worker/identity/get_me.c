/*
 * getMe: the caller, as this organisation knows him.
 *
 * The role is the one that counts: the membership's, capped by the credential.
 */

#include "db/transaction.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "json/render.h"
#include "me.h"
#include "policy/etag.h"
#include "policy/permission.h"

/* Names, punctuation, two ids, a role and a number. */
#define SYNTAX_SIZE 256

static const dp_statement_t select_profile = {
    .name = "get_me.profile",
    .sql = "select " DP_ME_COLUMNS " from app.actor_profile()",
};

static dp_slice_t
me_render(dp_op_t *op, dp_row_t row, dp_slice_t name)
{
    const dp_principal_t *principal = &op->request->principal;
    dp_slice_t            email = dp_row_bytes(row, DP_ME_EMAIL);
    int         rank = dp_permission_rank(dp_transaction(op)->caller, 0);
    size_t      size = SYNTAX_SIZE + 6 * (email.len + name.len);
    dp_writer_t writer = dp_render_begin(op->arena, size);

    dp_write_text(&writer, "{\"id\":");
    dp_json_id(&writer, dp_row_uuid(row, DP_ME_ID));
    dp_write_text(&writer, ",\"email\":");
    dp_json_string(&writer, email);
    dp_write_text(&writer, ",\"displayName\":");
    dp_render_text_or_null(&writer, name);
    dp_write_text(&writer, ",\"organizationId\":");
    dp_json_id(&writer, principal->org_id);
    dp_write_text(&writer, ",\"role\":");
    dp_json_string(&writer, dp_slice_text(dp_permission_org_role(rank)));
    dp_write_text(&writer, ",\"authLevel\":");
    dp_json_uint(&writer, principal->auth_level);
    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

void
dp_me_reply(dp_op_t *op, dp_row_t row, dp_slice_t display_name, int64_t version)
{
    op->reply.status = 200;
    op->reply.body = me_render(op, row, display_name);
    dp_etag_fill(op, version);
}

bool
dp_op_get_me(dp_op_t *op)
{
    unsigned profile;
    dp_row_t row;

    dp_transaction_begin(op);
    profile = dp_transaction_queue(op, &select_profile, DP_BIND_NONE);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, profile);
    dp_me_reply(op, row, dp_row_bytes(row, DP_ME_DISPLAY_NAME),
                dp_row_int(row, DP_ME_VERSION));

    return true;
}
