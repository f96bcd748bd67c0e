/*
 * The log line: one JSON object per request, for access_log.
 *
 * It has ids, codes, durations and the path.  It never has a credential, a
 * query string, a header or a body; what a client wrote is redacted.
 */

#include "dp_id.h"
#include "dp_json_out.h"
#include "dp_redact.h"
#include "ngx_http_devpilot_variables.h"
#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_measure.h"

#define PATH_MAX_BYTES 1024 /* of a longer path the rest is left out */
#define METHOD_MAX_BYTES 32
#define SECRET_BYTES 256 /* seen of one that the cut goes through */
#define FIXED_BYTES 1536    /* names, ids, numbers and punctuation */
#define ESCAPE 6            /* bytes of output per byte of text, at most */

typedef struct {
    ngx_uint_t  status;
    dp_error_t  code;
    const char *reason; /* who decided; NULL: there was nothing to decide */
} outcome_t;

/* The path as the client sent it, up to its query. */
static dp_slice_t
path_sent(const ngx_http_request_t *r)
{
    const u_char *start = r->unparsed_uri.data;
    size_t        len = r->unparsed_uri.len;
    const u_char *query = len == 0 ? NULL : memchr(start, '?', len);

    return dp_slice(start, query == NULL ? len : (size_t) (query - start));
}

static void
name_write(dp_writer_t *writer, const char *name)
{
    dp_write_text(writer, ",\"");
    dp_write_text(writer, name);
    dp_write_text(writer, "\":");
}

static void
text_member(dp_writer_t *writer, const char *name, dp_slice_t text)
{
    if (text.len != 0) {
        name_write(writer, name);
        dp_json_string(writer, text);
    }
}

/* Text of our own making, that needs no escapes. */
static void
plain_member(dp_writer_t *writer, const char *name, dp_slice_t text)
{
    name_write(writer, name);
    dp_write_text(writer, "\"");
    dp_write_bytes(writer, text);
    dp_write_text(writer, "\"");
}

/* What a client wrote: its first bytes, without secrets. */
static void
client_member(dp_writer_t *writer, const char *name, dp_slice_t text,
              size_t max)
{
    u_char seen[PATH_MAX_BYTES + SECRET_BYTES];

    text.len = ngx_min(text.len, max + SECRET_BYTES);

    if (dp_redact_suspects(text)) {
        ngx_memcpy(seen, text.data, text.len);
        text = dp_slice(seen, dp_redact(seen, text.len));
    }

    text.len = ngx_min(text.len, max);
    text_member(writer, name, text);
}

static void
id_member(dp_writer_t *writer, const char *name, const uint8_t *id)
{
    name_write(writer, name);
    dp_json_id(writer, id);
}

static void
hex_member(dp_writer_t *writer, const char *name, const uint8_t *bytes,
           size_t len)
{
    char text[2 * DP_TRACE_ID_SIZE];

    dp_hex_format(text, bytes, len);
    plain_member(writer, name, dp_slice(text, 2 * len));
}

static void
uint_member(dp_writer_t *writer, const char *name, uint64_t value)
{
    name_write(writer, name);
    dp_json_uint(writer, value);
}

static void
identity_members(dp_writer_t *writer, const ngx_http_request_t *r,
                 const ngx_http_devpilot_ctx_t *ctx)
{
    uint8_t project_id[DP_ID_SIZE];
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    id_member(writer, "requestId", ctx->request_id);
    client_member(writer, "clientRequestId", ctx->client_request_id,
                  PATH_MAX_BYTES);
    hex_member(writer, "traceId", ctx->trace.trace_id, DP_TRACE_ID_SIZE);
    hex_member(writer, "spanId", ctx->trace.span_id, DP_TRACE_SPAN_SIZE);

    if (!dp_slice_zero(dp_slice(ctx->client_trace.trace_id, DP_TRACE_ID_SIZE))) {
        hex_member(writer, "clientTraceId", ctx->client_trace.trace_id,
                   DP_TRACE_ID_SIZE);
    }

    if (ctx->principal.kind != DP_PRINCIPAL_NONE) {
        if (mcf->log_mask_user) {
            text_member(writer, "userId", DP_SLICE("***"));

        } else {
            id_member(writer, "userId", ctx->principal.user_id);
        }

        id_member(writer, "organizationId", ctx->principal.org_id);
    }

    /* only when it is one: text of a client's making is not */
    if (ngx_http_devpilot_project_id(ctx, project_id) == NGX_OK) {
        id_member(writer, "projectId", project_id);
    }
}

/*
 * What the line says became of the request.  An error that is not ours (its page
 * was configured, or an upstream sent it) is told by its status.
 */
static outcome_t
outcome_of(const ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx)
{
    outcome_t outcome = {
        .status = ngx_http_devpilot_status_sent(r),
        .code = ctx->code,
        .reason = ctx->reason,
    };

    if (outcome.code == DP_OK && outcome.status == NGX_HTTP_CLIENT_CLOSED_REQUEST)
    {
        outcome.reason = "client";

    } else if (outcome.code == DP_OK && outcome.status >= NGX_HTTP_BAD_REQUEST) {
        outcome.code = dp_error_for_status((unsigned) outcome.status);
        outcome.reason = r->upstream != NULL ? "upstream" : "nginx";
    }

    return outcome;
}

