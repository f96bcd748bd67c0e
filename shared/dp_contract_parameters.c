/*
 * The parameters of a request: its path, its query and single headers.
 *
 * A parameter is judged as a JSON value of one token: a string as it stands; a
 * number or a boolean when its text is one in JSON, without blanks, and for
 * whole numbers without point and exponent.
 */

#include "dp_contract.h"
#include "dp_json_number.h"
#include "dp_utf8.h"

#include <assert.h>
#include <strings.h>

static uint32_t
types_of(const dp_contract_parameter_t *parameter)
{
    const dp_schema_row_t *row = dp_schema_find(&dp_contract_schemas,
                                                parameter->schema,
                                                DP_KEYWORD_TYPE);

    return row == NULL ? DP_TYPE_STRING : row->types;
}

/* A sign and digits. */
static bool
text_is_whole(dp_slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '-' && (text.data[i] < '0' || text.data[i] > '9')) {
            return false;
        }
    }

    return true;
}

/* True when the text is one number or word of JSON, and nothing else. */
static bool
text_is_scalar(dp_json_t *json, dp_slice_t text, uint32_t types)
{
    const dp_json_token_t *token = json->tokens;

    return dp_json_check(json, text) == DP_JSON_OK && token->len == text.len
           && (types & DP_TYPE_NUMBER || token->type != DP_JSON_NUMBER
               || text_is_whole(text));
}

/* The value as JSON; null, which no parameter may be, when its text is wrong. */
static void
value_read(dp_json_t *json, dp_slice_t text, uint32_t types)
{
    dp_json_type_t type = DP_JSON_NULL;

    if (types & DP_TYPE_STRING) {
        type = DP_JSON_STRING;
    } else if (text_is_scalar(json, text, types)) {
        type = (dp_json_type_t) json->tokens->type;
    }

    json->text = text.len == 0 ? DP_SLICE("") : text;
    json->count = 1;
    json->tokens[0] = (dp_json_token_t) {
        .type = (uint8_t) type,
        .len = (uint32_t) text.len,
        .next = 1,
    };
}

static bool
text_is_utf8(dp_slice_t text)
{
    size_t characters;

    return dp_utf8_count(text, &characters);
}

static void
value_judge(dp_verdict_t *verdict, const dp_contract_parameter_t *parameter,
            dp_slice_t text)
{
    dp_json_token_t           token;
    dp_json_t                 json = {.tokens = &token, .capacity = 1};
    const dp_schema_subject_t subject = {
        .json = &json,
        .place = parameter->place,
        .name = parameter->name,
    };
    size_t before = verdict->issues.count;

    value_read(&json, text, types_of(parameter));
    dp_schema_check(&dp_contract_schemas, parameter->schema, &subject,
                    &verdict->issues);

    if (verdict->issues.count != before) {
        dp_verdict_fail(verdict, DP_ERR_VALIDATION_FAILED);
    } else if (!text_is_utf8(text)) {
        dp_verdict_issue(verdict, parameter->place,
                         dp_slice_text(parameter->name), "type",
                         DP_SLICE("must be UTF-8"));
    }
}

/* False when the pairs could not be read to their end. */
static bool
pairs_read(dp_verdict_t *verdict, dp_query_t *query, dp_slice_t text,
           dp_issue_place_t place)
{
    switch (dp_query_parse(query, text)) {
    case DP_QUERY_OK:
        return true;
    case DP_QUERY_UNKNOWN:
        dp_verdict_issue(verdict, place, query->name, "additionalProperties",
                         DP_SLICE("is not known here"));
        return false;
    case DP_QUERY_DUPLICATE:
        dp_verdict_issue(verdict, place, query->name, "maxItems",
                         DP_SLICE("must come once"));
        return false;
    default:
        dp_verdict_fail(verdict, DP_ERR_REQUEST_MALFORMED);
        return false;
    }
}

static bool
query_read(dp_verdict_t *verdict, dp_parameters_t *parameters)
{
    dp_query_t query = {
        .params = parameters->values,
        .count = dp_contract_operation(parameters->route)->query_count,
        .buffer = parameters->buffer,
        .capacity = parameters->query.len,
    };

    return pairs_read(verdict, &query, parameters->query, DP_IN_QUERY);
}

/* What a path's parameter may not be names no resource. */
static void
path_judge(dp_verdict_t *verdict, const dp_contract_parameter_t *parameter,
           dp_slice_t text)
{
    dp_verdict_t found;

    dp_verdict_begin(&found);
    value_judge(&found, parameter, text);

    if (found.code != DP_OK) {
        dp_verdict_fail(verdict, DP_ERR_RESOURCE_NOT_FOUND);
    }
}

