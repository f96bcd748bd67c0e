/*
 * Writing audit events, and the table of what a refusal is called in them.
 */

#include "audit.h"

#include <string.h>

#include "json/render.h"

static const dp_statement_t audit = {
    .name = "audit.event",
    .sql = "select app.audit($1, $2, $3, $4, $5, $6::json, $7, $8)",
    .rows = DP_ROWS_ONE,
};

/*
 * What was not there for the caller: when the path names a resource of others,
 * the event says so, and is about that one.
 */
static const dp_statement_t audit_absent = {
    .name = "audit.absent",
    .sql = "select app.audit(case when v.type is null then $1"
           "                      else 'access.ownership_violation' end,"
           "                 coalesce(v.type, $2), coalesce(v.id, $3), $4,"
           "                 case when v.type is null then $5"
           "                      else 'OWNERSHIP_VIOLATION' end,"
           "                 $6::json, $7, $8)"
           "  from (values (1)) one"
           "  left join app.ownership_violated($9::json) v on true",
    .rows = DP_ROWS_ONE,
};

typedef struct {
    dp_error_t  error; /* DP_OK: a stored answer was replayed */
    const char *action;
    const char *outcome;
} denial_row_t;

static const denial_row_t denials[] = {
    {DP_ERR_AUTH_FORBIDDEN, "access.denied", "denied"},
    {DP_ERR_RESOURCE_NOT_FOUND, "access.denied", "denied"},
    {DP_ERR_QUOTA_EXCEEDED, "quota.exceeded", "denied"},
    {DP_ERR_SUBSCRIPTION_INACTIVE, "subscription.inactive", "denied"},
    {DP_ERR_IDEMPOTENCY_KEY_REUSED, "idempotency.key_reused", "denied"},
    {DP_ERR_IDEMPOTENCY_IN_PROGRESS, "idempotency.duplicate_suppressed",
     "suppressed"},
    {DP_OK, "idempotency.replay_detected", "suppressed"},
};

static dp_value_t
text_or_null(const char *text)
{
    return dp_text_or_null(dp_slice_text(text));
}

/* By dp_principal_kind_t: who acts. */
static const char *const actor_types[] = {
    [DP_PRINCIPAL_NONE] = "system",
    [DP_PRINCIPAL_API_KEY] = "api_key",
    [DP_PRINCIPAL_SESSION] = "user",
    [DP_PRINCIPAL_EXTERNAL] = "user",
};

dp_value_t
dp_audit_actor(const dp_op_t *op)
{
    bool public = op->route->role_scope == DP_ROLE_PUBLIC;

    return text_or_null(actor_types[public ? DP_PRINCIPAL_NONE
                                           : op->request->principal.kind]);
}

void
dp_audit(dp_op_t *op, const dp_audit_t *event)
{
    dp_transaction_queue(op, &audit,
                         DP_BIND(text_or_null(event->action),
                                 text_or_null(event->target_type),
                                 dp_text(event->target_id),
                                 text_or_null(event->outcome),
                                 text_or_null(event->code),
                                 dp_text_or_null(event->detail),
                                 event->by_user ? text_or_null("user")
                                                : dp_audit_actor(op),
                                 dp_transaction_trace(op)));
}

void
dp_audit_change(dp_op_t *op, const char *target_type, dp_slice_t target_id,
                dp_slice_t detail)
{
    dp_audit(op, &(dp_audit_t) {
                     .action = op->route->audit_action,
                     .target_type = target_type,
                     .target_id = target_id,
                     .outcome = "success",
                     .detail = detail,
                 });
}

static const denial_row_t *
denial_find(const dp_op_t *op)
{
    if (op->error == DP_OK && op->reply.replayed == 0) {
        return NULL;
    }

    for (size_t i = 0; i < sizeof(denials) / sizeof(*denials); i++) {
        if (denials[i].error == op->error) {
            return &denials[i];
        }
    }

    return NULL;
}

/* What a parameter names: projectId a project. */
static dp_slice_t
param_type(const dp_op_t *op, size_t i)
{
    const char *name = op->route->param_names[i];

    return dp_slice(name, strlen(name) - strlen("Id"));
}

/* {"org":"...","user":"..."} of the path. */
static dp_slice_t
params_render(const dp_op_t *op)
{
    size_t      size = sizeof("{}");
    dp_writer_t writer;

    for (size_t i = 0; i < op->route->param_count; i++) {
        size += sizeof(",\"\":\"\"") + param_type(op, i).len
                + 6 * op->request->params[i].len;
    }

    writer = dp_render_begin(op->arena, size);
    dp_write_text(&writer, "{");

    for (size_t i = 0; i < op->route->param_count; i++) {
        dp_write_text(&writer, i == 0 ? "" : ",");
        dp_json_string(&writer, param_type(op, i));
        dp_write_text(&writer, ":");
        dp_json_string(&writer, op->request->params[i]);
    }

    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

/* The target: the resource of the path's first parameter, else the operation. */
static dp_audit_t
denial_event(dp_op_t *op)
{
    const denial_row_t *row = denial_find(op);
    dp_audit_t          event = {
        .action = row->action,
        .target_type = "operation",
        .target_id = op->request->operation,
        .outcome = row->outcome,
        .code = op->error == DP_OK ? NULL : dp_error_row(op->error)->code,
        .detail = dp_arena_printf(op->arena, "{\"operation\":\"%s\"}",
                                  op->route->operation),
    };

    if (op->route->param_count != 0) {
        event.target_type =
            (const char *) dp_arena_copy(op->arena, param_type(op, 0)).data;
        event.target_id = op->request->params[0];
    }

    return event;
}

static void
absence_audit(dp_op_t *op)
{
    dp_audit_t event = denial_event(op);

    dp_transaction_queue(op, &audit_absent,
                         DP_BIND(text_or_null(event.action),
                                 text_or_null(event.target_type),
                                 dp_text(event.target_id),
                                 text_or_null(event.outcome),
                                 text_or_null(event.code),
                                 dp_text(event.detail), dp_audit_actor(op),
                                 dp_transaction_trace(op),
                                 dp_text(params_render(op))));
}

static void
denial_audit(dp_op_t *op)
{
    dp_audit_t event = denial_event(op);

    dp_audit(op, &event);
}

dp_denial_fn *
dp_audit_denial(const dp_op_t *op)
{
    bool suppressed = op->reply.replayed != 0
                      || op->error == DP_ERR_IDEMPOTENCY_IN_PROGRESS
                      || op->error == DP_ERR_IDEMPOTENCY_KEY_REUSED;

    if (!dp_transaction(op)->caller_known && !suppressed) {
        return NULL;
    }

    if (op->error == DP_ERR_RESOURCE_NOT_FOUND) {
        return absence_audit;
    }

    return denial_find(op) == NULL ? NULL : denial_audit;
}
