/*
 * Prometheus' text: histograms, labels, and the union of several texts.
 */

#include "dp_prometheus.h"
#include "unit.h"

static const dp_prometheus_bound_t bounds[] = {
    {1000, "0.000001"}, {2000000000, "2"}, {UINT64_MAX, "+Inf"},
};

static char        text[4096];
static dp_writer_t out;

static void
out_begin(void)
{
    out = dp_writer(text, sizeof(text));
}

static void
out_is(const char *wanted)
{
    dp_slice_t written = dp_written(&out);

    ck_assert(!out.failed);
    ck_assert_msg(dp_slice_equal(written, dp_slice_text(wanted)), "%.*s",
                  (int) written.len, (const char *) written.data);
}

START_TEST(a_duration_belongs_to_one_bucket)
{
    ck_assert_uint_eq(dp_prometheus_bucket(bounds, 0), 0);
    ck_assert_uint_eq(dp_prometheus_bucket(bounds, 1000), 0);
    ck_assert_uint_eq(dp_prometheus_bucket(bounds, 1001), 1);
    ck_assert_uint_eq(dp_prometheus_bucket(bounds, 2000000001), 2);
    ck_assert_uint_eq(dp_prometheus_bucket(bounds, UINT64_MAX), 2);
}
END_TEST

START_TEST(a_histogram_is_cumulative)
{
    const uint64_t                  counts[] = {1, 2, 4};
    const dp_prometheus_histogram_t histogram = {bounds, counts, 2000000001};

    out_begin();
    dp_prometheus_histogram(&out, "a_seconds", "", &histogram);
    out_is("a_seconds_bucket{le=\"0.000001\"} 1\n"
           "a_seconds_bucket{le=\"2\"} 3\n"
           "a_seconds_bucket{le=\"+Inf\"} 7\n"
           "a_seconds_sum 2.000000001\n"
           "a_seconds_count 7\n");

    out_begin();
    dp_prometheus_histogram(&out, "a", "b=\"c\"", &histogram);
    out_is("a_bucket{b=\"c\",le=\"0.000001\"} 1\n"
           "a_bucket{b=\"c\",le=\"2\"} 3\n"
           "a_bucket{b=\"c\",le=\"+Inf\"} 7\n"
           "a_sum{b=\"c\"} 2.000000001\n"
           "a_count{b=\"c\"} 7\n");
}
END_TEST

START_TEST(a_label_is_escaped)
{
    out_begin();
    dp_prometheus_label(&out, "a", DP_SLICE("b\"c\\d\ne"));
    out_is("a=\"b\\\"c\\\\d\\ne\"");
}
END_TEST

#define FAMILY(name, kind) "# HELP " name " About it.\n# TYPE " name " " kind "\n"

static void
merge(const char *first, const char *second)
{
    dp_prometheus_part_t parts[] = {
        {.text = dp_slice_text(first), .label = DP_SLICE("i=\"1\"")},
        {.text = dp_slice_text(second), .label = DP_SLICE("i=\"2\"")},
    };
    size_t size = dp_prometheus_merge_size(parts, 2);

    out_begin();
    ck_assert_uint_le(size, sizeof(text));
    out.end = out.start + size;
    dp_prometheus_merge(&out, parts, 2);
}

START_TEST(OBS_09_texts_of_one_kind_are_merged_family_by_family)
{
    merge(FAMILY("a_total", "counter") "a_total{b=\"c\"} 1\na_total{b=\"d\"} 2\n"
          FAMILY("e", "gauge") "e 3\n",
          FAMILY("a_total", "counter") "a_total{b=\"c\"} 4\na_total{b=\"d\"} 5\n"
          FAMILY("e", "gauge") "e 6\n");
    out_is(FAMILY("a_total", "counter")
           "a_total{i=\"1\",b=\"c\"} 1\na_total{i=\"1\",b=\"d\"} 2\n"
           "a_total{i=\"2\",b=\"c\"} 4\na_total{i=\"2\",b=\"d\"} 5\n"
           FAMILY("e", "gauge") "e{i=\"1\"} 3\ne{i=\"2\"} 6\n");
}
END_TEST

START_TEST(OBS_09_families_of_another_version_are_merged_too)
{
    merge(FAMILY("a", "gauge") "a 1\n" FAMILY("b", "gauge") "b 2\n",
          FAMILY("c", "gauge") "c 3\n" FAMILY("b", "gauge") "b 4\n"
          FAMILY("a", "gauge") "a 5\n");
    out_is(FAMILY("a", "gauge") "a{i=\"1\"} 1\na{i=\"2\"} 5\n"
           FAMILY("b", "gauge") "b{i=\"1\"} 2\nb{i=\"2\"} 4\n"
           FAMILY("c", "gauge") "c{i=\"2\"} 3\n");

    merge("", FAMILY("a", "gauge") "a 1\n");
    out_is(FAMILY("a", "gauge") "a{i=\"2\"} 1\n");
}
END_TEST

START_TEST(what_is_no_sample_of_the_family_is_left_out)
{
    merge("stray 1\n" FAMILY("a", "gauge") "a 1\nab 2\nb 3\n# EOF\n\n{x} 4\na\n",
          FAMILY("h", "histogram")
          "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\nh_other 1\nno end");
    out_is(FAMILY("a", "gauge") "a{i=\"1\"} 1\n"
           FAMILY("h", "histogram") "h_bucket{i=\"2\",le=\"+Inf\"} 1\n"
           "h_sum{i=\"2\"} 1\nh_count{i=\"2\"} 1\n");
}
END_TEST

START_TEST(a_family_that_comes_twice_is_taken_once)
{
    merge(FAMILY("a", "gauge") "a 1\n" FAMILY("b", "gauge") "b 1\n"
          FAMILY("a", "gauge") "a 2\n", FAMILY("a", "gauge") "a 3\n");
    out_is(FAMILY("a", "gauge") "a{i=\"1\"} 1\na{i=\"2\"} 3\n"
           FAMILY("b", "gauge") "b{i=\"1\"} 1\n");
}
END_TEST

int
main(void)
{
    return UNIT_RUN("prometheus", a_duration_belongs_to_one_bucket,
                    a_histogram_is_cumulative, a_label_is_escaped,
                    OBS_09_texts_of_one_kind_are_merged_family_by_family,
                    OBS_09_families_of_another_version_are_merged_too,
                    what_is_no_sample_of_the_family_is_left_out,
                    a_family_that_comes_twice_is_taken_once);
}