static void
pair_judge(dp_verdict_t *verdict,
                  const dp_contract_parameter_t *parameter,
                  const dp_query_param_t *value)
{
    if (value->present) {
        value_judge(verdict, parameter, value->value);
    } else if (parameter->required) {
        dp_verdict_issue(verdict, parameter->place,
                         dp_slice_text(parameter->name), "required",
                         DP_SLICE("is required"));
    }
}

void
dp_contract_parameters(dp_verdict_t *verdict, dp_parameters_t *parameters)
{
    const dp_contract_operation_t *operation;
    dp_query_param_t              *values = parameters->values;
    size_t                         queried, count;

    operation = dp_contract_operation(parameters->route);
    queried = operation->query_count;
    count = queried + parameters->route->param_count;

    for (size_t i = 0; i < count; i++) {
        values[i] = (dp_query_param_t) {.name = operation->parameters[i].name};
    }

    for (size_t i = queried; i < count; i++) {
        values[i].present = true;
        values[i].value = parameters->path[i - queried];
        path_judge(verdict, &operation->parameters[i], values[i].value);
    }

    if (query_read(verdict, parameters)) {
        for (size_t i = 0; i < queried; i++) {
            pair_judge(verdict, &operation->parameters[i], &values[i]);
        }
    }
}

void
dp_contract_form(dp_verdict_t *verdict, dp_form_t *form, dp_slice_t text)
{
    const dp_contract_operation_t *operation =
        dp_contract_operation(form->route);
    const dp_contract_parameter_t *fields =
        operation->field_count == 0 ? NULL
                                    : &operation->parameters[operation->count];
    dp_query_t query = {
        .params = form->values,
        .count = operation->field_count,
        .buffer = form->buffer,
        .capacity = text.len,
    };

    if (fields == NULL) {
        return;
    }

    for (size_t i = 0; i < query.count; i++) {
        form->values[i] = (dp_query_param_t) {.name = fields[i].name};
    }

    if (pairs_read(verdict, &query, text, DP_IN_BODY)) {
        for (size_t i = 0; i < query.count; i++) {
            pair_judge(verdict, &fields[i], &form->values[i]);
        }
    }
}

dp_slice_t
dp_form_text(const dp_form_t *form, const char *name)
{
    size_t i = 0;

    while (strcmp(form->values[i].name, name) != 0) {
        i++;
        assert(i < dp_contract_operation(form->route)->field_count);
    }

    return form->values[i].value;
}

/* Headers' names are told apart without regard to case: RFC 9110, 5.1. */
static bool
names_equal(dp_slice_t a, const char *b)
{
    return a.len == strlen(b) && strncasecmp((const char *) a.data, b, a.len) == 0;
}

void
dp_contract_header(dp_verdict_t *verdict, const dp_route_t *route,
                   dp_slice_t name, dp_slice_t value)
{
    const dp_contract_operation_t *operation = dp_contract_operation(route);

    for (size_t i = 0; i < operation->count; i++) {
        const dp_contract_parameter_t *parameter = &operation->parameters[i];

        if (parameter->place == DP_IN_HEADER
            && names_equal(name, parameter->name)) {
            value_judge(verdict, parameter, value);
        }
    }
}

/* The operation's parameter of that name, which it has. */
static size_t
parameter_find(const dp_parameters_t *parameters, const char *name)
{
    const dp_contract_operation_t *operation;
    size_t                         i = 0;

    operation = dp_contract_operation(parameters->route);

    while (i < operation->count
           && strcmp(operation->parameters[i].name, name) != 0) {
        i++;
    }

    assert(i < operation->count);

    return i;
}

bool
dp_parameter_present(const dp_parameters_t *parameters, const char *name)
{
    return parameters->values[parameter_find(parameters, name)].present;
}

dp_slice_t
dp_parameter_text(const dp_parameters_t *parameters, const char *name)
{
    size_t                  i = parameter_find(parameters, name);
    const dp_query_param_t *value = &parameters->values[i];

    if (value->present) {
        return value->value;
    }

    return dp_slice_text(
        dp_contract_operation(parameters->route)->parameters[i].otherwise);
}

int64_t
dp_parameter_integer(const dp_parameters_t *parameters, const char *name)
{
    int64_t value = 0;

    (void) !dp_json_number_integer(dp_parameter_text(parameters, name), &value);

    return value;
}
