/*
 * The state of a check, shared by the dp_schema_*.c files and private to them;
 * dp_schema.h is the interface.
 */

#ifndef DP_SCHEMA_WALK_H
#define DP_SCHEMA_WALK_H

#include "dp_schema.h"

/* A container whose parts are being judged, and the rows that judge them. */
typedef struct {
    uint32_t               next; /* the item, or the name of the member */
    uint32_t               end;
    const dp_schema_row_t *items;
    const dp_schema_row_t *properties;
    const dp_schema_row_t *additional;
    const dp_schema_row_t *names;
} dp_schema_frame_t;

typedef struct {
    const dp_schema_set_t     *set;
    const dp_schema_subject_t *subject;
    const dp_json_t           *json; /* the subject's */
    dp_issues_t               *issues;
    uint32_t                   depth; /* of containers being judged */

    /* one more: frames[depth] is the value's that is being judged */
    dp_schema_frame_t frames[DP_JSON_DEPTH + 1];

    uint8_t text[DP_SCHEMA_TEXT_SIZE]; /* for a string's value */
} dp_schema_walk_t;

/* dp_schema_keywords.c */

/*
 * True when the value meets the row, or the row is about the value's parts: then
 * it is remembered in the frame.
 */
bool dp_keyword_check(dp_schema_walk_t *walk, const dp_schema_row_t *row,
                      uint32_t token) __attribute__((warn_unused_result));

/* dp_schema_report.c */

/* Adds the issue that the value does not meet the row. */
void dp_schema_report(dp_schema_walk_t *walk, const dp_schema_row_t *row,
                      uint32_t token);

/* Adds an issue for each name of the row that the object lacks. */
void dp_schema_report_missing(dp_schema_walk_t *walk,
                              const dp_schema_row_t *row, uint32_t object);

#endif /* DP_SCHEMA_WALK_H */
