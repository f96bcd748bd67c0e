/*
 * What a survey of the kill switches says of each of them.
 */

#include "console/survey.h"
#include "unit.h"

#define GENERATION 100

static dp_survey_t survey;

/* Two processes of one nginx and one of another, all current, nothing on. */
static void
begin(void)
{
    survey = (dp_survey_t) {
        .database = true,
        .generation = GENERATION,
        .now_us = 5000000,
        .address = "ipc:///w",
        .peer_count = 3,
        .peers = {
            {.instance = "a", .pid = 1, .generation = GENERATION},
            {.instance = "a", .pid = 2, .generation = GENERATION},
            {.instance = "b", .pid = 3, .generation = GENERATION},
        },
    };

    for (size_t i = 0; i < DP_KILL_SWITCH_COUNT; i++) {
        survey.rows[i].drained = true;
    }
}

static void
assert_state(unsigned bit, dp_switch_state_t state)
{
    ck_assert_str_eq(dp_switch_state_name(dp_survey_state(&survey, bit)),
                     dp_switch_state_name(state));
}

START_TEST(KS_01_a_switch_of_the_database_goes_from_engaged_to_effective)
{
    begin();
    assert_state(0, DP_SWITCH_OFF);

    survey.rows[0].enabled = true;
    survey.rows[0].drained = false;
    survey.peers[1].generation = GENERATION - 1;
    survey.peers[2].pending[0] = 4;
    assert_state(0, DP_SWITCH_ENGAGED);

    survey.peers[1].generation = GENERATION + 1;
    assert_state(0, DP_SWITCH_DRAINING);
    ck_assert_uint_eq(dp_survey_pending(&survey, 0), 4);

    survey.peers[2].pending[0] = 0;
    assert_state(0, DP_SWITCH_DRAINING);

    survey.rows[0].drained = true;
    survey.peers[2].pending[1] = 1; /* of another class */
    assert_state(0, DP_SWITCH_EFFECTIVE);
    assert_state(1, DP_SWITCH_OFF);
}
END_TEST

START_TEST(KS_03_what_one_instance_has_on_is_partial)
{
    begin();
    survey.peers[0].switches[DP_KILL_FILE] = DP_KILL_AI;
    survey.peers[1].switches[DP_KILL_FILE] = DP_KILL_AI;
    assert_state(5, DP_SWITCH_PARTIAL);
    ck_assert(dp_survey_held(&survey, 5));

    survey.peers[2].switches[DP_KILL_DIRECTIVE] = DP_KILL_AI;
    assert_state(5, DP_SWITCH_EFFECTIVE);

    survey.peers[0].switches[DP_KILL_FILE] = 0;
    assert_state(5, DP_SWITCH_PARTIAL);

    survey.own = DP_KILL_AI;
    assert_state(5, DP_SWITCH_EFFECTIVE);
}
END_TEST

START_TEST(KS_01_nothing_is_effective_without_the_database)
{
    begin();
    survey.database = false;
    survey.rows[5].drained = false;
    survey.own = DP_KILL_AI;
    assert_state(5, DP_SWITCH_DRAINING);
}
END_TEST

START_TEST(KS_01_a_reason_is_that_of_the_file)
{
    static const char text[] = "# so\nAI too dear\n";
    dp_peer_t        *peer = &survey.peers[0];

    begin();
    peer->file_len = sizeof(text) - 1;
    memcpy(peer->file_text, text, peer->file_len);
    unit_assert_text(dp_peer_reason(peer, DP_KILL_FILE, 5), "too dear");
    unit_assert_text(dp_peer_reason(peer, DP_KILL_FILE, 0), "");
    unit_assert_text(dp_peer_reason(peer, DP_KILL_DIRECTIVE, 5), "");
}
END_TEST

START_TEST(KS_07_a_document_is_written_once_per_instance)
{
    static uint8_t buffer[16384];
    dp_writer_t    out = dp_writer(buffer, sizeof(buffer));

    begin();
    survey.peers[0].switches[DP_KILL_DIRECTIVE] = DP_KILL_SIGNUP;
    survey.peers[1].switches[DP_KILL_DIRECTIVE] = DP_KILL_SIGNUP;
    dp_survey_json(&survey, &out);
    dp_write_u8(&out, '\0');
    ck_assert_ptr_nonnull(strstr((const char *) buffer,
        "{\"name\":\"SIGNUP\",\"on\":true,\"state\":\"partial\",\"writes\":0,"
        "\"sources\":[{\"source\":\"directive\",\"instance\":\"a\","
        "\"since\":null,\"reason\":null}]}"));
}
END_TEST

int
main(void)
{
    return UNIT_RUN(
        "worker survey",
        KS_01_a_switch_of_the_database_goes_from_engaged_to_effective,
        KS_03_what_one_instance_has_on_is_partial,
        KS_01_nothing_is_effective_without_the_database,
        KS_01_a_reason_is_that_of_the_file,
        KS_07_a_document_is_written_once_per_instance);
}
