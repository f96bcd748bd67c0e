/*
 * Issues of a check: where, which keyword, and a message that says what the
 * contract wants there.
 */

#include "dp_json_out.h"
#include "dp_schema_walk.h"

/* What stands between a message's two texts. */
typedef enum {
    OPERAND_NONE,
    OPERAND_TYPES,
    OPERAND_VALUE,
    OPERAND_NUMBER,
    OPERAND_PATTERN,
    OPERAND_FORMAT,
    OPERAND_DECIMAL,
} operand_t;

typedef struct {
    const char *keyword;
    const char *before;
    operand_t   operand;
    const char *behind;
} text_t;

static const text_t texts[] = {
    [DP_KEYWORD_NEVER] = {"false", "is not allowed", OPERAND_NONE, ""},
    [DP_KEYWORD_TYPE] = {"type", "must be ", OPERAND_TYPES, ""},
    [DP_KEYWORD_ENUM] = {"enum", "must be one of ", OPERAND_VALUE, ""},
    [DP_KEYWORD_CONST] = {"const", "must be ", OPERAND_VALUE, ""},
    [DP_KEYWORD_MIN_LENGTH] =
        {"minLength", "must have at least ", OPERAND_NUMBER, " characters"},
    [DP_KEYWORD_MAX_LENGTH] =
        {"maxLength", "must have at most ", OPERAND_NUMBER, " characters"},
    [DP_KEYWORD_PATTERN] =
        {"pattern", "must match the pattern ", OPERAND_PATTERN, ""},
    [DP_KEYWORD_FORMAT] = {"format", "must be ", OPERAND_FORMAT, ""},
    [DP_KEYWORD_MINIMUM] =
        {"minimum", "must be at least ", OPERAND_DECIMAL, ""},
    [DP_KEYWORD_MAXIMUM] = {"maximum", "must be at most ", OPERAND_DECIMAL, ""},
    [DP_KEYWORD_EXCLUSIVE_MINIMUM] =
        {"exclusiveMinimum", "must be greater than ", OPERAND_DECIMAL, ""},
    [DP_KEYWORD_EXCLUSIVE_MAXIMUM] =
        {"exclusiveMaximum", "must be less than ", OPERAND_DECIMAL, ""},
    [DP_KEYWORD_MULTIPLE_OF] =
        {"multipleOf", "must be a multiple of ", OPERAND_DECIMAL, ""},
    [DP_KEYWORD_MIN_ITEMS] =
        {"minItems", "must have at least ", OPERAND_NUMBER, " items"},
    [DP_KEYWORD_MAX_ITEMS] =
        {"maxItems", "must have at most ", OPERAND_NUMBER, " items"},
    [DP_KEYWORD_UNIQUE_ITEMS] =
        {"uniqueItems", "must not have equal items", OPERAND_NONE, ""},
    [DP_KEYWORD_ITEMS] = {"items", "is not allowed", OPERAND_NONE, ""},
    [DP_KEYWORD_MIN_PROPERTIES] =
        {"minProperties", "must have at least ", OPERAND_NUMBER, " members"},
    [DP_KEYWORD_MAX_PROPERTIES] =
        {"maxProperties", "must have at most ", OPERAND_NUMBER, " members"},
    [DP_KEYWORD_REQUIRED] = {"required", "is required", OPERAND_NONE, ""},
    [DP_KEYWORD_PROPERTIES] =
        {"properties", "is not allowed", OPERAND_NONE, ""},
    [DP_KEYWORD_ADDITIONAL_PROPERTIES] =
        {"additionalProperties", "is not known here", OPERAND_NONE, ""},
    [DP_KEYWORD_PROPERTY_NAMES] =
        {"propertyNames", "has a name that is not allowed", OPERAND_NONE, ""},
};

static void
types_write(dp_writer_t *writer, uint32_t types)
{
    static const struct {
        uint32_t    types;
        const char *text;
    } kinds[] = {
        {DP_TYPE_OBJECT, "an object"},        {DP_TYPE_ARRAY, "an array"},
        {DP_TYPE_STRING, "a string"},         {DP_TYPE_NUMBER, "a number"},
        {DP_TYPE_INTEGER, "a whole number"},  {DP_TYPE_BOOLEAN, "a boolean"},
        {DP_TYPE_NULL, "null"},
    };
    const char *separator = "";

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if ((types & kinds[i].types) != 0) {
            dp_write_text(writer, separator);
            dp_write_text(writer, kinds[i].text);
            separator = " or ";
        }
    }
}

