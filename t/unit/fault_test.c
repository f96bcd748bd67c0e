/*
 * What failures of the database mean: the caller's error and the retry.
 */

#include "db/fault.h"
#include "unit.h"

START_TEST(each_state_has_its_error_and_its_retry)
{
    static const struct {
        const char *sqlstate;
        dp_error_t  error;
        dp_retry_t  retry;
        bool        reconnect;
    } rows[] = {
        {"40001", DP_ERR_DATABASE_CONTENTION, DP_RETRY_PAUSED, false},
        {"40P01", DP_ERR_DATABASE_CONTENTION, DP_RETRY_PAUSED, false},
        {"55P03", DP_ERR_DATABASE_CONTENTION, DP_RETRY_NEVER, false},
        {"57014", DP_ERR_WORKER_TIMEOUT, DP_RETRY_NEVER, false},
        {"57P01", DP_ERR_DATABASE_UNAVAILABLE, DP_RETRY_CONNECTED, true},
        {"53300", DP_ERR_DATABASE_UNAVAILABLE, DP_RETRY_CONNECTED, true},
        {"25006", DP_ERR_DATABASE_UNAVAILABLE, DP_RETRY_CONNECTED, true},
        {"08006", DP_ERR_DATABASE_UNAVAILABLE, DP_RETRY_CONNECTED, true},
        {"26000", DP_ERR_INTERNAL, DP_RETRY_CONNECTED, true},
        {"DP409", DP_ERR_STATE_CONFLICT, DP_RETRY_NEVER, false},
        {"DP410", DP_ERR_PROJECT_DELETED, DP_RETRY_NEVER, false},
        {"DP403", DP_ERR_INTERNAL, DP_RETRY_NEVER, false},
        {"23505", DP_ERR_INTERNAL, DP_RETRY_NEVER, false},
        {"42501", DP_ERR_INTERNAL, DP_RETRY_NEVER, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        dp_fault_t fault = dp_fault_find(rows[i].sqlstate, NULL);

        ck_assert_msg(fault.error == rows[i].error, "%s", rows[i].sqlstate);
        ck_assert_msg(fault.retry == rows[i].retry, "%s", rows[i].sqlstate);
        ck_assert_msg(fault.reconnect == rows[i].reconnect, "%s",
                      rows[i].sqlstate);
    }
}
END_TEST

START_TEST(a_constraint_outranks_its_state)
{
    ck_assert_int_eq(dp_fault_find("23505", "project_slug_key").retry,
                     DP_RETRY_PAUSED);
    ck_assert_int_eq(dp_fault_find("23505", "project_slug_key_2").error,
                     DP_ERR_INTERNAL);
    ck_assert_int_eq(dp_fault_find("23505", "project_slug").error,
                     DP_ERR_INTERNAL);
}
END_TEST

START_TEST(a_failure_without_a_state_is_ours)
{
    ck_assert_int_eq(dp_fault_find(NULL, NULL).error, DP_ERR_INTERNAL);
    ck_assert_int_eq(dp_fault_of(NULL).error, DP_ERR_INTERNAL);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("database faults", each_state_has_its_error_and_its_retry,
                    a_constraint_outranks_its_state,
                    a_failure_without_a_state_is_ours);
}
