/*
 * The body of createProject as a table of members.
 */

#include "create_project_input.h"

#include <ctype.h>

#include "json/body.h"

#define TTL_DEFAULT_HOURS 72

static const dp_body_range_t name_range = {"/name", 1, 100};
static const dp_body_range_t template_range = {"/template", 1, 100};
static const dp_body_range_t preview_ttl_range = {"/previewTtlHours", 24, 168};

static void
name_read(dp_body_t *body, uint32_t value, void *input)
{
    dp_create_project_input_t *into = input;

    dp_body_text(body, value, &name_range, &into->name);
}

static void
template_read(dp_body_t *body, uint32_t value, void *input)
{
    dp_create_project_input_t *into = input;

    dp_body_text(body, value, &template_range, &into->template);
}

static void
preview_ttl_read(dp_body_t *body, uint32_t value, void *input)
{
    dp_create_project_input_t *into = input;

    dp_body_integer(body, value, &preview_ttl_range, &into->preview_ttl_hours);
}

static const dp_body_member_t members[] = {
    {.name = "name", .required = true, .read = name_read},
    {.name = "template", .read = template_read},
    {.name = "previewTtlHours", .read = preview_ttl_read},
};

bool
dp_create_project_read(dp_op_t *op, dp_create_project_input_t *input)
{
    dp_body_t body;

    *input = (dp_create_project_input_t) {
        .template = DP_SLICE("platform"),
        .preview_ttl_hours = TTL_DEFAULT_HOURS,
    };

    return dp_body_open(op, &body)
           && dp_body_read(op, &body, members,
                           sizeof(members) / sizeof(*members), input);
}

bool
dp_create_project_template_unknown(dp_op_t *op)
{
    dp_issues_t issues = dp_issues(op->arena);

    dp_issue_add(&issues, "body", "/template", "enum",
                 "There is no such template.");

    return dp_issues_judge(op, &issues);
}

size_t
dp_slug_derive(char slug[DP_SLUG_MAX], dp_slice_t name)
{
    size_t len = 0;
    bool   gap = false;

    for (size_t i = 0; i < name.len && len < DP_SLUG_MAX; i++) {
        uint8_t byte = name.data[i];

        if (byte > 0x7f || !isalnum(byte)) {
            gap = len != 0;
            continue;
        }

        if (gap) {
            slug[len++] = '-';
            gap = false;
        }

        if (len < DP_SLUG_MAX) {
            slug[len++] = (char) tolower(byte);
        }
    }

    if (len != 0 && slug[len - 1] == '-') {
        len--;
    }

    if (len == 0) {
        memcpy(slug, "project", len = sizeof("project") - 1);
    }

    return len;
}
