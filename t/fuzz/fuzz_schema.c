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

/* The next step of a pointer, unescaped to `name`. */
static dp_slice_t
step_take(dp_reader_t *pointer, uint8_t *name)
{
    size_t len = 0;

    FUZZ_ASSERT(dp_read_u8(pointer) == '/');

    while (dp_reader_left(pointer) != 0 && *pointer->pos != '/') {
        uint8_t byte = dp_read_u8(pointer);

        if (byte == '~') {
            byte = dp_read_u8(pointer);
            FUZZ_ASSERT(byte == '0' || byte == '1');
            byte = byte == '0' ? '~' : '/';
        }

        name[len++] = byte;
    }

    return dp_slice(name, len);
}

/* The part of a container that a step leads to, or 0. */
static uint32_t
step_follow(const dp_json_t *json, uint32_t at, dp_slice_t step)
{
    uint32_t item = at + 1;
    unsigned index = 0;

    if (json->tokens[at].type == DP_JSON_OBJECT) {
        return dp_json_member(json, at, step);
    }

    FUZZ_ASSERT(json->tokens[at].type == DP_JSON_ARRAY);

    for (size_t i = 0; i < step.len; i++) {
        index = index * 10 + (step.data[i] - '0');
    }

    FUZZ_ASSERT(index < json->tokens[at].count);

    for (; index > 0; index--) {
        item = json->tokens[item].next;
    }

    return item;
}

/* Only what is missing is pointed at without being there. */
static void
pointer_sound(const dp_json_t *json, const dp_issue_t *issue)
{
    uint8_t     name[DP_ISSUE_POINTER_SIZE];
    dp_reader_t pointer = dp_reader(dp_slice(issue->pointer,
                                             issue->pointer_len));
    uint32_t    at = 0;

    while (dp_reader_left(&pointer) != 0) {
        at = step_follow(json, at, step_take(&pointer, name));
        FUZZ_ASSERT(at != 0
                    || (dp_reader_left(&pointer) == 0
                        && strcmp(issue->keyword, "required") == 0));
    }
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
        pointer_sound(json, issue);
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
