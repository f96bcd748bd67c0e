/*
 * JSONTestSuite and the list of naughty strings against the strict reader:
 * what everybody must accept or refuse, and what we made up our mind about.
 */

#include "dp_json_check.h"
#include "dp_json_out.h"
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER "t/vectors/json/JSONTestSuite"
#define TOKENS 200000
#define NAUGHTY 515

static dp_json_token_t tokens[TOKENS];

static dp_json_fault_t
check_file(const char *name)
{
    dp_json_t       json = {.tokens = tokens, .capacity = TOKENS};
    char            path[512];
    dp_slice_t      text, copy;
    dp_json_fault_t fault;

    snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
    text = unit_file(path);
    copy = unit_copy(text);
    fault = dp_json_check(&json, copy);
    free((void *) copy.data);
    free((void *) text.data);

    return fault;
}

typedef void visit_fn(const char *name, dp_json_fault_t fault);

/* Every file whose name begins with the letter; returns how many. */
static unsigned
visit(char letter, visit_fn *see)
{
    DIR           *folder = opendir(FOLDER);
    struct dirent *entry;
    unsigned       count = 0;

    ck_assert_msg(folder != NULL, "%s cannot be opened", FOLDER);

    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == letter && entry->d_name[1] == '_') {
            see(entry->d_name, check_file(entry->d_name));
            count++;
        }
    }

    closedir(folder);

    return count;
}

typedef struct {
    const char     *name;
    dp_json_fault_t fault;
} choice_t;

static const choice_t *
choice_find(const choice_t *choices, const char *name)
{
    while (choices->name != NULL && strcmp(choices->name, name) != 0) {
        choices++;
    }

    return choices->name == NULL ? NULL : choices;
}

/* JSON, but a double name has two readings, and U+0000 ends a C string. */
static const choice_t refused_by_choice[] = {
    {"y_object_duplicated_key.json", DP_JSON_DUPLICATE_NAME},
    {"y_object_duplicated_key_and_value.json", DP_JSON_DUPLICATE_NAME},
    {"y_string_null_escape.json", DP_JSON_ZERO_CHARACTER},
    {"y_object_escaped_null_in_key.json", DP_JSON_ZERO_CHARACTER},
    {NULL, DP_JSON_OK},
};

static void
see_valid(const char *name, dp_json_fault_t fault)
{
    const choice_t *choice = choice_find(refused_by_choice, name);

    ck_assert_msg(fault == (choice == NULL ? DP_JSON_OK : choice->fault),
                  "%s: fault %d", name, fault);
}

START_TEST(ERR_09_91_of_95_valid_texts_are_accepted)
{
    ck_assert_uint_eq(visit('y', see_valid), 95);
}
END_TEST

static void
see_invalid(const char *name, dp_json_fault_t fault)
{
    ck_assert_msg(fault != DP_JSON_OK, "%s is accepted", name);
}

START_TEST(ERR_09_all_188_invalid_texts_are_refused)
{
    ck_assert_uint_eq(visit('n', see_invalid), 188);
}
END_TEST

