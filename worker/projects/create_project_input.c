/*
 * createProject's body, beyond what the contract says of it.
 */

#include "create_project_input.h"

#include <ctype.h>

#include "policy/input.h"

void
dp_create_project_read(const dp_op_t *op, dp_create_project_input_t *input)
{
    input->name = dp_body_text(op, "name");
    input->template = dp_body_text(op, "template");
    input->preview_ttl_hours = dp_body_integer(op, "previewTtlHours");
}

bool
dp_create_project_template_unknown(dp_op_t *op)
{
    dp_verdict_t verdict;

    dp_verdict_begin(&verdict);
    dp_verdict_issue(&verdict, DP_IN_BODY, DP_SLICE("template"), "enum",
                     DP_SLICE("must be the name of a template"));

    return dp_input_refuse(op, &verdict);
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
