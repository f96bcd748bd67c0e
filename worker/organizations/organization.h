/*
 * Organisations, their members and invitations, as the operations share them.
 * Private to this folder.
 */

#ifndef DP_ORGANIZATION_H
#define DP_ORGANIZATION_H

#include "db/row.h"
#include "runtime/operation.h"

typedef struct {
    const uint8_t *id;
    dp_slice_t     slug;
    dp_slice_t     name;
    dp_slice_t     kind;
    uint64_t       created_us;
} dp_organization_t;

/* The columns that every statement of this folder selects of one, in a row. */
#define DP_ORGANIZATION_COLUMNS "o.id, o.slug, o.name, o.kind, o.created_at"

enum {
    DP_ORGANIZATION_ID,
    DP_ORGANIZATION_SLUG,
    DP_ORGANIZATION_NAME,
    DP_ORGANIZATION_KIND,
    DP_ORGANIZATION_CREATED_AT,
    DP_ORGANIZATION_COLUMN_COUNT,
};

/* organization.c */

/* From a row in which they begin at `column`; borrows from it. */
dp_organization_t dp_organization_row(dp_row_t row, int column);

/* Bytes that dp_organization_members() writes, at most. */
size_t dp_organization_size(const dp_organization_t *organization);

/* Writes "id":...,"createdAt":... without braces. */
void dp_organization_members(dp_writer_t             *writer,
                             const dp_organization_t *organization);

/* Fills the reply: the organisation, with the ETag of that version. */
void dp_organization_reply(dp_op_t *op, uint16_t status,
                           const dp_organization_t *organization,
                           int64_t                  version);

/*
 * The same with the caller's role in it, and no ETag: it is another
 * representation.
 */
void dp_organization_membership_reply(dp_op_t                 *op,
                                      const dp_organization_t *organization,
                                      dp_slice_t               role);

/* The columns of dp_organization_lock_queue() behind DP_ORGANIZATION_COLUMNS. */
enum {
    DP_ORGANIZATION_LOCKED_VERSION = DP_ORGANIZATION_COLUMN_COUNT,
};

/*
 * Queues the caller's organisation, its row locked until the transaction ends:
 * what a statement behind it reads of its members and projects stays so.
 */
unsigned dp_organization_lock_queue(dp_op_t *op);

/* member.c */

typedef struct {
    const uint8_t *user_id;
    dp_slice_t     display_name;
    dp_slice_t     role;
    uint64_t       joined_us;
    bool           last_admin; /* there is no other organization_admin */
} dp_org_member_t;

/* The columns of a member that statements select first. */
#define DP_MEMBER_COLUMNS "m.user_id, u.display_name, m.role, m.created_at"

enum {
    DP_MEMBER_USER_ID,
    DP_MEMBER_DISPLAY_NAME,
    DP_MEMBER_ROLE,
    DP_MEMBER_CREATED_AT,
    DP_MEMBER_LAST_ADMIN,
};

/* Bytes that dp_org_member_members() writes, at most. */
size_t dp_org_member_size(const dp_org_member_t *member);

/* Writes "userId":...,"joinedAt":... without braces. */
void dp_org_member_members(dp_writer_t *writer, const dp_org_member_t *member);

/* Queues the organisation's lock and one of its members; his result's number. */
unsigned dp_member_lock_queue(dp_op_t *op, const uint8_t *user_id);

/* False after dp_op_fail(): RESOURCE_NOT_FOUND. */
bool dp_org_member_read(dp_op_t *op, unsigned result, dp_org_member_t *member)
    __attribute__((warn_unused_result));

/* False after dp_op_fail(): the last organization_admin stays one. */
bool dp_member_may_leave(dp_op_t *op, const dp_org_member_t *member)
    __attribute__((warn_unused_result));

/* Queues the audit event and the outbox event of a change of a member's. */
void dp_member_announce(dp_op_t *op, const dp_org_member_t *member);

/* invitation.c */

typedef struct {
    const uint8_t *id;
    dp_slice_t     email;
    dp_slice_t     role;
    dp_slice_t     status; /* open, accepted, revoked or expired */
    const uint8_t *invited_by;
    uint64_t       created_us;
    uint64_t       expires_us;
} dp_invitation_t;

/* Bytes that dp_invitation_members() writes, at most. */
size_t dp_invitation_size(const dp_invitation_t *invitation);

/* Writes "id":...,"expiresAt":... without braces. */
void dp_invitation_members(dp_writer_t           *writer,
                           const dp_invitation_t *invitation);

/* Queues the audit event of what happened to an invitation: no address in it. */
void dp_invitation_announce(dp_op_t *op, const uint8_t *id, dp_slice_t role);

#endif /* DP_ORGANIZATION_H */
