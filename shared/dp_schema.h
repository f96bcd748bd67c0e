/*
 * JSON Schemas as tables, and the check of a value against one.
 *
 * A schema is a run of rows, one keyword each, that DP_KEYWORD_END ends; it is
 * named by the index of its first row.  scripts/generate-contract writes the
 * tables.  Every value of a document is judged by one schema at most: keywords
 * that apply several (allOf and its like) are none of ours, and a $ref is the
 * schema that it points to.
 *
 * A check allocates nothing and recurs nowhere but in comparing values.  Sets
 * are opened once, before the first check, and only read from then on.
 */

#ifndef DP_SCHEMA_H
#define DP_SCHEMA_H

#include "dp_decimal.h"
#include "dp_format.h"
#include "dp_issues.h"
#include "dp_json_check.h"
#include "dp_pattern.h"

/* A longer string, in bytes, meets no pattern and no format. */
#define DP_SCHEMA_TEXT_SIZE 4096

/*
 * The largest array whose items may have to be unique; maxItems refuses a
 * longer one, the generator sees to it.
 */
#define DP_SCHEMA_UNIQUE_ITEMS 1024

/* In the order in which the rows of a schema stand. */
typedef enum {
    DP_KEYWORD_END,
    DP_KEYWORD_NEVER,                 /* the schema `false` */
    DP_KEYWORD_TYPE,                  /* .types */
    DP_KEYWORD_ENUM,                  /* .value, an array */
    DP_KEYWORD_CONST,                 /* .value */
    DP_KEYWORD_MIN_LENGTH,            /* .number */
    DP_KEYWORD_MAX_LENGTH,            /* .number */
    DP_KEYWORD_PATTERN,               /* .pattern */
    DP_KEYWORD_FORMAT,                /* .format */
    DP_KEYWORD_MINIMUM,               /* .decimal, as the next four */
    DP_KEYWORD_MAXIMUM,
    DP_KEYWORD_EXCLUSIVE_MINIMUM,
    DP_KEYWORD_EXCLUSIVE_MAXIMUM,
    DP_KEYWORD_MULTIPLE_OF,
    DP_KEYWORD_MIN_ITEMS,             /* .number */
    DP_KEYWORD_MAX_ITEMS,             /* .number */
    DP_KEYWORD_UNIQUE_ITEMS,
    DP_KEYWORD_ITEMS,                 /* .schema */
    DP_KEYWORD_MIN_PROPERTIES,        /* .number */
    DP_KEYWORD_MAX_PROPERTIES,        /* .number */
    DP_KEYWORD_REQUIRED,              /* .list of names */
    DP_KEYWORD_PROPERTIES,            /* .list of properties */
    DP_KEYWORD_ADDITIONAL_PROPERTIES, /* .schema */
    DP_KEYWORD_PROPERTY_NAMES,        /* .schema */
    DP_KEYWORD_DEFAULT,               /* .value; says nothing about others */
} dp_keyword_t;

/* Bits of .types: one for each dp_json_type_t, and whole numbers. */
enum {
    DP_TYPE_NULL = 1u << DP_JSON_NULL,
    DP_TYPE_BOOLEAN = 1u << DP_JSON_FALSE | 1u << DP_JSON_TRUE,
    DP_TYPE_NUMBER = 1u << DP_JSON_NUMBER,
    DP_TYPE_STRING = 1u << DP_JSON_STRING,
    DP_TYPE_ARRAY = 1u << DP_JSON_ARRAY,
    DP_TYPE_OBJECT = 1u << DP_JSON_OBJECT,
    DP_TYPE_INTEGER = 1u << (DP_JSON_OBJECT + 1),
};

/* A part of a set's names or properties. */
typedef struct {
    uint32_t first;
    uint32_t count;
} dp_schema_list_t;

typedef struct {
    dp_keyword_t keyword;
    union {
        uint32_t         types;
        uint32_t         value; /* a token of the set's values */
        uint32_t         number;
        uint32_t         pattern;
        uint32_t         schema;
        dp_format_t      format;
        dp_decimal_t     decimal;
        dp_schema_list_t list;
    };
} dp_schema_row_t;

typedef struct {
    dp_slice_t name;
    uint32_t   schema;
} dp_schema_property_t;

typedef struct {
    const dp_schema_row_t      *rows;
    const dp_schema_property_t *properties;
    const dp_slice_t           *names;
    dp_pattern_t               *patterns;
    size_t                      pattern_count;
    dp_slice_t                  values_text; /* a JSON array of all values */
    dp_json_t                  *values;      /* with a tape of the right size */
} dp_schema_set_t;

/*
 * Reads the values and compiles the patterns of a set; a second call changes
 * nothing.  False when the set is not in order, which a test rules out.
 * Allocates for the patterns.
 */
bool dp_schema_open(const dp_schema_set_t *set)
    __attribute__((warn_unused_result));

/* Frees what dp_schema_open() allocated. */
void dp_schema_close(const dp_schema_set_t *set);

/* A document, and how issues name its root: by place and, if set, by a name. */
typedef struct {
    const dp_json_t *json;
    dp_issue_place_t place;
    const char      *name;
} dp_schema_subject_t;

/*
 * Checks the subject's root value and adds an issue for each fault, as long as
 * there is room.
 */
void dp_schema_check(const dp_schema_set_t *set, uint32_t schema,
                     const dp_schema_subject_t *subject, dp_issues_t *issues);

/* The row of the schema with that keyword, or NULL. */
const dp_schema_row_t *dp_schema_find(const dp_schema_set_t *set,
                                      uint32_t schema, dp_keyword_t keyword);

/* The property of that name, whose schema is an object's; or NULL. */
const dp_schema_property_t *dp_schema_property(const dp_schema_set_t *set,
                                               uint32_t schema,
                                               dp_slice_t name);

#endif /* DP_SCHEMA_H */
