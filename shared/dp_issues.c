/*
 * Collecting and rendering issues.  See dp_issues.h.
 */

#include "dp_issues.h"

#include "dp_json_out.h"

/* The four members' names, quotes and commas of one issue, generously. */
#define SYNTAX_SIZE 64

static const char *const places[] = {
    [DP_IN_BODY] = "body",
    [DP_IN_PATH] = "path",
    [DP_IN_QUERY] = "query",
    [DP_IN_HEADER] = "header",
};

dp_issue_t *
dp_issue_add(dp_issues_t *issues, dp_issue_place_t place, const char *keyword,
             dp_slice_t message)
{
    dp_issue_t *issue;

    if (issues->count == DP_ISSUES) {
        return NULL;
    }

    issue = &issues->list[issues->count++];
    issue->place = place;
    issue->keyword = keyword;
    issue->pointer_len = 0;
    issue->message_len = message.len < DP_ISSUE_MESSAGE_SIZE
                             ? message.len
                             : DP_ISSUE_MESSAGE_SIZE;
    memcpy(issue->message, message.data, issue->message_len);

    return issue;
}

/* RFC 6901, section 3: '~' is ~0 and '/' is ~1. */
static void
step_write(dp_writer_t *writer, dp_slice_t name)
{
    dp_write_u8(writer, '/');

    for (size_t i = 0; i < name.len; i++) {
        switch (name.data[i]) {
        case '~':
            dp_write_text(writer, "~0");
            break;
        case '/':
            dp_write_text(writer, "~1");
            break;
        default:
            dp_write_u8(writer, name.data[i]);
        }
    }
}

bool
dp_issue_step(dp_issue_t *issue, dp_slice_t name)
{
    dp_writer_t writer = dp_writer(issue->pointer + issue->pointer_len,
                                   sizeof(issue->pointer) - issue->pointer_len);

    if (name.len < sizeof(issue->pointer)) {
        step_write(&writer, name);
    } else {
        writer.failed = true;
    }

    if (!writer.failed) {
        issue->pointer_len += dp_written(&writer).len;
    }

    return !writer.failed;
}

/* See dp_json_string(). */
static size_t
string_size(size_t len)
{
    return 2 + 6 * len;
}

size_t
dp_issues_size(const dp_issues_t *issues)
{
    size_t size = SYNTAX_SIZE;

    for (size_t i = 0; i < issues->count; i++) {
        const dp_issue_t *issue = &issues->list[i];

        size += SYNTAX_SIZE + string_size(issue->pointer_len)
                + string_size(strlen(issue->keyword))
                + string_size(issue->message_len);
    }

    return size;
}

static void
issue_render(dp_writer_t *writer, const dp_issue_t *issue)
{
    dp_write_text(writer, "{\"in\":");
    dp_json_string(writer, dp_slice_text(places[issue->place]));
    dp_write_text(writer, ",\"pointer\":");
    dp_json_string(writer, dp_slice(issue->pointer, issue->pointer_len));
    dp_write_text(writer, ",\"keyword\":");
    dp_json_string(writer, dp_slice_text(issue->keyword));
    dp_write_text(writer, ",\"message\":");
    dp_json_string(writer, dp_slice(issue->message, issue->message_len));
    dp_write_text(writer, "}");
}

void
dp_issues_render(dp_writer_t *writer, const dp_issues_t *issues)
{
    dp_write_text(writer, "{\"issues\":[");

    for (size_t i = 0; i < issues->count; i++) {
        dp_write_text(writer, i == 0 ? "" : ",");
        issue_render(writer, &issues->list[i]);
    }

    dp_write_text(writer, "]}");
}
