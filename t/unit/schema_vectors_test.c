/*
 * The JSON Schema Test Suite against our tables: every test of the keywords that
 * we claim, but for the groups that t/vectors/jsonschema/frozen lists.
 */

#define _GNU_SOURCE /* memmem */

#include "schema_vectors.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#define FOLDER "t/vectors/jsonschema/draft2020-12"
#define TOKENS 20000

/* Of 468 tests; the frozen list accounts for the others. */
#define TESTS_RUN 398
#define TESTS_FROZEN 70

static dp_json_token_t file_tape[TOKENS];
static dp_json_token_t data_tape[TOKENS];

static unsigned run, frozen;

/* The member of an object that has it. */
static uint32_t
member(const dp_json_t *json, uint32_t object, const char *name)
{
    uint32_t value = dp_json_member(json, object, dp_slice_text(name));

    ck_assert_msg(value != 0, "%s is missing", name);

    return value;
}

static uint32_t
item(const dp_json_t *json, uint32_t array, unsigned index)
{
    uint32_t at = array + 1;

    for (; index > 0; index--) {
        at = json->tokens[at].next;
    }

    return at;
}

static bool
is_valid(const schema_vector_t *vector, dp_slice_t text)
{
    dp_json_t                 json = {.tokens = data_tape, .capacity = TOKENS};
    const dp_schema_subject_t subject = {.json = &json, .place = DP_IN_BODY};
    dp_slice_t                copy = unit_copy(text);
    dp_issues_t               issues;

    issues.count = 0;
    ck_assert_int_eq(dp_json_check(&json, copy), DP_JSON_OK);
    dp_schema_check(&schema_vectors_set, vector->schema, &subject, &issues);
    free((void *) copy.data);

    return issues.count == 0;
}

static void
group_run(const schema_vector_t *vector, const dp_json_t *file)
{
    uint32_t tests = member(file, item(file, 0, vector->group), "tests");

    for (uint32_t i = 0; i < file->tokens[tests].count; i++) {
        uint32_t   test = item(file, tests, i);
        dp_slice_t data = dp_json_raw(file, member(file, test, "data"));
        uint32_t   valid = member(file, test, "valid");
        dp_slice_t name = dp_json_raw(file, member(file, test, "description"));

        if (file->tokens[member(file, test, "data")].type == DP_JSON_STRING) {
            data = dp_slice(data.data - 1, data.len + 2); /* its quotes */
        }

        ck_assert_msg(is_valid(vector, data)
                      == (file->tokens[valid].type == DP_JSON_TRUE),
                      "%s, group %u: %.*s: %.*s", vector->file, vector->group,
                      (int) name.len, name.data, (int) data.len, data.data);
        run++;
    }
}

/* U+0000, which our reader refuses, stands in frozen groups only. */
static void
zeros_replace(dp_slice_t text)
{
    char *at = (char *) text.data;

    while ((at = memmem(at, (size_t) ((char *) text.data + text.len - at),
                        "\\u0000", 6)) != NULL) {
        at[5] = '1';
    }
}

static void
file_run(const schema_vector_t *vector)
{
    dp_json_t  file = {.tokens = file_tape, .capacity = TOKENS};
    char       path[128];
    dp_slice_t text;

    snprintf(path, sizeof(path), FOLDER "/%s.json", vector->file);
    text = unit_file(path);
    zeros_replace(text);
    ck_assert_int_eq(dp_json_check(&file, text), DP_JSON_OK);

    if (vector->frozen == NULL) {
        group_run(vector, &file);
    } else {
        uint32_t group = item(&file, 0, vector->group);

        frozen += file.tokens[member(&file, group, "tests")].count;
    }

    free((void *) text.data);
}

START_TEST(every_keyword_passes_its_file)
{
    ck_assert(dp_schema_open(&schema_vectors_set));
    ck_assert(dp_schema_open(&schema_vectors_set));

    for (size_t i = 0; i < schema_vectors_count; i++) {
        file_run(&schema_vectors[i]);
    }

    dp_schema_close(&schema_vectors_set);
    ck_assert_uint_eq(run, TESTS_RUN);
    ck_assert_uint_eq(frozen, TESTS_FROZEN);
}
END_TEST

START_TEST(the_frozen_pattern_is_none_of_PCRE2s)
{
    dp_pattern_t pattern = {.text = "^\\p{Letter}+$"};

    ck_assert(!dp_pattern_open(&pattern));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("JSON Schema Test Suite", every_keyword_passes_its_file,
                    the_frozen_pattern_is_none_of_PCRE2s);
}
