/*
 * Readiness: the gates as rows, and the answer they add up to.
 */

#include "readiness.h"

#include "dp_contract.h"
#include "dp_json_out.h"
#include "dp_kill_switch.h"
#include "dp_routes_index.h"

#define QUERY_SIZE 1024 /* more than any valid query needs */
#define GATES 4

typedef struct {
    const char *name;
    const char *state;
    bool        open;
    bool        counts; /* in the scope that was asked for */
} gate_t;

static void
write_failing(dp_writer_t *text, const gate_t *gates)
{
    const char *separator = "";

    dp_write_text(text, "{\"failing\":[");

    for (size_t i = 0; i < GATES; i++) {
        if (gates[i].counts && !gates[i].open) {
            dp_write_text(text, separator);
            dp_json_string(text, dp_slice_text(gates[i].name));
            separator = ",";
        }
    }

    dp_write_text(text, "],");
}

static void
write_gates(dp_writer_t *text, const gate_t *gates)
{
    const char *separator = "";

    dp_write_text(text, "\"gates\":{");

    for (size_t i = 0; i < GATES; i++) {
        dp_write_text(text, separator);
        dp_json_string(text, dp_slice_text(gates[i].name));
        dp_write_text(text, ":");
        dp_json_string(text, dp_slice_text(gates[i].state));
        separator = ",";
    }

    dp_write_text(text, "}}");
}

static bool
all_open(const gate_t *gates)
{
    for (size_t i = 0; i < GATES; i++) {
        if (gates[i].counts && !gates[i].open) {
            return false;
        }
    }

    return true;
}

static void
refuse(dp_wire_reply_t *reply, dp_error_t error, dp_slice_t details)
{
    const dp_error_row_t *row = dp_error_row(error);

    *reply = (dp_wire_reply_t) {
        .status = row->status,
        .code = dp_slice_text(row->code),
        .details = details,
    };
}

/* False, and the reply refuses, when the query is not the contract's. */
static bool
scope_read(dp_slice_t query, bool *read_only, dp_writer_t *text,
           dp_wire_reply_t *reply)
{
    uint8_t         buffer[QUERY_SIZE];
    dp_verdict_t    verdict;
    dp_parameters_t parameters = {
        .route = &dp_routes[DP_ROUTE_getReadiness],
        .query = query,
        .buffer = buffer,
    };

    dp_verdict_begin(&verdict);

    if (query.len > sizeof(buffer)) {
        dp_verdict_fail(&verdict, DP_ERR_REQUEST_MALFORMED);
    } else {
        dp_contract_parameters(&verdict, &parameters);
    }

    if (verdict.code != DP_OK) {
        dp_verdict_render(text, &verdict);
        refuse(reply, verdict.code, dp_written(text));
        return false;
    }

    *read_only = dp_parameter_present(&parameters, "scope");

    return true;
}

static void
answer_gates(const gate_t *gates, dp_writer_t *text, dp_wire_reply_t *reply)
{
    if (all_open(gates)) {
        dp_write_text(text, "{\"status\":\"ready\",");
        write_gates(text, gates);
        *reply = (dp_wire_reply_t) {.status = 200, .body = dp_written(text)};

    } else {
        write_failing(text, gates);
        write_gates(text, gates);
        refuse(reply, DP_ERR_OPS_NOT_READY, dp_written(text));
    }
}

void
dp_readiness_answer(const dp_readiness_t *state, dp_slice_t query,
                    dp_writer_t *text, dp_wire_reply_t *reply)
{
    bool database_ok = state->probe.reachable;
    bool schema_ok = database_ok && state->probe.schema_ok;
    bool writes_off = state->switches & DP_KILL_GLOBAL_WRITE;
    bool control_ok = state->control_ok;
    bool read_only;

    if (!scope_read(query, &read_only, text, reply)) {
        return;
    }

    if (state->draining) {
        refuse(reply, DP_ERR_OPS_NOT_READY,
               DP_SLICE("{\"failing\":[\"worker\"],"
                        "\"gates\":{\"worker\":\"draining\"}}"));
        return;
    }

    answer_gates(
        (const gate_t[GATES]) {
            {"database", database_ok ? "ok" : "failing", database_ok, true},
            {"schema", schema_ok ? "ok" : "failing", schema_ok, true},
            {"control", control_ok ? "ok" : "failing", control_ok, !read_only},
            {"GLOBAL_WRITE", writes_off ? "on" : "off", !writes_off, !read_only},
        },
        text, reply);
}
