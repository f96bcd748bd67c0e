/*
 * getHealth: the edge serves, and what it knows of the worker and its database.
 *
 * Always a 200, and nobody is waited for: the worker's state is that of the
 * channels at this moment, the rest is what ngx_http_devpilot_probe.c keeps.
 */

#include "config.h"
#include "dp_json_out.h"
#include "ngx_http_devpilot_probe.h"
#include "ngx_http_devpilot_zone.h"

#define TEXT_SIZE 1024
#define FRESH_S 5 /* what is older says so */

typedef struct {
    const char *name;
    const char *status; /* healthy, degraded, unhealthy, unknown */
    uint64_t    latency_ms;
    const char *note; /* NULL: none */
    uint64_t    age_s;
} check_t;

static const struct {
    const char *status;
    const char *note;
} databases[] = {
    [DP_WIRE_DATABASE_UNKNOWN] = {"unknown", "not asked yet"},
    [DP_WIRE_DATABASE_OK] = {"healthy", NULL},
    [DP_WIRE_DATABASE_FOREIGN] = {"degraded", "has not the worker's schema"},
    [DP_WIRE_DATABASE_DOWN] = {"unhealthy", "does not answer the worker"},
};

static check_t
worker_check(const ngx_http_devpilot_channels_t *channels,
             const ngx_http_devpilot_findings_t *findings)
{
    ngx_uint_t ready = ngx_http_devpilot_channels_ready(channels);
    check_t    check = {.name = "worker", .status = "degraded"};

    if (ready == 0) {
        check.status = "unhealthy";
        check.note = "not connected";
        return check;
    }

    if (findings->overdue) {
        check.note = "slow to answer";
        return check;
    }

    check.latency_ms = findings->worker_ms;

    if (ready < channels->count) {
        check.note = "one of several is not connected";

    } else {
        check.status = "healthy";
    }

    return check;
}

static check_t
database_check(const ngx_http_devpilot_channels_t *channels,
               const ngx_http_devpilot_findings_t *findings)
{
    if (ngx_http_devpilot_channels_ready(channels) == 0) {
        return (check_t) {
            .name = "database",
            .status = "unknown",
            .note = "there is no worker to ask",
        };
    }

    return (check_t) {
        .name = "database",
        .status = databases[findings->database].status,
        .latency_ms = findings->database_ms,
        .note = databases[findings->database].note,
        .age_s = findings->database == DP_WIRE_DATABASE_UNKNOWN
                     ? 0
                     : findings->age_s,
    };
}

/* ,"note":"...", with how old the news is. */
static void
note_write(dp_writer_t *writer, const check_t *check)
{
    u_char  text[96];
    u_char *last = text + sizeof(text);
    u_char *end = text;

    if (check->note != NULL) {
        end = ngx_slprintf(end, last, "%s", check->note);
    }

    if (check->age_s > FRESH_S) {
        end = ngx_slprintf(end, last, "%sas of %uL s ago",
                           end == text ? "" : ", ", check->age_s);
    }

    if (end != text) {
        dp_write_text(writer, ",\"note\":");
        dp_json_string(writer, dp_slice(text, (size_t) (end - text)));
    }
}

static void
check_write(dp_writer_t *writer, const check_t *check)
{
    dp_json_string(writer, dp_slice_text(check->name));
    dp_write_text(writer, ":{\"status\":");
    dp_json_string(writer, dp_slice_text(check->status));

    if (check->latency_ms != 0) {
        dp_write_text(writer, ",\"latency_ms\":");
        dp_json_uint(writer, check->latency_ms);
    }

    note_write(writer, check);
    dp_write_text(writer, "}");
}

/* Without a worker nothing but this edge works; what is unknown counts for none. */
static const char *
overall_status(const check_t *worker, const check_t *database)
{
    ngx_uint_t healthy = ngx_strcmp(worker->status, "healthy") == 0
                         && (ngx_strcmp(database->status, "healthy") == 0
                             || ngx_strcmp(database->status, "unknown") == 0);

    return healthy ? "healthy" : "degraded";
}

static void
health_write(dp_writer_t *writer, const ngx_http_devpilot_main_conf_t *mcf)
{
    const ngx_http_devpilot_findings_t findings = ngx_http_devpilot_probe_read();
    const check_t worker = worker_check(&mcf->channels, &findings);
    const check_t database = database_check(&mcf->channels, &findings);

    dp_write_text(writer, "{\"status\":");
    dp_json_string(writer, dp_slice_text(overall_status(&worker, &database)));
    dp_write_text(writer, ",\"service\":\"devpilot\",\"version\":\""
                          DP_VERSION "\",\"uptime_seconds\":");
    dp_json_uint(writer, (uint64_t) ngx_time() - ngx_http_devpilot_started_s(mcf));
    dp_write_text(writer, ",\"checks\":{");
    check_write(writer, &worker);
    dp_write_text(writer, ",");
    check_write(writer, &database);
    dp_write_text(writer, "}}");
}

ngx_int_t
ngx_http_devpilot_health(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    u_char     *text = ngx_pnalloc(r->pool, TEXT_SIZE);
    dp_writer_t writer = dp_writer(text, TEXT_SIZE);

    if (text == NULL) {
        return ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
    }

    health_write(&writer,
                 ngx_http_get_module_main_conf(r, ngx_http_devpilot_module));

    return ngx_http_devpilot_respond_text(r, DP_SLICE("application/json"),
                                          dp_written(&writer));
}
