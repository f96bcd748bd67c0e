/*
 * setProjectMember: gives a member of the organisation a role in a project,
 * whether he had one or not.
 *
 * Only an Owner may, so nobody below alters an Owner's role.
 */

#include "db/transaction.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/input.h"
#include "project.h"

/* Names, punctuation, an id and a role. */
#define SYNTAX_SIZE 128

static const dp_statement_t upsert = {
    .name = "set_project_member.upsert",
    .sql = "insert into dp.project_member as m (org_id, project_id, user_id,"
           "                                    role)"
           "values (app.current_org(), $1, $2, $3)"
           "    on conflict on constraint project_member_pkey do update"
           "   set role = excluded.role",
    .rows = DP_ROWS_ONE,
};

static void
reply_fill(dp_op_t *op, const dp_project_member_t *member)
{
    size_t      size = SYNTAX_SIZE + 6 * member->display_name.len;
    dp_writer_t writer = dp_render_begin(op->arena, size);

    dp_write_text(&writer, "{\"userId\":");
    dp_json_id(&writer, member->user_id);
    dp_write_text(&writer, ",\"displayName\":");
    dp_render_text_or_null(&writer, member->display_name);
    dp_write_text(&writer, ",\"role\":");
    dp_json_string(&writer, member->role);
    dp_write_text(&writer, "}");

    op->reply.status = 200;
    op->reply.body = dp_render_end(&writer);
}

bool
dp_op_set_project_member(dp_op_t *op)
{
    dp_slice_t          role = dp_body_text(op, "role");
    dp_project_member_t member;

    if (!dp_project_member_open(op, &member)) {
        return false;
    }

    if (dp_slice_equal(role, member.role)) {
        reply_fill(op, &member);
        return true;
    }

    if (!dp_project_member_may_leave(op, &member)) {
        return false;
    }

    member.role = role;
    dp_transaction_queue(op, &upsert,
                         DP_BIND(dp_uuid(member.project_id),
                                 dp_uuid(member.user_id), dp_text(role)));
    dp_project_member_announce(op, &member);
    reply_fill(op, &member);

    return dp_transaction_commit(op);
}
