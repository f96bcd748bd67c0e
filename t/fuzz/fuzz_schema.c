/*
 * Any document against any schema of the test suite or of the contract: issues
 * stay within their bounds, are told as strict JSON, and each points into the
 * document.  The first two bytes choose the schema.
 */

#include "dp_contract.h"
#include "dp_routes_index.h"
#include "fuzz.h"
#include "schema_vectors.h"

#include <stdlib.h>

#define TOKENS 8192

/* The schema that a number means, and its set. */
static uint32_t
schema_choose(const dp_schema_set_t **set, unsigned number)
{
    const schema_vector_t *vector;

    if (number % 4 == 0) {
        *set = &dp_contract_schemas;
        return dp_contract_operations[DP_ROUTE_createProject].body;
    }

    vector = &schema_vectors[number / 4 % schema_vectors_count];
    *set = &schema_vectors_set;

    return vector->schema;
}

/* True when the first step of the pointer, or nothing, names a part of it. */
static bool
pointer_begins_within(const dp_json_t *json, dp_slice_t pointer)
{
    return pointer.len == 0
           || (pointer.data[0] == '/'
               && (json->tokens[0].type == DP_JSON_ARRAY
                   || json->tokens[0].type == DP_JSON_OBJECT));
}

static void
issues_sound(const dp_json_t *json, const dp_issues_t *issues)
{
    size_t          size = dp_issues_size(issues);
    uint8_t        *text = malloc(size);
    dp_writer_t     writer = dp_writer(text, size);
    dp_json_token_t tape[DP_ISSUES * 9 + 3];
    dp_json_t       again = {.tokens = tape, .capacity = DP_ISSUES * 9 + 3};

    FUZZ_ASSERT(issues->count <= DP_ISSUES);

    for (size_t i = 0; i < issues->count; i++) {
        const dp_issue_t *issue = &issues->list[i];

        FUZZ_ASSERT(issue->pointer_len <= sizeof(issue->pointer));
        FUZZ_ASSERT(issue->message_len <= sizeof(issue->message));
        FUZZ_ASSERT(pointer_begins_within(
            json, dp_slice(issue->pointer, issue->pointer_len)));
    }

    dp_issues_render(&writer, issues);
    FUZZ_ASSERT(!writer.failed);
    FUZZ_ASSERT(dp_json_check(&again, dp_written(&writer)) == DP_JSON_OK);
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dp_json_token_t tape[TOKENS];
    dp_json_t              json = {.tokens = tape, .capacity = TOKENS};
    dp_schema_subject_t    subject = {.json = &json, .place = DP_IN_BODY};
    const dp_schema_set_t *set;
    uint32_t               schema;
    dp_issues_t            issues;

    FUZZ_ASSERT(dp_contract_open() && dp_schema_open(&schema_vectors_set));

    if (size < 2) {
        return 0;
    }

    schema = schema_choose(&set, data[0] << 8 | data[1]);

    if (dp_json_check(&json, dp_slice(data + 2, size - 2)) == DP_JSON_OK) {
        issues.count = 0;
        dp_schema_check(set, schema, &subject, &issues);
        issues_sound(&json, &issues);
    }

    return 0;
}
