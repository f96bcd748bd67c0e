/*
 * Judging a request's form and reading it.  See input.h.
 */

#include "input.h"

#include "json/render.h"

/* A value and the text it is in: the request's, or the contract's defaults. */
typedef struct {
    const dp_json_t *json;
    uint32_t         token; /* 0: there is none */
} value_t;

static dp_input_t *
input_create(const dp_op_t *op)
{
    const dp_wire_request_t *request = op->request;
    dp_input_t              *input = dp_arena_alloc(op->arena, sizeof(*input));
    uint32_t                 tokens = dp_contract_tokens(request->body);

    input->parameters = (dp_parameters_t) {
        .route = op->route,
        .path = request->params,
        .query = request->query,
        .buffer = dp_arena_alloc(op->arena, request->query.len + 1),
    };
    input->form = (dp_form_t) {
        .route = op->route,
        .buffer = dp_arena_alloc(op->arena, request->body.len + 1),
    };
    input->body = (dp_json_t) {
        .tokens = dp_arena_alloc(op->arena, tokens * sizeof(dp_json_token_t)),
        .capacity = tokens,
    };

    return input;
}

bool
dp_input_check(dp_op_t *op)
{
    dp_input_t  *input = input_create(op);
    dp_verdict_t verdict;

    dp_verdict_begin(&verdict);
    dp_contract_parameters(&verdict, &input->parameters);
    dp_contract_form(&verdict, &input->form, op->request->body);
    dp_contract_body(&verdict, op->route, &input->body, op->request->body);
    op->input = input;

    return verdict.code == DP_OK ? true : dp_input_refuse(op, &verdict);
}

bool
dp_input_refuse(dp_op_t *op, const dp_verdict_t *verdict)
{
    dp_writer_t writer = dp_render_begin(op->arena, dp_verdict_size(verdict));

    dp_verdict_render(&writer, verdict);

    return dp_op_fail_details(op, verdict->code, dp_render_end(&writer));
}

static value_t
value_default(const dp_op_t *op, dp_slice_t name)
{
    const dp_schema_set_t      *set = &dp_contract_schemas;
    const dp_schema_property_t *property;
    const dp_schema_row_t      *row = NULL;

    property = dp_schema_property(set, dp_contract_operation(op->route)->body,
                                  name);

    if (property != NULL) {
        row = dp_schema_find(set, property->schema, DP_KEYWORD_DEFAULT);
    }

    return (value_t) {set->values, row == NULL ? 0 : row->value};
}

static value_t
value_find(const dp_op_t *op, const char *name)
{
    const dp_json_t *body = &op->input->body;
    uint32_t         token = dp_json_member(body, 0, dp_slice_text(name));

    return token == 0 ? value_default(op, dp_slice_text(name))
                      : (value_t) {body, token};
}

dp_slice_t
dp_body_text(const dp_op_t *op, const char *name)
{
    value_t value = value_find(op, name);
    size_t  size;

    if (value.token == 0) {
        return dp_slice(NULL, 0);
    }

    size = value.json->tokens[value.token].len;

    return dp_json_text(value.json, value.token,
                        dp_arena_alloc(op->arena, size + 1), size);
}

dp_slice_t
dp_body_texts(const dp_op_t *op, const char *name)
{
    value_t                value = value_find(op, name);
    const dp_json_token_t *tokens = value.json->tokens;
    dp_writer_t            writer;
    size_t                 size;

    if (value.token == 0) {
        return dp_slice(NULL, 0);
    }

    size = tokens[value.token].len + 1;
    writer = dp_render_begin(op->arena, size);

    for (uint32_t i = value.token + 1; i < tokens[value.token].next;
         i = tokens[i].next) {
        uint8_t *text = dp_arena_alloc(op->arena, tokens[i].len + 1);

        dp_write_text(&writer, i == value.token + 1 ? "" : ",");
        dp_write_bytes(&writer, dp_json_text(value.json, i, text, tokens[i].len));
    }

    return dp_render_end(&writer);
}

int64_t
dp_body_integer(const dp_op_t *op, const char *name)
{
    value_t value = value_find(op, name);
    int64_t number = 0;

    if (value.token != 0) {
        (void) !dp_json_integer(value.json, value.token, &number);
    }

    return number;
}
