/*
 * Projects, as their operations share them.  Private to this folder.
 */

#ifndef DP_PROJECT_H
#define DP_PROJECT_H

#include "db/row.h"
#include "runtime/operation.h"

typedef struct {
    const uint8_t *id;
    dp_slice_t     name;
    dp_slice_t     slug;
    dp_slice_t     template;
    int            template_version;
    int            preview_ttl_hours;
    uint64_t       created_us;
    int64_t        version; /* counted up by each change */
} dp_project_t;

typedef struct {
    const uint8_t *id;
    dp_slice_t     name;
    dp_slice_t     kind;
    dp_slice_t     state;
} dp_environment_t;

/* The columns that every statement of this folder selects first. */
#define DP_PROJECT_COLUMNS                                              \
    "p.id, p.name, p.slug, p.template, p.template_version,"             \
    " p.preview_ttl_hours, p.created_at, p.row_version"

enum {
    DP_PROJECT_ID,
    DP_PROJECT_NAME,
    DP_PROJECT_SLUG,
    DP_PROJECT_TEMPLATE,
    DP_PROJECT_TEMPLATE_VERSION,
    DP_PROJECT_PREVIEW_TTL_HOURS,
    DP_PROJECT_CREATED_AT,
    DP_PROJECT_ROW_VERSION,
    DP_PROJECT_COLUMN_COUNT,
};

/* The names of a project's core environments, in their order. */
#define DP_ENVIRONMENT_DEV "dev"
#define DP_ENVIRONMENT_STAGING "staging"
#define DP_ENVIRONMENT_PROD "prod"

/* Behind "from dp.project p": r.rank is the caller's own in the project. */
#define DP_PROJECT_RANK_JOIN                                            \
    "  left join dp.project_member m"                                   \
    "         on m.org_id = p.org_id"                                   \
    "        and m.project_id = p.id"                                   \
    "        and m.user_id = app.current_actor()"                       \
    "  left join dp.role r on r.scope = m.scope and r.name = m.role"

#define DP_PROJECT_QUOTA "projects"

/* project.c */

/* A project from a row that begins with DP_PROJECT_COLUMNS; borrows from it. */
dp_project_t dp_project_row(dp_row_t row);

/* Bytes that dp_project_members() writes, at most. */
size_t dp_project_size(const dp_project_t *project);

/* Writes "id":...,"createdAt":... without braces. */
void dp_project_members(dp_writer_t *writer, const dp_project_t *project);

/* Bytes that dp_environments() writes, at most. */
size_t dp_environments_size(const dp_environment_t *environments, size_t count);

/* Writes "environments":[...],"integrations":[]. */
void dp_environments(dp_writer_t *writer, const dp_environment_t *environments,
                     size_t count);

/*
 * Queues the audit event and the outbox event of the route's action, with the
 * project as it is after it.
 */
void dp_project_announce(dp_op_t *op, const dp_project_t *project);

/* project_detail.c */

/* Queues the project's environments; the result's number. */
unsigned dp_environments_queue(dp_op_t *op, const uint8_t *project_id);

/* What the detail is made of besides the project. */
typedef struct {
    int      project_rank; /* the caller's own in the project */
    dp_row_t environments; /* of dp_environments_queue() */
} dp_project_detail_t;

/* Fills the reply: 200, the project in detail, its ETag. */
void dp_project_reply(dp_op_t *op, const dp_project_t *project,
                      const dp_project_detail_t *detail);

/* project_facts.c */

/*
 * Queues the caller's rank in a living project; dp_project_rank_judge() refuses
 * who may not: RESOURCE_NOT_FOUND, AUTH_FORBIDDEN.
 */
unsigned dp_project_rank_queue(dp_op_t *op, const uint8_t *project_id);
bool     dp_project_rank_judge(dp_op_t *op, unsigned result)
    __attribute__((warn_unused_result));

/* The columns of dp_project_lock_queue() behind DP_PROJECT_COLUMNS. */
enum {
    DP_PROJECT_LOCKED_RANK = DP_PROJECT_COLUMN_COUNT,
    DP_PROJECT_LOCKED_DELETED,
};

/*
 * The same for a change: queues the project's row, locked until the transaction
 * ends; a deleted one is there, too, and dp_project_lock_judge() refuses it last:
 * PROJECT_DELETED.
 */
unsigned dp_project_lock_queue(dp_op_t *op, const uint8_t *project_id);
bool     dp_project_lock_judge(dp_op_t *op, unsigned result)
    __attribute__((warn_unused_result));

/* project_member.c */

typedef struct {
    uint8_t    project_id[DP_ID_SIZE];
    uint8_t    user_id[DP_ID_SIZE];
    dp_slice_t display_name;
    dp_slice_t role;       /* of his own in the project; empty: none */
    bool       last_owner; /* there is no other Owner */
} dp_project_member_t;

/*
 * Begins the transaction of a change of {userId} in {projectId}: judges the caller,
 * locks the project, reads the member of the organisation.  False when the
 * operation has nothing left to do.
 */
bool dp_project_member_open(dp_op_t *op, dp_project_member_t *member)
    __attribute__((warn_unused_result));

/* False after dp_op_fail(): the last Owner stays one. */
bool dp_project_member_may_leave(dp_op_t                   *op,
                                 const dp_project_member_t *member)
    __attribute__((warn_unused_result));

/* Queues the audit event and the outbox event of a change of a member's. */
void dp_project_member_announce(dp_op_t *op, const dp_project_member_t *member);

#endif /* DP_PROJECT_H */
