/*
 * How many texts a second the strict JSON check reads, or cJSON_Parse.
 *
 *     json_speed check|cjson SECONDS < TEXT
 *
 * Prints texts per second.  The check's memory is there before, as it is in both
 * programs; what cJSON allocates is its own business, but giving it back is not
 * timed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "dp_json_check.h"

#define TEXT_SIZE (1 << 20)
#define BATCH 64

static dp_json_token_t tokens[TEXT_SIZE / 2 + 1];

static void
check(bool fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "json_speed: %s\n", what);
        exit(1);
    }
}

static double
now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* Reads the text BATCH times; returns the seconds that it took. */
typedef double batch_fn(dp_slice_t text);

static double
batch_check(dp_slice_t text)
{
    dp_json_t json = {.tokens = tokens, .capacity = TEXT_SIZE / 2 + 1};
    double    began = now_s();

    for (int i = 0; i < BATCH; i++) {
        check(dp_json_check(&json, text) == DP_JSON_OK, "it is refused");
    }

    return now_s() - began;
}

static double
batch_cjson(dp_slice_t text)
{
    cJSON *trees[BATCH];
    double took, began = now_s();

    for (int i = 0; i < BATCH; i++) {
        trees[i] = cJSON_ParseWithLength((const char *) text.data, text.len);
    }

    took = now_s() - began;

    for (int i = 0; i < BATCH; i++) {
        check(trees[i] != NULL, "cJSON refuses it");
        cJSON_Delete(trees[i]);
    }

    return took;
}

static double
texts_per_second(batch_fn *batch, dp_slice_t text, double seconds)
{
    double until = now_s() + seconds, took = 0, count = 0;

    do {
        took += batch(text);
        count += BATCH;
    } while (now_s() < until);

    return count / took;
}

int
main(int argc, char **argv)
{
    static char text[TEXT_SIZE];
    batch_fn   *batch;
    size_t      len;

    check(argc == 3, "usage: json_speed check|cjson SECONDS < TEXT");
    batch = strcmp(argv[1], "cjson") == 0 ? batch_cjson : batch_check;
    len = fread(text, 1, sizeof(text), stdin);
    printf("%.0f\n",
           texts_per_second(batch, dp_slice(text, len), strtod(argv[2], NULL)));

    return 0;
}
