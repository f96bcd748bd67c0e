/*
 * A request's form against the contract: the parameters and the body that its
 * operation takes.
 *
 * Both programs link the tables of dp_contract_table.c, which are generated
 * from api/openapi.yaml, and judge with the functions below: the edge, so that
 * only a valid request is forwarded, and the worker, which trusts no peer.
 * Nothing here allocates but dp_contract_open().
 */

#ifndef DP_CONTRACT_H
#define DP_CONTRACT_H

#include "dp_error.h"
#include "dp_query.h"
#include "dp_routes.h"
#include "dp_schema.h"

#define DP_CONTRACT_PARAMETERS 16 /* of an operation */
#define DP_CONTRACT_TOKENS 65536  /* of a body */

typedef struct {
    const char      *name;
    dp_issue_place_t place;
    bool             required;
    uint32_t         schema;
    const char      *otherwise; /* the schema's default; NULL: none */
} dp_contract_parameter_t;

/*
 * Parameters of the query come first, then the path's in its order, headers, and
 * behind them the fields of a form, which `count` does not count.
 */
typedef struct {
    const dp_contract_parameter_t *parameters;
    uint8_t                        count;
    uint8_t                        query_count;
    uint8_t                        field_count; /* 0: the body is no form */
    bool                           has_body;
    bool                           body_required;
    uint32_t                       body; /* its schema */
} dp_contract_operation_t;

extern const dp_contract_operation_t dp_contract_operations[]; /* DP_ROUTE_* */
extern const dp_schema_set_t         dp_contract_schemas;

/* Before the first request; a second call changes nothing.  See dp_schema.h. */
bool dp_contract_open(void) __attribute__((warn_unused_result));
void dp_contract_close(void);

static inline const dp_contract_operation_t *
dp_contract_operation(const dp_route_t *route)
{
    return &dp_contract_operations[route - dp_routes];
}

/* What is found; large, and not to be cleared but begun. */
typedef struct {
    dp_error_t      code;   /* DP_OK, or what to refuse the request with */
    dp_json_fault_t fault;  /* DP_JSON_OK, or why the body is malformed ... */
    size_t          offset; /* ... and where */
    dp_issues_t     issues; /* of VALIDATION_FAILED */
} dp_verdict_t;

/* Nothing is wrong, yet. */
static inline void
dp_verdict_begin(dp_verdict_t *verdict)
{
    verdict->code = DP_OK;
    verdict->fault = DP_JSON_OK;
    verdict->offset = 0;
    verdict->issues.count = 0;
}

/*
 * The first code stays, but what cannot be read outranks what was read and is
 * not valid.
 */
void dp_verdict_fail(dp_verdict_t *verdict, dp_error_t code);

/* Fails with VALIDATION_FAILED and an issue at the member of that name. */
void dp_verdict_issue(dp_verdict_t *verdict, dp_issue_place_t place,
                      dp_slice_t name, const char *keyword, dp_slice_t message);

/* Room for dp_verdict_render(). */
size_t dp_verdict_size(const dp_verdict_t *verdict);

/* Writes the envelope's details; nothing when there are none to tell. */
void dp_verdict_render(dp_writer_t *writer, const dp_verdict_t *verdict);

/* A request's parameters: given, and as they are read. */
typedef struct {
    const dp_route_t *route;
    const dp_slice_t *path;   /* route->param_count of them */
    dp_slice_t        query;  /* as it was sent */
    uint8_t          *buffer; /* query.len bytes, for what it decodes to */

    /* set by dp_contract_parameters(), in the order of the contract's */
    dp_query_param_t values[DP_CONTRACT_PARAMETERS];
} dp_parameters_t;

/*
 * Judges path and query.  RESOURCE_NOT_FOUND: no resource has such a path;
 * REQUEST_MALFORMED: the query's escapes or bytes; VALIDATION_FAILED.
 */
void dp_contract_parameters(dp_verdict_t *verdict, dp_parameters_t *parameters);

/* Judges the value of a header that the operation knows. */
void dp_contract_header(dp_verdict_t *verdict, const dp_route_t *route,
                        dp_slice_t name, dp_slice_t value);

/*
 * Judges the body and reads it into `json`, whose tape is the caller's:
 * dp_contract_tokens() suffice.  REQUEST_MALFORMED or VALIDATION_FAILED.  An
 * absent body that may be absent leaves json->count 0.
 */
void dp_contract_body(dp_verdict_t *verdict, const dp_route_t *route,
                      dp_json_t *json, dp_slice_t text);

uint32_t dp_contract_tokens(dp_slice_t body);

/* A form's fields, as they are read: application/x-www-form-urlencoded. */
typedef struct {
    const dp_route_t *route;
    uint8_t          *buffer; /* as many bytes as the body, for what it decodes to */

    /* set by dp_contract_form(), in the order of the contract's */
    dp_query_param_t values[DP_CONTRACT_PARAMETERS];
} dp_form_t;

/*
 * Judges the body of an operation that takes a form, strictly, as a query:
 * REQUEST_MALFORMED or VALIDATION_FAILED.  Any other operation has no fields.
 */
void dp_contract_form(dp_verdict_t *verdict, dp_form_t *form, dp_slice_t text);

/* The value of a field that was judged; empty when it did not come. */
dp_slice_t dp_form_text(const dp_form_t *form, const char *name);

/*
 * The value of a parameter that was judged, or the contract's default for it;
 * an empty slice when there is neither.
 */
dp_slice_t dp_parameter_text(const dp_parameters_t *parameters,
                             const char *name);

/* Likewise a whole number; 0 when there is neither. */
int64_t dp_parameter_integer(const dp_parameters_t *parameters,
                             const char *name);

/* True when the client sent it. */
bool dp_parameter_present(const dp_parameters_t *parameters, const char *name);

#endif /* DP_CONTRACT_H */