/* Where the standard leaves the answer to us. */
static const choice_t frozen[] = {
    /* a double keeps 1e20 */
    {"i_number_too_big_pos_int.json", DP_JSON_OK},
    /* overflow, underflow, or more digits than a double keeps */
    {"i_number_double_huge_neg_exp.json", DP_JSON_NUMBER_INEXACT},
    {"i_number_huge_exp.json", DP_JSON_NUMBER_INEXACT},
    {"i_number_neg_int_huge_exp.json", DP_JSON_NUMBER_INEXACT},
    {"i_number_pos_double_huge_exp.json", DP_JSON_NUMBER_INEXACT},
    {"i_number_real_neg_overflow.json", DP_JSON_NUMBER_INEXACT},
    {"i_number_real_pos_overflow.json", DP_JSON_NUMBER_INEXACT},
    {"i_number_real_underflow.json", DP_JSON_NUMBER_INEXACT},
    {"i_number_too_big_neg_int.json", DP_JSON_NUMBER_INEXACT},
    {"i_number_very_big_negative_int.json", DP_JSON_NUMBER_INEXACT},
    /* no character, and no UTF-8 could carry it */
    {"i_object_key_lone_2nd_surrogate.json", DP_JSON_LONE_SURROGATE},
    {"i_string_1st_surrogate_but_2nd_missing.json", DP_JSON_LONE_SURROGATE},
    {"i_string_1st_valid_surrogate_2nd_invalid.json", DP_JSON_LONE_SURROGATE},
    {"i_string_incomplete_surrogate_and_escape_valid.json",
     DP_JSON_LONE_SURROGATE},
    {"i_string_incomplete_surrogate_pair.json", DP_JSON_LONE_SURROGATE},
    {"i_string_incomplete_surrogates_escape_valid.json",
     DP_JSON_LONE_SURROGATE},
    {"i_string_invalid_lonely_surrogate.json", DP_JSON_LONE_SURROGATE},
    {"i_string_invalid_surrogate.json", DP_JSON_LONE_SURROGATE},
    {"i_string_inverted_surrogates_U+1D11E.json", DP_JSON_LONE_SURROGATE},
    {"i_string_lone_second_surrogate.json", DP_JSON_LONE_SURROGATE},
    /* RFC 8259, section 8.1: UTF-8 it is */
    {"i_string_UTF-8_invalid_sequence.json", DP_JSON_NOT_UTF8},
    {"i_string_UTF8_surrogate_U+D800.json", DP_JSON_NOT_UTF8},
    {"i_string_invalid_utf-8.json", DP_JSON_NOT_UTF8},
    {"i_string_iso_latin_1.json", DP_JSON_NOT_UTF8},
    {"i_string_lone_utf8_continuation_byte.json", DP_JSON_NOT_UTF8},
    {"i_string_not_in_unicode_range.json", DP_JSON_NOT_UTF8},
    {"i_string_overlong_sequence_2_bytes.json", DP_JSON_NOT_UTF8},
    {"i_string_overlong_sequence_6_bytes.json", DP_JSON_NOT_UTF8},
    {"i_string_overlong_sequence_6_bytes_null.json", DP_JSON_NOT_UTF8},
    {"i_string_truncated-utf-8.json", DP_JSON_NOT_UTF8},
    /* UTF-16, or a byte order mark: RFC 8259, section 8.1 */
    {"i_string_UTF-16LE_with_BOM.json", DP_JSON_SYNTAX},
    {"i_string_utf16BE_no_BOM.json", DP_JSON_SYNTAX},
    {"i_string_utf16LE_no_BOM.json", DP_JSON_SYNTAX},
    {"i_structure_UTF-8_BOM_empty_object.json", DP_JSON_SYNTAX},
    /* 500 levels, and 64 are allowed */
    {"i_structure_500_nested_arrays.json", DP_JSON_TOO_DEEP},
    {NULL, DP_JSON_OK},
};

static void
see_open(const char *name, dp_json_fault_t fault)
{
    const choice_t *choice = choice_find(frozen, name);

    ck_assert_msg(choice != NULL, "%s is not in the table: fault %d", name,
                  fault);
    ck_assert_msg(fault == choice->fault, "%s: fault %d", name, fault);
}

START_TEST(ERR_09_the_35_open_texts_are_answered_as_ever)
{
    ck_assert_uint_eq(visit('i', see_open), 35);
}
END_TEST

START_TEST(naughty_strings_survive)
{
    dp_slice_t text = unit_file("t/vectors/json/blns.json");
    dp_json_t  json = {.tokens = tokens, .capacity = TOKENS};

    ck_assert_int_eq(dp_json_check(&json, text), DP_JSON_OK);
    ck_assert_uint_eq(json.tokens[0].count, NAUGHTY);

    for (uint32_t i = 1; i < json.count; i++) {
        char            value[4096], written[8192];
        dp_writer_t     writer = dp_writer(written, sizeof(written));
        dp_json_token_t again_tokens[1];
        dp_json_t       again = {.tokens = again_tokens, .capacity = 1};
        dp_slice_t string = dp_json_text(&json, i, value, sizeof(value));

        ck_assert_ptr_nonnull(string.data);
        dp_json_string(&writer, string);
        ck_assert(!writer.failed);
        ck_assert_int_eq(dp_json_check(&again, dp_written(&writer)),
                         DP_JSON_OK);
        ck_assert(dp_json_text_equal(&again, 0, string));
    }

    free((void *) text.data);
}
END_TEST

START_TEST(every_fault_has_a_sentence)
{
    for (unsigned fault = DP_JSON_OK; fault <= DP_JSON_TOO_LONG; fault++) {
        ck_assert_ptr_nonnull(dp_json_fault_text((dp_json_fault_t) fault));
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("json_vectors", ERR_09_91_of_95_valid_texts_are_accepted,
                    ERR_09_all_188_invalid_texts_are_refused,
                    ERR_09_the_35_open_texts_are_answered_as_ever,
                    naughty_strings_survive, every_fault_has_a_sentence);
}
