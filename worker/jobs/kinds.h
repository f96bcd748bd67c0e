/*
 * The kinds of jobs, from kinds.def.
 */

#ifndef DP_KINDS_H
#define DP_KINDS_H

#include "job.h"

typedef enum {
#define DP_JOB(member, ...) DP_JOB_##member,
#include "kinds.def"
#undef DP_JOB
    DP_JOB_KIND_COUNT
} dp_job_kind_id_t;

extern const dp_job_kind_t dp_job_kinds[DP_JOB_KIND_COUNT];

/* NULL: there is none of that name. */
const dp_job_kind_t *dp_job_kind_find(dp_slice_t name);

/* Writes {"name": version, ...}: what a worker understands. */
void dp_job_kinds_render(dp_writer_t *out);

/*
 * Writes those that come by themselves as an array of {"name", "every_s",
 * "version", "switches", "priority", "max_attempts"}.
 */
void dp_job_schedules_render(dp_writer_t *out);

/* Room for either. */
#define DP_JOB_KINDS_TEXT_SIZE (256 * (size_t) DP_JOB_KIND_COUNT + 2)

#endif /* DP_KINDS_H */