/* Which rule of limits, signal of abuse or switch was behind it; or empty. */
static dp_slice_t
rule_of(const ngx_http_devpilot_ctx_t *ctx)
{
    static const char kill_switch[] = "OPS_KILL_SWITCH_";
    const char       *code = dp_error_row(ctx->code)->code;

    if (ctx->limits.refused) {
        return dp_slice_text(
            ngx_http_devpilot_rules[ctx->limits.refused_by].name);
    }

    if (ctx->abuse.refused) {
        return dp_slice_text(dp_abuse_signal_name(ctx->abuse.signal));
    }

    return ngx_strncmp(code, kill_switch, sizeof(kill_switch) - 1) == 0
               ? dp_slice_text(code + sizeof(kill_switch) - 1)
               : dp_slice(NULL, 0);
}

/* Which of them would have refused it, were it not in its shadow. */
static dp_slice_t
shadow_rule_of(const ngx_http_devpilot_ctx_t *ctx)
{
    if (ctx->abuse.would_refuse) {
        return dp_slice_text(dp_abuse_signal_name(ctx->abuse.signal));
    }

    return ctx->limits.would_refuse
               ? dp_slice_text(
                     ngx_http_devpilot_rules[ctx->limits.would_refuse_by].name)
               : dp_slice(NULL, 0);
}

static void
decision_members(dp_writer_t *writer, const ngx_http_devpilot_ctx_t *ctx,
                 const outcome_t *outcome)
{
    const dp_error_row_t *row = dp_error_row(outcome->code);
    unsigned              tier = ngx_http_devpilot_abuse_tier(&ctx->abuse);

    if (outcome->code != DP_OK) {
        text_member(writer, "code", dp_slice_text(row->code));
        text_member(writer, "severity", dp_slice_text(row->severity));
        text_member(writer, "rule", rule_of(ctx));
    }

    text_member(writer, "reason", dp_slice_text(outcome->reason));
    text_member(writer, "shadowRule", shadow_rule_of(ctx));

    if (tier != DP_ABUSE_NORMAL) {
        text_member(writer, "abuseTier",
                    dp_slice_text(dp_abuse_tier_name(tier)));
    }
}

static void
measure_members(dp_writer_t *writer, const ngx_http_request_t *r,
                const ngx_http_devpilot_ctx_t *ctx)
{
    uint_member(writer, "durationMs", ngx_http_devpilot_duration_ms(r));
    uint_member(writer, "workerMs", (ctx->worker_us + 500) / 1000);
    uint_member(writer, "bytesSent", (uint64_t) r->connection->sent);
}

static void
request_members(dp_writer_t *writer, const ngx_http_request_t *r,
                const ngx_http_devpilot_ctx_t *ctx)
{
    const dp_route_t *route = ctx->match.route;

    client_member(writer, "method",
                  dp_slice(r->method_name.data, r->method_name.len),
                  METHOD_MAX_BYTES);
    text_member(writer, "action",
                dp_slice_text(route == NULL ? NULL : route->operation));
    client_member(writer, "path", path_sent(r), PATH_MAX_BYTES);
}

static void
line_write(dp_writer_t *writer, const ngx_http_request_t *r,
           const ngx_http_devpilot_ctx_t *ctx)
{
    const ngx_str_t      *client = &r->connection->addr_text;
    const outcome_t       outcome = outcome_of(r, ctx);
    const dp_error_row_t *row = dp_error_row(outcome.code);
    ngx_uint_t            refused = outcome.code != DP_OK;

    dp_write_text(writer, "{\"timestamp\":");
    dp_json_time(writer, ngx_http_devpilot_wall_us());
    text_member(writer, "level", dp_slice_text(refused ? row->severity : "info"));
    text_member(writer, "service", DP_SLICE("edge"));
    text_member(writer, "message",
                dp_slice_text(refused ? row->message : "request"));
    identity_members(writer, r, ctx);
    request_members(writer, r, ctx);
    uint_member(writer, "status", outcome.status);
    decision_members(writer, ctx, &outcome);
    measure_members(writer, r, ctx);
    text_member(writer, "clientAddress", dp_slice(client->data, client->len));
    dp_write_text(writer, "}");
}

ngx_int_t
ngx_http_devpilot_log_line(ngx_http_request_t *r, ngx_str_t *line)
{
    u_char                        *start;
    dp_writer_t                    writer;
    const ngx_http_devpilot_ctx_t *ctx = ngx_http_devpilot_context(r);
    size_t size = FIXED_BYTES
                  + ESCAPE * (ngx_min(r->unparsed_uri.len, PATH_MAX_BYTES)
                              + r->connection->addr_text.len);

    start = ngx_pnalloc(r->pool, size);
    if (ctx == NULL || start == NULL) {
        return NGX_ERROR;
    }

    writer = dp_writer(start, size);
    line_write(&writer, r, ctx);

    if (writer.failed) {
        return NGX_ERROR;
    }

    line->data = start;
    line->len = dp_written(&writer).len;

    return NGX_OK;
}
