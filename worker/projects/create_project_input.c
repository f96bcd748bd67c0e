/*
 * createProject's body, beyond what the contract says of it.
 */

#include "create_project_input.h"

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