static void
format_write(dp_writer_t *writer, dp_format_t format)
{
    static const char *const names[] = {
        [DP_FORMAT_UUID] = "a UUID",
        [DP_FORMAT_DATE_TIME] = "a date and time as RFC 3339 has them",
        [DP_FORMAT_EMAIL] = "an email address",
        [DP_FORMAT_URI] = "a URI",
    };

    dp_write_text(writer, names[format]);
}

static void
operand_write(dp_writer_t *writer, const dp_schema_set_t *set,
              const dp_schema_row_t *row)
{
    switch (texts[row->keyword].operand) {
    case OPERAND_TYPES:
        types_write(writer, row->types);
        break;
    case OPERAND_VALUE:
        dp_write_bytes(writer, dp_json_raw(set->values, row->value));
        break;
    case OPERAND_NUMBER:
        dp_json_uint(writer, row->number);
        break;
    case OPERAND_PATTERN:
        dp_write_text(writer, set->patterns[row->pattern].text);
        break;
    case OPERAND_FORMAT:
        format_write(writer, row->format);
        break;
    case OPERAND_DECIMAL:
        dp_decimal_write(writer, &row->decimal);
        break;
    default:
        break;
    }
}

/* What is too long to be told is in the contract's documentation. */
static dp_slice_t
message_write(dp_writer_t *writer, const dp_schema_set_t *set,
              const dp_schema_row_t *row)
{
    dp_write_text(writer, texts[row->keyword].before);
    operand_write(writer, set, row);
    dp_write_text(writer, texts[row->keyword].behind);

    return writer->failed ? DP_SLICE("must be as the contract says")
                          : dp_written(writer);
}

/* An issue at the subject's root; NULL when the list is full. */
static dp_issue_t *
issue_add(dp_schema_walk_t *walk, const dp_schema_row_t *row)
{
    uint8_t     message[DP_ISSUE_MESSAGE_SIZE];
    dp_writer_t writer = dp_writer(message, sizeof(message));
    dp_issue_t *issue;

    issue = dp_issue_add(walk->issues, walk->subject->place,
                         texts[row->keyword].keyword,
                         message_write(&writer, walk->set, row));

    if (issue != NULL && walk->subject->name != NULL) {
        dp_issue_step(issue, dp_slice_text(walk->subject->name));
    }

    return issue;
}

/* To the item of the array that is, or holds, the token. */
static bool
step_to_item(dp_issue_t *issue, const dp_json_t *json, uint32_t *at,
             uint32_t token)
{
    uint8_t     digits[20];
    dp_writer_t writer = dp_writer(digits, sizeof(digits));
    uint32_t    index = 0;

    for (*at += 1; json->tokens[*at].next <= token; index++) {
        *at = json->tokens[*at].next;
    }

    dp_json_uint(&writer, index);

    return dp_issue_step(issue, dp_written(&writer));
}

static bool
step_to_member(dp_issue_t *issue, const dp_json_t *json, uint32_t *at,
               uint32_t token)
{
    uint8_t  buffer[DP_ISSUE_POINTER_SIZE];
    uint32_t name = *at + 1;

    while (json->tokens[name + 1].next <= token) {
        name = json->tokens[name + 1].next;
    }

    *at = name + 1;

    return json->tokens[name].len <= sizeof(buffer)
           && dp_issue_step(issue,
                            dp_json_text(json, name, buffer, sizeof(buffer)));
}

/* Goes down to the value; true when the pointer had room for the whole way. */
static bool
point_at(dp_issue_t *issue, const dp_json_t *json, uint32_t token)
{
    uint32_t at = 0;
    bool     fits = true;

    while (fits && at != token) {
        fits = json->tokens[at].type == DP_JSON_ARRAY
                   ? step_to_item(issue, json, &at, token)
                   : step_to_member(issue, json, &at, token);
    }

    return fits;
}

void
dp_schema_report(dp_schema_walk_t *walk, const dp_schema_row_t *row,
                 uint32_t token)
{
    dp_issue_t *issue = issue_add(walk, row);

    if (issue != NULL) {
        (void) point_at(issue, walk->json, token);
    }
}

void
dp_schema_report_missing(dp_schema_walk_t *walk, const dp_schema_row_t *row,
                         uint32_t object)
{
    for (uint32_t i = 0; i < row->list.count; i++) {
        dp_slice_t  name = walk->set->names[row->list.first + i];
        dp_issue_t *issue;

        if (dp_json_member(walk->json, object, name) != 0) {
            continue;
        }

        issue = issue_add(walk, row);

        if (issue == NULL) {
            return;
        }

        if (point_at(issue, walk->json, object)) {
            dp_issue_step(issue, name);
        }
    }
}
