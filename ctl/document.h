/*
 * Reading a checked JSON document by paths such as "control.feedAgeMs".
 *
 * What is not there or of another type is the absent value, so that a document
 * of an older or newer nginx is read as far as it goes.
 */

#ifndef DP_CTL_DOCUMENT_H
#define DP_CTL_DOCUMENT_H

#include "dp_json_check.h"

#include <stdio.h>
#include <time.h>

/* The value at a path below `object`, or 0. */
uint32_t dp_document_at(const dp_json_t *json, uint32_t object,
                        const char *path);

/* A whole number; `absent` where there is none. */
int64_t dp_document_number(const dp_json_t *json, uint32_t object,
                           const char *path, int64_t absent);

/* Whether it is this literal. */
bool dp_document_is(const dp_json_t *json, uint32_t object, const char *path,
                    dp_json_type_t literal);

/*
 * A string, copied to `buffer` and ended with a zero; empty where there is none
 * or it is too long.  Returns `buffer`.
 */
const char *dp_document_text(const dp_json_t *json, uint32_t object,
                             const char *path, char *buffer, size_t size);

/* An RFC 3339 time in UTC, in whole seconds; false where there is none. */
bool dp_document_time(const dp_json_t *json, uint32_t object, const char *path,
                      time_t *seconds)
    __attribute__((warn_unused_result));

/*
 * The first value of an array or name of an object, and what follows `item`; 0
 * behind the last one, or when `container` is neither.  A member's value is the
 * token behind its name.
 */
uint32_t dp_document_first(const dp_json_t *json, uint32_t container);
uint32_t dp_document_next(const dp_json_t *json, uint32_t container,
                          uint32_t item);

/* Prints text for a terminal: a control character becomes a question mark. */
void dp_document_print(FILE *out, dp_slice_t text);

#endif /* DP_CTL_DOCUMENT_H */
