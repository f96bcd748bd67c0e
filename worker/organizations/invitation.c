/*
 * Rendering invitations, and telling of their changes.
 */

#include "dp_id.h"
#include "dp_json_out.h"
#include "organization.h"
#include "policy/audit.h"

/* Names, punctuation, two ids, a status and two times. */
#define SYNTAX_SIZE 320

size_t
dp_invitation_size(const dp_invitation_t *invitation)
{
    return SYNTAX_SIZE + 6 * (invitation->email.len + invitation->role.len);
}

void
dp_invitation_members(dp_writer_t           *writer,
                      const dp_invitation_t *invitation)
{
    dp_write_text(writer, "\"id\":");
    dp_json_id(writer, invitation->id);
    dp_write_text(writer, ",\"email\":");
    dp_json_string(writer, invitation->email);
    dp_write_text(writer, ",\"role\":");
    dp_json_string(writer, invitation->role);
    dp_write_text(writer, ",\"status\":");
    dp_json_string(writer, invitation->status);
    dp_write_text(writer, ",\"invitedBy\":");
    dp_json_id(writer, invitation->invited_by);
    dp_write_text(writer, ",\"createdAt\":");
    dp_json_time(writer, invitation->created_us);
    dp_write_text(writer, ",\"expiresAt\":");
    dp_json_time(writer, invitation->expires_us);
}

void
dp_invitation_announce(dp_op_t *op, const uint8_t *id, dp_slice_t role)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, id);
    dp_audit_change(op, "invitation", dp_slice(text, sizeof(text)),
                    dp_arena_printf(op->arena, "{\"role\":\"%.*s\"}",
                                    (int) role.len, role.data));
}
