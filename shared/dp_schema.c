/*
 * The walk: every value of a document to the schema that judges it.
 *
 * The containers that are open are kept on a stack, as in dp_json_check.c, so
 * depth costs no recursion.  A container that no row says anything about is
 * not entered.
 */

#include "dp_schema.h"
#include "dp_schema_walk.h"

/* Judges the value by all rows; `by` is the row that brought it here. */
static void
value_judge(dp_schema_walk_t *walk, uint32_t schema, uint32_t token,
            const dp_schema_row_t *by)
{
    dp_schema_frame_t     *frame = &walk->frames[walk->depth];
    const dp_schema_row_t *row = &walk->set->rows[schema];

    *frame = (dp_schema_frame_t) {
        .next = token + 1,
        .end = walk->json->tokens[token].next,
    };

    for (; row->keyword != DP_KEYWORD_END; row++) {
        if (dp_keyword_check(walk, row, token)) {
            continue;
        }

        dp_schema_report(walk, row->keyword == DP_KEYWORD_NEVER ? by : row,
                         token);

        if (row->keyword == DP_KEYWORD_TYPE) {
            return;
        }
    }

    if (frame->items != NULL || frame->properties != NULL
        || frame->additional != NULL || frame->names != NULL) {
        walk->depth++;
    }
}

/* A member's name is one string, of which the first fault says enough. */
static void
name_judge(dp_schema_walk_t *walk, const dp_schema_row_t *names, uint32_t name)
{
    const dp_schema_row_t *row = &walk->set->rows[names->schema];

    while (row->keyword != DP_KEYWORD_END) {
        if (!dp_keyword_check(walk, row++, name)) {
            dp_schema_report(walk, names, name + 1);
            return;
        }
    }
}

static const dp_schema_property_t *
property_find(const dp_schema_walk_t *walk, const dp_schema_row_t *row,
              uint32_t name)
{
    for (uint32_t i = 0; row != NULL && i < row->list.count; i++) {
        const dp_schema_property_t *property =
            &walk->set->properties[row->list.first + i];

        if (dp_json_text_equal(walk->json, name, property->name)) {
            return property;
        }
    }

    return NULL;
}

/* The next member of the innermost container. */
static void
member_judge(dp_schema_walk_t *walk, dp_schema_frame_t *frame)
{
    uint32_t                    name = frame->next;
    const dp_schema_property_t *property;

    property = property_find(walk, frame->properties, name);
    frame->next = walk->json->tokens[name + 1].next;

    if (frame->names != NULL) {
        name_judge(walk, frame->names, name);
    }

    if (property != NULL) {
        value_judge(walk, property->schema, name + 1, frame->properties);
    } else if (frame->additional != NULL) {
        value_judge(walk, frame->additional->schema, name + 1,
                    frame->additional);
    }
}

static void
item_judge(dp_schema_walk_t *walk, dp_schema_frame_t *frame)
{
    uint32_t item = frame->next;

    frame->next = walk->json->tokens[item].next;
    value_judge(walk, frame->items->schema, item, frame->items);
}

void
dp_schema_check(const dp_schema_set_t *set, uint32_t schema,
                const dp_schema_subject_t *subject, dp_issues_t *issues)
{
    dp_schema_walk_t walk;

    walk.set = set;
    walk.subject = subject;
    walk.json = subject->json;
    walk.issues = issues;
    walk.depth = 0;

    value_judge(&walk, schema, 0, &set->rows[schema]);

    while (walk.depth != 0 && issues->count < DP_ISSUES) {
        dp_schema_frame_t *frame = &walk.frames[walk.depth - 1];

        if (frame->next == frame->end) {
            walk.depth--;
        } else if (frame->items != NULL) {
            item_judge(&walk, frame);
        } else {
            member_judge(&walk, frame);
        }
    }
}

bool
dp_schema_open(const dp_schema_set_t *set)
{
    bool good = dp_json_check(set->values, set->values_text) == DP_JSON_OK;

    for (size_t i = 0; i < set->pattern_count; i++) {
        good = dp_pattern_open(&set->patterns[i]) && good;
    }

    return good;
}

void
dp_schema_close(const dp_schema_set_t *set)
{
    for (size_t i = 0; i < set->pattern_count; i++) {
        dp_pattern_close(&set->patterns[i]);
    }
}

const dp_schema_row_t *
dp_schema_find(const dp_schema_set_t *set, uint32_t schema,
               dp_keyword_t keyword)
{
    const dp_schema_row_t *row = &set->rows[schema];

    while (row->keyword != DP_KEYWORD_END && row->keyword != keyword) {
        row++;
    }

    return row->keyword == keyword ? row : NULL;
}

const dp_schema_property_t *
dp_schema_property(const dp_schema_set_t *set, uint32_t schema, dp_slice_t name)
{
    const dp_schema_row_t *row;

    row = dp_schema_find(set, schema, DP_KEYWORD_PROPERTIES);

    for (uint32_t i = 0; row != NULL && i < row->list.count; i++) {
        const dp_schema_property_t *property =
            &set->properties[row->list.first + i];

        if (dp_slice_equal(property->name, name)) {
            return property;
        }
    }

    return NULL;
}
