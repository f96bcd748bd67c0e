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
    " p.preview_ttl_hours, p.created_at"

enum { DP_PROJECT_COLUMN_COUNT = 7 };

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

#endif /* DP_PROJECT_H */
