/*
 * Kill switches as operators write them.
 */

#include "dp_kill_switch.h"
#include "unit.h"

#include <stdlib.h>

static bool
list(const char *text, uint32_t *switches, dp_slice_t *unknown)
{
    dp_slice_t copy = unit_copy(dp_slice_text(text));
    bool       valid = dp_kill_switch_list(copy, switches, unknown);

    *unknown = valid ? dp_slice(NULL, 0) : unit_copy(*unknown);
    free((void *) copy.data);

    return valid;
}

START_TEST(KS_03_a_list_names_switches)
{
    static const struct {
        const char *text;
        uint32_t    switches;
    } rows[] = {
        {"", 0},
        {" \t", 0},
        {"GLOBAL_WRITE", DP_KILL_GLOBAL_WRITE},
        {"GLOBAL_WRITE,BILLING", DP_KILL_GLOBAL_WRITE | DP_KILL_BILLING},
        {" SIGNUP , AI ", DP_KILL_SIGNUP | DP_KILL_AI},
        {"AI,AI", DP_KILL_AI},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t   switches;
        dp_slice_t unknown;

        ck_assert_msg(list(rows[i].text, &switches, &unknown), "%s",
                      rows[i].text);
        ck_assert_uint_eq(switches, rows[i].switches);
    }
}
END_TEST

START_TEST(KS_03_a_list_with_another_name_is_refused)
{
    static const struct {
        const char *text;
        const char *unknown;
    } rows[] = {
        {"BILING", "BILING"},       {"AI, BILING ,AI", "BILING"},
        {"global_write", "global_write"}, {"AI,", ""},
        {",AI", ""},                {",", ""},
        {"AI;SIGNUP", "AI;SIGNUP"}, {"AI SIGNUP", "AI SIGNUP"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t   switches;
        dp_slice_t unknown;

        ck_assert_msg(!list(rows[i].text, &switches, &unknown), "%s",
                      rows[i].text);
        unit_assert_text(unknown, rows[i].unknown);
        free((void *) unknown.data);
    }
}
END_TEST

START_TEST(KS_01_a_file_has_a_name_and_a_reason_per_line)
{
    dp_kill_switch_file_t file;
    dp_slice_t            text = unit_copy(DP_SLICE(
        "# who to call: 555\n"
        "\n"
        "  BILLING\tthe provider fails # 12 % of all\r\n"
        "AI # too dear\n"
        "SIGNUP\n"
        "WEBHOOKS f\xc3\xbcr heute"));

    ck_assert(dp_kill_switch_file(text, &file));
    ck_assert_uint_eq(file.switches, DP_KILL_BILLING | DP_KILL_AI
                                         | DP_KILL_SIGNUP | DP_KILL_WEBHOOKS);
    unit_assert_text(file.reasons[1], "the provider fails # 12 % of all");
    unit_assert_text(file.reasons[5], "too dear");
    unit_assert_text(file.reasons[6], "");
    unit_assert_text(file.reasons[2], "f\xc3\xbcr heute");
    free((void *) text.data);

    ck_assert(dp_kill_switch_file(dp_slice(NULL, 0), &file));
    ck_assert_uint_eq(file.switches, 0);
}
END_TEST

START_TEST(KS_01_a_file_with_a_wrong_line_is_refused)
{
    static const struct {
        const char *text;
        unsigned    line;
    } rows[] = {
        {"BILING", 1},       {"AI\n\nBILING\nAI", 3}, {"AI,BILLING\n", 1},
        {"AI \x01\n", 1},    {"# so\nAI \xff\n", 2},  {"AI#why", 1},
        {"AI aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_kill_switch_file_t file;
        dp_slice_t            text = unit_copy(dp_slice_text(rows[i].text));

        ck_assert_msg(!dp_kill_switch_file(text, &file), "%s", rows[i].text);
        ck_assert_uint_eq(file.line, rows[i].line);
        free((void *) text.data);
    }
}
END_TEST

START_TEST(KS_03_the_names_are_said)
{
    ck_assert_str_eq(DP_KILL_SWITCH_NAMES,
                     "GLOBAL_WRITE, BILLING, WEBHOOKS, BACKGROUND_JOBS, "
                     "EXTERNAL_INTEGRATIONS, AI, SIGNUP");
}
END_TEST

int
main(void)
{
    return UNIT_RUN("kill switches", KS_03_a_list_names_switches,
                    KS_03_a_list_with_another_name_is_refused,
                    KS_01_a_file_has_a_name_and_a_reason_per_line,
                    KS_01_a_file_with_a_wrong_line_is_refused,
                    KS_03_the_names_are_said);
}
