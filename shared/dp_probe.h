/*
 * Paths that scanners ask for: patterns of a file, compiled into one.
 *
 * The file has a pattern per line, as PCRE2 has them, for either case of letters;
 * parentheses do not capture; empty lines and those that begin with '#' say
 * nothing.  PCRE2 allocates; a match
 * takes its memory from the stack and has a limit.
 */

#ifndef DP_PROBE_H
#define DP_PROBE_H

#include "dp_bytes.h"

#define DP_PROBE_STEPS 100000
#define DP_PROBE_PATH_MAX 1024 /* what is behind is not looked at */

typedef struct {
    void    *code; /* NULL: nothing matches */
    unsigned count; /* of patterns */
} dp_probe_t;

/* What is wrong with a file, and in which of its lines; 0: with all of it. */
typedef struct {
    unsigned line;
    char     message[128];
} dp_probe_fault_t;

/* The bytes that dp_probe_open() needs for a file. */
size_t dp_probe_text_size(dp_slice_t file);

/* Compiles; `text` is written to and may go.  False: see the fault. */
bool dp_probe_open(dp_probe_t *probe, dp_slice_t file, dp_writer_t *text,
                   dp_probe_fault_t *fault) __attribute__((warn_unused_result));

void dp_probe_close(dp_probe_t *probe);

/*
 * True when a pattern is found in the path, which may be any bytes, or when that
 * takes more steps than DP_PROBE_STEPS: no honest path does.
 */
bool dp_probe_match(const dp_probe_t *probe, dp_slice_t path)
    __attribute__((warn_unused_result));

#endif /* DP_PROBE_H */
