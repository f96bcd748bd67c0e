/*
 * What createProject is asked for.
 */

#ifndef DP_CREATE_PROJECT_INPUT_H
#define DP_CREATE_PROJECT_INPUT_H

#include "runtime/operation.h"

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

#endif /* DP_CREATE_PROJECT_INPUT_H */
