/*
 * Walking the body's object along a table of members.
 */

#include "body.h"

#include <assert.h>

#include "dp_utf8.h"

/* Of the tape; a longer body is refused, whatever its operation takes. */
#define TOKENS_MAX 65536

static bool
refuse_syntax(dp_op_t *op, const dp_json_t *json, dp_json_fault_t fault)
{
    return dp_op_fail_details(
        op, DP_ERR_REQUEST_MALFORMED,
        dp_arena_printf(op->arena, "{\"reason\":\"%s\",\"offset\":%zu}",
                        dp_json_fault_text(fault), json->offset));
}

bool
dp_body_open(dp_op_t *op, dp_body_t *body)
{
    dp_slice_t      text = op->request->body;
    size_t          tokens = text.len / 2 + 1;
    dp_json_fault_t fault;

    if (tokens > TOKENS_MAX) {
        tokens = TOKENS_MAX;
    }

    *body = (dp_body_t) {
        .arena = op->arena,
        .json.tokens = dp_arena_alloc(op->arena,
                                      tokens * sizeof(dp_json_token_t)),
        .json.capacity = (uint32_t) tokens,
        .issues = dp_issues(op->arena),
    };
    fault = dp_json_check(&body->json, text);

    return fault == DP_JSON_OK ? true : refuse_syntax(op, &body->json, fault);
}

/* A string's value, unescaped into the arena if need be. */
static dp_slice_t
text_of(dp_body_t *body, uint32_t token)
{
    size_t size = body->json.tokens[token].len;

    return dp_json_text(&body->json, token,
                        dp_arena_alloc(body->arena, size + 1), size);
}

/* The index of the member of that name, or `count`. */
static size_t
member_find(const dp_body_member_t *members, size_t count, dp_slice_t name)
{
    size_t i = 0;

    while (i < count && !dp_slice_equal(name, dp_slice_text(members[i].name))) {
        i++;
    }

    return i;
}

static void
missing_add(dp_body_t *body, const dp_body_member_t *members, size_t count,
            uint64_t seen)
{
    for (size_t i = 0; i < count; i++) {
        if (members[i].required && !(seen & UINT64_C(1) << i)) {
            dp_issue_add_name(&body->issues, "body",
                              dp_slice_text(members[i].name), "required",
                              "This member is required.");
        }
    }
}

bool
dp_body_read(dp_op_t *op, dp_body_t *body, const dp_body_member_t *members,
             size_t count, void *input)
{
    const dp_json_token_t *tokens = body->json.tokens;
    uint64_t               seen = 0;
    uint32_t               name = 1;

    assert(count <= DP_BODY_MEMBERS);

    if (tokens[0].type != DP_JSON_OBJECT) {
        dp_issue_add(&body->issues, "body", "", "type",
                     "The body is a JSON object.");
        return dp_issues_judge(op, &body->issues);
    }

    for (uint32_t i = 0; i < tokens[0].count; i++) {
        size_t found = member_find(members, count, text_of(body, name));

        if (found == count) {
            dp_issue_add_name(&body->issues, "body", text_of(body, name),
                              "additionalProperties",
                              "This operation has no such member.");
        } else {
            seen |= UINT64_C(1) << found;
            members[found].read(body, name + 1, input);
        }

        name = tokens[name + 1].next;
    }

    missing_add(body, members, count, seen);

    return dp_issues_judge(op, &body->issues);
}

static void
fault_add(dp_body_t *body, const dp_body_range_t *range, const char *keyword,
          const char *message)
{
    dp_issue_add(&body->issues, "body", range->pointer, keyword, message);
}

void
dp_body_text(dp_body_t *body, uint32_t value, const dp_body_range_t *range,
             dp_slice_t *text)
{
    dp_slice_t found;
    size_t     characters;

    if (body->json.tokens[value].type != DP_JSON_STRING) {
        fault_add(body, range, "type", "The value is a string.");
        return;
    }

    found = text_of(body, value);

    if (!dp_utf8_count(found, &characters)
        || characters < (size_t) range->min) {
        fault_add(body, range, "minLength", "The string is too short.");
    } else if (characters > (size_t) range->max) {
        fault_add(body, range, "maxLength", "The string is too long.");
    } else {
        *text = found;
    }
}

void
dp_body_integer(dp_body_t *body, uint32_t value, const dp_body_range_t *range,
                int64_t *number)
{
    int64_t found;

    if (body->json.tokens[value].type != DP_JSON_NUMBER
        || !dp_json_integer(&body->json, value, &found)) {
        fault_add(body, range, "type", "The value is a whole number.");
    } else if (found < range->min) {
        fault_add(body, range, "minimum", "The number is too small.");
    } else if (found > range->max) {
        fault_add(body, range, "maximum", "The number is too large.");
    } else {
        *number = found;
    }
}
