/*
 * Members: rendering them, holding one still for a change, telling of it.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_json_out.h"
#include "json/render.h"
#include "organization.h"
#include "policy/audit.h"
#include "policy/conflict.h"
#include "policy/outbox.h"

/* Names, punctuation, an id, a role and a time. */
#define SYNTAX_SIZE 192

/* Behind the organisation's lock: nobody changes its members meanwhile. */
static const dp_statement_t select_member = {
    .name = "member.locked",
    .sql = "select " DP_MEMBER_COLUMNS ","
           "       m.role = 'organization_admin'"
           "       and not exists (select"
           "                         from dp.org_member a"
           "                        where a.org_id = m.org_id"
           "                          and a.role = 'organization_admin'"
           "                          and a.user_id <> m.user_id)"
           "  from dp.org_member m"
           "  join dp.app_user u on u.id = m.user_id"
           " where m.org_id = app.current_org()"
           "   and m.user_id = $1",
};

size_t
dp_org_member_size(const dp_org_member_t *member)
{
    return SYNTAX_SIZE + 6 * (member->display_name.len + member->role.len);
}

void
dp_org_member_members(dp_writer_t *writer, const dp_org_member_t *member)
{
    dp_write_text(writer, "\"userId\":");
    dp_json_id(writer, member->user_id);
    dp_write_text(writer, ",\"displayName\":");
    dp_render_text_or_null(writer, member->display_name);
    dp_write_text(writer, ",\"role\":");
    dp_json_string(writer, member->role);
    dp_write_text(writer, ",\"joinedAt\":");
    dp_json_time(writer, member->joined_us);
}

unsigned
dp_member_lock_queue(dp_op_t *op, const uint8_t *user_id)
{
    dp_organization_lock_queue(op);

    return dp_transaction_queue(op, &select_member, DP_BIND(dp_uuid(user_id)));
}

bool
dp_org_member_read(dp_op_t *op, unsigned result, dp_org_member_t *member)
{
    dp_row_t row = dp_transaction_row(op, result);

    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    *member = (dp_org_member_t) {
        .user_id = dp_row_uuid(row, DP_MEMBER_USER_ID),
        .display_name = dp_row_bytes(row, DP_MEMBER_DISPLAY_NAME),
        .role = dp_row_bytes(row, DP_MEMBER_ROLE),
        .joined_us = dp_row_time_us(row, DP_MEMBER_CREATED_AT),
        .last_admin = dp_row_bool(row, DP_MEMBER_LAST_ADMIN),
    };

    return true;
}

bool
dp_member_may_leave(dp_op_t *op, const dp_org_member_t *member)
{
    return member->last_admin ? dp_conflict(op, "last_organization_admin")
                              : true;
}

void
dp_member_announce(dp_op_t *op, const dp_org_member_t *member)
{
    char       text[DP_ID_TEXT_SIZE];
    dp_slice_t id = dp_slice(text, sizeof(text));
    dp_slice_t detail = dp_arena_printf(op->arena, "{\"role\":\"%.*s\"}",
                                        (int) member->role.len,
                                        member->role.data);

    dp_id_format(text, member->user_id);
    dp_audit_change(op, "user", id, detail);
    dp_outbox(op, op->route->audit_action, id, detail);
}
