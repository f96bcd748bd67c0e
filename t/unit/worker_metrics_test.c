/*
 * Metrics: their Prometheus text.
 */

#include "metrics.h"
#include "unit.h"

#include <stdio.h>

static char text[DP_METRICS_TEXT_SIZE + 1];

static void
render(void)
{
    dp_writer_t writer = dp_writer(text, sizeof(text) - 1);

    dp_metrics_render(&writer);
    ck_assert(!writer.failed);
    text[dp_written(&writer).len] = '\0';
}

static void
assert_has(const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "%s lacks %s", text, part);
}

static size_t
occurrences(const char *part)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at++) {
        count++;
    }

    return count;
}

START_TEST(counters_and_gauges)
{
    dp_metric_add(DP_METRIC_MESSAGES_REQUEST, 1);
    dp_metric_add(DP_METRIC_MESSAGES_REQUEST, 41);
    dp_metric_set(DP_METRIC_QUEUE_LENGTH, -3);
    ck_assert_int_eq(dp_metric_get(DP_METRIC_MESSAGES_REQUEST), 42);
    render();

    assert_has("\ndevpilot_worker_messages_total{kind=\"request\"} 42\n");
    assert_has("\ndevpilot_worker_queue_length -3\n");
    assert_has("# TYPE devpilot_worker_messages_total counter\n");
    assert_has("# TYPE devpilot_worker_queue_length gauge\n");
    ck_assert_uint_eq(occurrences("# TYPE devpilot_worker_messages_total"), 1);
}
END_TEST

START_TEST(a_histogram_is_cumulative)
{
    dp_histogram_observe(DP_HISTOGRAM_OPERATION, 100);
    dp_histogram_observe(DP_HISTOGRAM_OPERATION, 101);
    dp_histogram_observe(DP_HISTOGRAM_OPERATION, 6000000);
    render();

    assert_has("devpilot_worker_operation_seconds_bucket{le=\"0.0001\"} 1\n");
    assert_has("devpilot_worker_operation_seconds_bucket{le=\"0.00025\"} 2\n");
    assert_has("devpilot_worker_operation_seconds_bucket{le=\"5\"} 2\n");
    assert_has("devpilot_worker_operation_seconds_bucket{le=\"+Inf\"} 3\n");
    assert_has("devpilot_worker_operation_seconds_sum 6.000201000\n");
    assert_has("devpilot_worker_operation_seconds_count 3\n");
}
END_TEST

START_TEST(OBS_07_retries_are_a_histogram_by_provider_operation_and_code)
{
    dp_depth_observe(DP_HISTOGRAM_RETRIES_OF_CONTENTION, 1);
    dp_depth_observe(DP_HISTOGRAM_RETRIES_OF_CONTENTION, 3);
    render();

#define ROW "{provider=\"postgresql\",operation=\"transaction\",code=\"DATABASE_CONTENTION\""
    assert_has("# TYPE retry_attempts histogram\n");
    assert_has("retry_attempts_bucket" ROW ",le=\"1\"} 1\n");
    assert_has("retry_attempts_bucket" ROW ",le=\"2\"} 1\n");
    assert_has("retry_attempts_bucket" ROW ",le=\"3\"} 2\n");
    assert_has("retry_attempts_sum" ROW "} 4.000000000\n");
    assert_has("retry_attempts_count" ROW "} 2\n");
    ck_assert_uint_eq(occurrences("# TYPE retry_attempts "), 1);
}
END_TEST

START_TEST(too_small_a_buffer_is_reported)
{
    dp_writer_t writer = dp_writer(text, 100);

    dp_metrics_render(&writer);
    ck_assert(writer.failed);
}
END_TEST

/* Rows of one name stand together, or a family would be declared twice. */
START_TEST(every_family_is_declared_once)
{
    char *saved = NULL;

    render();

    for (char *at = strtok_r(text, "\n", &saved); at != NULL;
         at = strtok_r(NULL, "\n", &saved)) {
        at[strlen(at)] = '\n';

        if (strncmp(at, "# TYPE ", 7) == 0) {
            char family[200];

            snprintf(family, sizeof(family), "%.*s ",
                     (int) (strchr(at + 7, ' ') - at), at);
            ck_assert_msg(strstr(strchr(at, '\n'), family) == NULL,
                          "%s comes twice", family);
        }
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker metrics", counters_and_gauges,
                    a_histogram_is_cumulative,
                    OBS_07_retries_are_a_histogram_by_provider_operation_and_code,
                    too_small_a_buffer_is_reported,
                    every_family_is_declared_once);
}
