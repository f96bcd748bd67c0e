/*
 * The schemas of t/vectors/jsonschema as tables, generated into the build folder
 * by schema_vectors.pl.
 */

#ifndef SCHEMA_VECTORS_H
#define SCHEMA_VECTORS_H

#include "dp_schema.h"

/* A group of tests in FOLDER/FILE.json. */
typedef struct {
    const char *file;
    unsigned    group;  /* counted from 0 */
    uint32_t    schema;
    const char *frozen; /* why it is not run; NULL: it is */
} schema_vector_t;

extern const dp_schema_set_t schema_vectors_set;
extern const schema_vector_t schema_vectors[];
extern const size_t          schema_vectors_count;

#endif /* SCHEMA_VECTORS_H */
