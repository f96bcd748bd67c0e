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
dp_prometheus_seconds(dp_writer_t *writer, uint64_t us)
{
    dp_json_uint(writer, us / 1000000);
    dp_write_text(writer, ".");

    for (uint64_t digit = 100000; digit != 0; digit /= 10) {
        dp_write_u8(writer, (uint8_t) ('0' + us / digit % 10));
    }
}
