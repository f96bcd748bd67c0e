/*
 * The body of a request, and the verdict on all of it.  See dp_contract.h.
 */

#include "dp_contract.h"

#include "dp_json_out.h"

/* What is around the issues, or the whole of a malformed body's details. */
#define FRAME_SIZE 256

bool
dp_contract_open(void)
{
    return dp_schema_open(&dp_contract_schemas);
}

void
dp_contract_close(void)
{
    dp_schema_close(&dp_contract_schemas);
}

void
dp_verdict_fail(dp_verdict_t *verdict, dp_error_t code)
{
    if (verdict->code == DP_OK
        || (verdict->code == DP_ERR_VALIDATION_FAILED
            && code == DP_ERR_REQUEST_MALFORMED)) {
        verdict->code = code;
    }
}

void
dp_verdict_issue(dp_verdict_t *verdict, dp_issue_place_t place, dp_slice_t name,
                 const char *keyword, dp_slice_t message)
{
    dp_issue_t *issue = dp_issue_add(&verdict->issues, place, keyword, message);

    if (issue != NULL) {
        dp_issue_step(issue, name);
    }

    dp_verdict_fail(verdict, DP_ERR_VALIDATION_FAILED);
}

uint32_t
dp_contract_tokens(dp_slice_t body)
{
    return body.len / 2 + 1 < DP_CONTRACT_TOKENS
               ? (uint32_t) (body.len / 2 + 1)
               : DP_CONTRACT_TOKENS;
}

void
dp_contract_body(dp_verdict_t *verdict, const dp_route_t *route,
                 dp_json_t *json, dp_slice_t text)
{
    const dp_contract_operation_t *operation = dp_contract_operation(route);
    const dp_schema_subject_t      subject = {json, DP_IN_BODY, NULL};
    size_t                         before = verdict->issues.count;

    json->count = 0;

    if (!operation->has_body || (text.len == 0 && !operation->body_required)) {
        return;
    }

    verdict->fault = dp_json_check(json, text);

    if (verdict->fault != DP_JSON_OK) {
        verdict->offset = json->offset;
        dp_verdict_fail(verdict, DP_ERR_REQUEST_MALFORMED);
        return;
    }

    dp_schema_check(&dp_contract_schemas, operation->body, &subject,
                    &verdict->issues);

    if (verdict->issues.count != before) {
        dp_verdict_fail(verdict, DP_ERR_VALIDATION_FAILED);
    }
}

size_t
dp_verdict_size(const dp_verdict_t *verdict)
{
    return FRAME_SIZE + dp_issues_size(&verdict->issues);
}

void
dp_verdict_render(dp_writer_t *writer, const dp_verdict_t *verdict)
{
    if (verdict->code == DP_ERR_VALIDATION_FAILED) {
        dp_issues_render(writer, &verdict->issues);

    } else if (verdict->code == DP_ERR_REQUEST_MALFORMED
               && verdict->fault != DP_JSON_OK) {
        dp_write_text(writer, "{\"reason\":");
        dp_json_string(writer,
                       dp_slice_text(dp_json_fault_text(verdict->fault)));
        dp_write_text(writer, ",\"offset\":");
        dp_json_uint(writer, verdict->offset);
        dp_write_text(writer, "}");
    }
}
