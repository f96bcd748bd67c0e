/*
 * The table of kinds.
 */

#include "kinds.h"

#include "dp_json_out.h"
#include "handlers.h"

const dp_job_kind_t dp_job_kinds[DP_JOB_KIND_COUNT] = {
#define DP_JOB(member, ...) {__VA_ARGS__},
#include "kinds.def"
#undef DP_JOB
};

const dp_job_kind_t *
dp_job_kind_find(dp_slice_t name)
{
    for (size_t i = 0; i < DP_JOB_KIND_COUNT; i++) {
        if (dp_slice_equal(name, dp_slice_text(dp_job_kinds[i].name))) {
            return &dp_job_kinds[i];
        }
    }

    return NULL;
}

void
dp_job_kinds_render(dp_writer_t *out)
{
    for (size_t i = 0; i < DP_JOB_KIND_COUNT; i++) {
        dp_write_text(out, i == 0 ? "{" : ",");
        dp_json_string(out, dp_slice_text(dp_job_kinds[i].name));
        dp_write_text(out, ":");
        dp_json_uint(out, (uint64_t) dp_job_kinds[i].version);
    }

    dp_write_text(out, "}");
}

static void
member_render(dp_writer_t *out, const char *name, uint64_t value)
{
    dp_write_text(out, ",\"");
    dp_write_text(out, name);
    dp_write_text(out, "\":");
    dp_json_uint(out, value);
}

static void
schedule_render(dp_writer_t *out, const dp_job_kind_t *kind)
{
    dp_write_text(out, "{\"name\":");
    dp_json_string(out, dp_slice_text(kind->name));
    member_render(out, "every_s", kind->every_s);
    member_render(out, "version", (uint64_t) kind->version);
    member_render(out, "switches", kind->switches | DP_JOB_SWITCHES);
    member_render(out, "priority", (uint64_t) kind->priority);
    member_render(out, "max_attempts", kind->max_attempts);
    dp_write_text(out, "}");
}

void
dp_job_schedules_render(dp_writer_t *out)
{
    const char *before = "[";

    for (size_t i = 0; i < DP_JOB_KIND_COUNT; i++) {
        if (dp_job_kinds[i].every_s != 0) {
            dp_write_text(out, before);
            schedule_render(out, &dp_job_kinds[i]);
            before = ",";
        }
    }

    dp_write_text(out, before[0] == '[' ? "[]" : "]");
}
