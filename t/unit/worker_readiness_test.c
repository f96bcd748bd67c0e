/*
 * Readiness: which gate is closed, in both scopes.
 */

#include "dp_contract.h"
#include "dp_kill_switch.h"
#include "readiness.h"
#include "unit.h"

static char            buffer[DP_READINESS_TEXT_SIZE];
static dp_wire_reply_t reply;
static bool            stale; /* the control state */

static const dp_db_probe_t good = {.reachable = true, .schema_ok = true};
static const dp_db_probe_t other_schema = {.reachable = true};
static const dp_db_probe_t gone;

static void
ask(const dp_db_probe_t *probe, uint32_t switches, bool draining,
    const char *query)
{
    dp_readiness_t state = {
        .probe = *probe,
        .switches = switches,
        .control_ok = !stale,
        .draining = draining,
    };
    dp_writer_t text = dp_writer(buffer, sizeof(buffer));

    dp_readiness_answer(&state, dp_slice_text(query), &text, &reply);
}

static void
assert_ready(const char *body)
{
    ck_assert_uint_eq(reply.status, 200);
    unit_assert_text(reply.code, "");
    unit_assert_text(reply.body, body);
}

static void
assert_not_ready(const char *details)
{
    ck_assert_uint_eq(reply.status, 503);
    unit_assert_text(reply.code, "OPS_NOT_READY");
    unit_assert_text(reply.details, details);
}

START_TEST(HLT_02_all_gates_open)
{
    ask(&good, 0, false, "");
    assert_ready("{\"status\":\"ready\",\"gates\":{\"database\":\"ok\","
                 "\"schema\":\"ok\",\"control\":\"ok\",\"GLOBAL_WRITE\":\"off\"}}");

    ask(&good, DP_KILL_BILLING, false, "");
    ck_assert_uint_eq(reply.status, 200);
}
END_TEST

START_TEST(HLT_02_the_database_and_its_schema)
{
    ask(&gone, 0, false, "");
    assert_not_ready("{\"failing\":[\"database\",\"schema\"],\"gates\":"
                     "{\"database\":\"failing\",\"schema\":\"failing\",\"control\":\"ok\","
                     "\"GLOBAL_WRITE\":\"off\"}}");

    ask(&other_schema, 0, false, "scope=read");
    assert_not_ready("{\"failing\":[\"schema\"],\"gates\":"
                     "{\"database\":\"ok\",\"schema\":\"failing\",\"control\":\"ok\","
                     "\"GLOBAL_WRITE\":\"off\"}}");
}
END_TEST

START_TEST(KS_04_a_stale_control_state_counts_unless_only_reading)
{
    stale = true;
    ask(&good, 0, false, "");
    assert_not_ready("{\"failing\":[\"control\"],\"gates\":"
                     "{\"database\":\"ok\",\"schema\":\"ok\","
                     "\"control\":\"failing\",\"GLOBAL_WRITE\":\"off\"}}");
    ask(&good, 0, false, "scope=read");
    ck_assert_uint_eq(reply.status, 200);
    stale = false;
}
END_TEST

START_TEST(KS_06_global_write_counts_unless_only_reading)
{
    ask(&good, DP_KILL_GLOBAL_WRITE, false, "");
    assert_not_ready("{\"failing\":[\"GLOBAL_WRITE\"],\"gates\":"
                     "{\"database\":\"ok\",\"schema\":\"ok\",\"control\":\"ok\","
                     "\"GLOBAL_WRITE\":\"on\"}}");

    ask(&good, DP_KILL_GLOBAL_WRITE, false, "scope=%72ead");
    assert_ready("{\"status\":\"ready\",\"gates\":{\"database\":\"ok\","
                 "\"schema\":\"ok\",\"control\":\"ok\",\"GLOBAL_WRITE\":\"on\"}}");
}
END_TEST

START_TEST(a_worker_that_leaves_is_not_ready)
{
    ask(&good, 0, true, "scope=read");
    assert_not_ready("{\"failing\":[\"worker\"],"
                     "\"gates\":{\"worker\":\"draining\"}}");
}
END_TEST

START_TEST(ERR_07_another_query_is_refused)
{
    static const char *const queries[] = {
        "scope=write", "scope", "scope=read&scope=read", "x=1",
    };

    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        ask(&good, 0, false, queries[i]);
        ck_assert_uint_eq(reply.status, 422);
        unit_assert_text(reply.code, "VALIDATION_FAILED");
    }

    ask(&good, 0, false, "scope=%");
    ck_assert_uint_eq(reply.status, 400);
    unit_assert_text(reply.code, "REQUEST_MALFORMED");
}
END_TEST

int
main(void)
{
    if (!dp_contract_open()) {
        return 1;
    }

    return UNIT_RUN("worker readiness", HLT_02_all_gates_open,
                    HLT_02_the_database_and_its_schema,
                    KS_04_a_stale_control_state_counts_unless_only_reading,
                    KS_06_global_write_counts_unless_only_reading,
                    a_worker_that_leaves_is_not_ready,
                    ERR_07_another_query_is_refused);
}
