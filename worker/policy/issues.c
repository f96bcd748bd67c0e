/*
 * Collecting and rendering issues.
 */

#include "issues.h"

#include "dp_json_out.h"
#include "json/render.h"

/* The four members' names, quotes and commas of one issue, generously. */
#define ISSUE_SYNTAX_SIZE 64

dp_issues_t
dp_issues(dp_arena_t *arena)
{
    return (dp_issues_t) {.arena = arena};
}

static void
issue_append(dp_issues_t *issues, dp_issue_t issue)
{
    if (issues->count < DP_ISSUES) {
        issues->issues[issues->count++] = issue;
    }
}

void
dp_issue_add(dp_issues_t *issues, const char *in, const char *pointer,
             const char *keyword, const char *message)
{
    issue_append(issues, (dp_issue_t) {in, dp_slice_text(pointer), keyword,
                                       message});
}

/* RFC 6901, section 3: '~' is ~0 and '/' is ~1. */
static dp_slice_t
pointer_to(dp_arena_t *arena, dp_slice_t name)
{
    size_t      size = 1 + 2 * name.len;
    dp_writer_t writer = dp_render_begin(arena, size);

    dp_write_u8(&writer, '/');

    for (size_t i = 0; i < name.len; i++) {
        switch (name.data[i]) {
        case '~':
            dp_write_text(&writer, "~0");
            break;
        case '/':
            dp_write_text(&writer, "~1");
            break;
        default:
            dp_write_u8(&writer, name.data[i]);
        }
    }

    return dp_render_end(&writer);
}

void
dp_issue_add_name(dp_issues_t *issues, const char *in, dp_slice_t name,
                  const char *keyword, const char *message)
{
    issue_append(issues, (dp_issue_t) {in, pointer_to(issues->arena, name),
                                       keyword, message});
}

static void
issue_render(dp_writer_t *writer, const dp_issue_t *issue)
{
    dp_write_text(writer, "{\"in\":");
    dp_json_string(writer, dp_slice_text(issue->in));
    dp_write_text(writer, ",\"pointer\":");
    dp_json_string(writer, issue->pointer);
    dp_write_text(writer, ",\"keyword\":");
    dp_json_string(writer, dp_slice_text(issue->keyword));
    dp_write_text(writer, ",\"message\":");
    dp_json_string(writer, dp_slice_text(issue->message));
    dp_write_text(writer, "}");
}

/* Room for any rendering; see dp_json_string(). */
static size_t
issues_size(const dp_issues_t *issues)
{
    size_t size = ISSUE_SYNTAX_SIZE;

    for (size_t i = 0; i < issues->count; i++) {
        const dp_issue_t *issue = &issues->issues[i];

        size += ISSUE_SYNTAX_SIZE
                + 6 * (issue->pointer.len + strlen(issue->in)
                       + strlen(issue->keyword) + strlen(issue->message));
    }

    return size;
}

bool
dp_issues_judge(dp_op_t *op, const dp_issues_t *issues)
{
    size_t      size = issues_size(issues);
    dp_writer_t writer;

    if (issues->count == 0) {
        return true;
    }

    writer = dp_render_begin(op->arena, size);
    dp_write_text(&writer, "{\"issues\":[");

    for (size_t i = 0; i < issues->count; i++) {
        dp_write_text(&writer, i == 0 ? "" : ",");
        issue_render(&writer, &issues->issues[i]);
    }

    dp_write_text(&writer, "]}");

    return dp_op_fail_details(op, DP_ERR_VALIDATION_FAILED, dp_render_end(&writer));
}
