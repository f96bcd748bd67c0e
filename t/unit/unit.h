/*
 * What the unit tests share: a program is one list of tests and prints TAP.
 */

#ifndef UNIT_H
#define UNIT_H

#include <check.h>

#include "dp_bytes.h"

/*
 * The whole of main(): runs the tests, START_TEST's names, under one title.
 * Evaluates to the exit code, 0 when all passed.
 */
#define UNIT_RUN(title, ...)                                                  \
    unit_run(title, (const TTest *const[]) {__VA_ARGS__, NULL})

int unit_run(const char *title, const TTest *const *tests);

/* Fails unless the bytes are those of the text. */
void unit_assert_text(dp_slice_t bytes, const char *text);

/*
 * The bytes of a file below the project's root, where tests run; the caller
 * frees data.  Fails the test when it cannot be read.
 */
dp_slice_t unit_file(const char *path);

/* An exact copy in memory of its own, so that a sanitizer sees its ends. */
dp_slice_t unit_copy(dp_slice_t bytes);

#endif /* UNIT_H */
