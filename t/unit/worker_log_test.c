/*
 * The log: its lines are JSON with the edge's field names, and no secret gets
 * through.
 */

#include "log.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[64];
static char line[16384];

static void
begin(void)
{
    int fd;

    snprintf(path, sizeof(path), "/tmp/worker_log.XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert(dp_log_open(path));
}

/* All that was written so far. */
static const char *
written(void)
{
    FILE  *file = fopen(path, "r");
    size_t len;

    ck_assert_ptr_nonnull(file);
    len = fread(line, 1, sizeof(line) - 1, file);
    line[len] = '\0';
    fclose(file);

    return line;
}

static void
end(void)
{
    ck_assert(dp_log_open("stderr"));
    unlink(path);
}

static void
assert_has(const char *part)
{
    ck_assert_msg(strstr(written(), part) != NULL, "%s lacks %s", line, part);
}

static void
assert_lacks(const char *part)
{
    ck_assert_msg(strstr(written(), part) == NULL, "%s has %s", line, part);
}

START_TEST(a_line_has_the_fields_of_its_context)
{
    const uint8_t          request_id[16] = {0xab};
    const uint8_t          trace_id[16] = {0xcd};
    const uint8_t          span_id[8] = {0xef};
    const uint8_t          org_id[16] = {0x12};
    const dp_log_context_t context = {
        .request_id = request_id,
        .trace_id = trace_id,
        .span_id = span_id,
        .org_id = org_id,
        .operation = "createProject",
        .duration_us = 1500,
    };

    begin();
    dp_log(DP_LOG_ERROR, &context, DP_ERR_INTERNAL, "number %d", 7);

    assert_has("{\"timestamp\":\"20");
    assert_has("\"level\":\"error\",\"service\":\"worker\"");
    assert_has("\"message\":\"number 7\"");
    assert_has("\"requestId\":\"ab000000-0000-0000-0000-000000000000\"");
    assert_has("\"traceId\":\"cd000000000000000000000000000000\"");
    assert_has("\"spanId\":\"ef00000000000000\"");
    assert_has("\"action\":\"createProject\"");
    assert_has("\"durationMs\":2");
    assert_has("\"organizationId\":\"12000000-");
    assert_has("\"code\":\"INTERNAL\",\"severity\":\"critical\"}\n");
    assert_lacks("userId");
    end();
}
END_TEST

START_TEST(OBS_03_what_fails_always_has_id_code_and_severity)
{
    begin();
    dp_log(DP_LOG_ERROR, NULL, DP_OK, "of no request");
    assert_has("\"requestId\":null,\"code\":\"INTERNAL\",\"severity\":\"error\"}\n");
    end();

    begin();
    dp_log(DP_LOG_WARN, NULL, DP_ERR_WORKER_BUSY, "of no request");
    assert_has("\"code\":\"WORKER_BUSY\",\"severity\":\"error\"}\n");
    end();

    begin();
    dp_log(DP_LOG_WARN, NULL, DP_OK, "no failure");
    assert_lacks("requestId");
    assert_lacks("code");
    end();
}
END_TEST

START_TEST(OBS_02_an_error_has_the_level_of_its_severity)
{
    ck_assert_int_eq(dp_log_level_of(DP_ERR_RESOURCE_NOT_FOUND), DP_LOG_INFO);
    ck_assert_int_eq(dp_log_level_of(DP_ERR_AUTH_REQUIRED), DP_LOG_WARN);
    ck_assert_int_eq(dp_log_level_of(DP_ERR_WORKER_BUSY), DP_LOG_ERROR);
    ck_assert_int_eq(dp_log_level_of(DP_ERR_INTERNAL), DP_LOG_CRITICAL);
}
END_TEST

START_TEST(OBS_05_users_can_be_masked)
{
    const uint8_t          id[16] = {0xab};
    const dp_log_context_t context = {.user_id = id, .org_id = id};

    begin();
    dp_log_mask_users(true);
    dp_log(DP_LOG_INFO, &context, DP_OK, "masked");
    dp_log_mask_users(false);
    assert_has("\"organizationId\":\"ab000000-");
    assert_has("\"userId\":\"***\"");
    end();

    begin();
    dp_log(DP_LOG_INFO, &context, DP_OK, "plain");
    assert_has("\"userId\":\"ab000000-");
    end();
}
END_TEST

START_TEST(text_is_escaped_into_one_line)
{
    begin();
    dp_log(DP_LOG_INFO, NULL, DP_OK, "a \"b\"\n\tc \x01 %s", "\xff");

    assert_has("a \\\"b\\\"\\n\\tc \\u0001 ");
    ck_assert_ptr_eq(strchr(written(), '\n'), line + strlen(line) - 1);
    end();
}
END_TEST

START_TEST(OBS_21_a_long_text_is_cut)
{
    char text[5000];

    memset(text, 1, sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    begin();
    dp_log(DP_LOG_INFO, NULL, DP_ERR_INTERNAL, "%s", text);

    assert_has("\"severity\":\"critical\"}\n");
    ck_assert_uint_gt(strlen(written()), 6000);
    ck_assert_uint_lt(strlen(written()), 10000);
    end();
}
END_TEST

START_TEST(SEC_10_secrets_are_redacted)
{
    begin();
    dp_log(DP_LOG_INFO, NULL, DP_OK,
           "key dp_a1B2c3D4_0123456789abcdefghijklmnopqrstuvwxyzABCDEF- end");
    dp_log(DP_LOG_INFO, NULL, DP_OK, "cut dp_zzzzzzzz_q");
    dp_log(DP_LOG_INFO, NULL, DP_OK, "aws AKIAIOSFODNN7EXAMPLE, host=x "
                                     "password=hunter2 user=dp_worker");

    assert_lacks("a1B2c3D4");
    assert_lacks("ABCDEF");
    assert_has("key dp_*");
    assert_has("* end");
    assert_lacks("zzzz");
    assert_lacks("IOSFODNN7");
    assert_lacks("hunter2");
    assert_has("user=dp_worker");
    end();
}
END_TEST

START_TEST(lines_below_the_level_are_dropped)
{
    begin();
    dp_log_set_level(DP_LOG_WARN);
    dp_log(DP_LOG_INFO, NULL, DP_OK, "quiet");
    dp_log(DP_LOG_WARN, NULL, DP_OK, "loud");
    dp_log_set_level(DP_LOG_INFO);

    assert_lacks("quiet");
    assert_has("loud");
    end();
}
END_TEST

START_TEST(reopening_follows_a_rotation)
{
    char old_path[80];

    begin();
    snprintf(old_path, sizeof(old_path), "%s.1", path);
    ck_assert_int_eq(rename(path, old_path), 0);
    dp_log(DP_LOG_INFO, NULL, DP_OK, "before");
    ck_assert(dp_log_reopen());
    dp_log(DP_LOG_INFO, NULL, DP_OK, "after");

    assert_lacks("before");
    assert_has("after");
    unlink(old_path);
    end();
}
END_TEST

START_TEST(a_path_that_cannot_be_opened_leaves_the_log_as_it_is)
{
    begin();
    ck_assert(!dp_log_open("/nonexistent/log"));
    ck_assert_int_eq(errno, ENOENT);
    dp_log(DP_LOG_INFO, NULL, DP_OK, "still here");

    assert_has("still here");
    end();
}
END_TEST

START_TEST(a_pace_is_due_once_a_second)
{
    static dp_log_pace_t pace;
    unsigned             due = 0;

    for (size_t i = 0; i < 1000; i++) {
        due += dp_log_is_due(&pace);
    }

    ck_assert_uint_ge(due, 1);
    ck_assert_uint_le(due, 2);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker log", a_line_has_the_fields_of_its_context,
                    OBS_03_what_fails_always_has_id_code_and_severity,
                    OBS_02_an_error_has_the_level_of_its_severity,
                    OBS_05_users_can_be_masked,
                    text_is_escaped_into_one_line, OBS_21_a_long_text_is_cut,
                    SEC_10_secrets_are_redacted,
                    lines_below_the_level_are_dropped,
                    reopening_follows_a_rotation,
                    a_path_that_cannot_be_opened_leaves_the_log_as_it_is,
                    a_pace_is_due_once_a_second);
}
