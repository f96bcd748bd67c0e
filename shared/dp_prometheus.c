/*
 * Lines of Prometheus' text format.  See dp_prometheus.h.
 */

#include "dp_prometheus.h"

#include "dp_json_out.h"

static void
comment_write(dp_writer_t *writer, const char *what, const char *name,
              const char *text)
{
    dp_write_text(writer, what);
    dp_write_text(writer, name);
    dp_write_text(writer, " ");
    dp_write_text(writer, text);
    dp_write_text(writer, "\n");
}

void
dp_prometheus_family(dp_writer_t *writer, const char *name, const char *kind,
                     const char *help)
{
    comment_write(writer, "# HELP ", name, help);
    comment_write(writer, "# TYPE ", name, kind);
}

void
dp_prometheus_seconds(dp_writer_t *writer, uint64_t ns)
{
    dp_json_uint(writer, ns / 1000000000);
    dp_write_text(writer, ".");

    for (uint64_t digit = 100000000; digit != 0; digit /= 10) {
        dp_write_u8(writer, (uint8_t) ('0' + ns / digit % 10));
    }
}

void
dp_prometheus_label(dp_writer_t *writer, const char *name, dp_slice_t value)
{
    dp_write_text(writer, name);
    dp_write_text(writer, "=\"");

    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = value.data[i];

        if (byte == '\n') {
            dp_write_text(writer, "\\n");
            continue;
        }

        if (byte == '"' || byte == '\\') {
            dp_write_u8(writer, '\\');
        }

        dp_write_u8(writer, byte);
    }

    dp_write_text(writer, "\"");
}

size_t
dp_prometheus_bucket(const dp_prometheus_bound_t *bounds, uint64_t ns)
{
    size_t i = 0;

    while (ns > bounds[i].ns) {
        i++;
    }

    return i;
}

/* name_suffix{labels,le="bound"} and the blank before the value. */
static void
sample_begin(dp_writer_t *writer, const char *name, const char *suffix,
             const char *labels, const char *bound)
{
    bool labelled = labels[0] != '\0';

    dp_write_text(writer, name);
    dp_write_text(writer, suffix);

    if (labelled || bound != NULL) {
        dp_write_text(writer, "{");
        dp_write_text(writer, labels);
        dp_write_text(writer, labelled && bound != NULL ? "," : "");

        if (bound != NULL) {
            dp_write_text(writer, "le=\"");
            dp_write_text(writer, bound);
            dp_write_text(writer, "\"");
        }

        dp_write_text(writer, "}");
    }

    dp_write_text(writer, " ");
}

void
dp_prometheus_histogram(dp_writer_t *writer, const char *name,
                        const char *labels,
                        const dp_prometheus_histogram_t *histogram)
{
    uint64_t                     count = 0;
    const dp_prometheus_bound_t *bound = histogram->bounds;

    for (size_t i = 0; ; i++) {
        count += histogram->counts[i];
        sample_begin(writer, name, "_bucket", labels, bound[i].seconds);
        dp_json_uint(writer, count);
        dp_write_text(writer, "\n");

        if (bound[i].ns == UINT64_MAX) {
            break;
        }
    }

    sample_begin(writer, name, "_sum", labels, NULL);
    dp_prometheus_seconds(writer, histogram->sum_ns);
    dp_write_text(writer, "\n");
    sample_begin(writer, name, "_count", labels, NULL);
    dp_json_uint(writer, count);
    dp_write_text(writer, "\n");
}
