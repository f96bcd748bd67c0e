/*
 * The runner of a unit test.  See unit.h.
 */

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

/* Sanitised, on a machine that has other things to do. */
#define TEST_LIMIT_S 60

#define FILE_MAX (4 * 1024 * 1024)

int
unit_run(const char *title, const TTest *const *tests)
{
    Suite   *suite = suite_create(title);
    TCase   *cases = tcase_create(title);
    SRunner *runner;
    int      failed;

    tcase_set_timeout(cases, TEST_LIMIT_S);

    for (size_t i = 0; tests[i] != NULL; i++) {
        tcase_add_test(cases, tests[i]);
    }

    suite_add_tcase(suite, cases);
    runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

void
unit_assert_text(dp_slice_t bytes, const char *text)
{
    ck_assert_msg(dp_slice_equal(bytes, dp_slice_text(text)),
                  "got \"%.*s\", expected \"%s\"", (int) bytes.len,
                  (const char *) bytes.data, text);
}

dp_slice_t
unit_file(const char *path)
{
    FILE    *file = fopen(path, "rb");
    uint8_t *bytes = malloc(FILE_MAX);
    size_t   len;

    ck_assert_msg(file != NULL, "%s cannot be read", path);
    ck_assert_ptr_nonnull(bytes);
    len = fread(bytes, 1, FILE_MAX, file);
    fclose(file);

    return dp_slice(bytes, len);
}

dp_slice_t
unit_copy(dp_slice_t bytes)
{
    uint8_t *copy = malloc(bytes.len + (bytes.len == 0));

    ck_assert_ptr_nonnull(copy);

    if (bytes.len != 0) {
        memcpy(copy, bytes.data, bytes.len);
    }

    return dp_slice(copy, bytes.len);
}
