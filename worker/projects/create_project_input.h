/*
 * What createProject is asked for, and the slug of a name.
 */

#ifndef DP_CREATE_PROJECT_INPUT_H
#define DP_CREATE_PROJECT_INPUT_H

#include "runtime/operation.h"

#define DP_SLUG_MAX 60

typedef struct {
    dp_slice_t name;     /* 1 to 100 characters */
    dp_slice_t template;
    int64_t    preview_ttl_hours; /* 24 to 168 */
} dp_create_project_input_t;

/* Reads the body, which was judged.  Texts live in the arena or the frame. */
void dp_create_project_read(const dp_op_t *op,
                            dp_create_project_input_t *input);

/* Fails with VALIDATION_FAILED at /template; always false. */
bool dp_create_project_template_unknown(dp_op_t *op);

/*
 * The base of a name's slug: ASCII letters in lower case and digits, one '-'
 * for each run of anything else between them, at most DP_SLUG_MAX characters;
 * "project" when nothing is left.  Writes to `slug`, returns the length.
 */
size_t dp_slug_derive(char slug[DP_SLUG_MAX], dp_slice_t name);

#endif /* DP_CREATE_PROJECT_INPUT_H */
