/*
 * Patterns of a file as one alternation.  See dp_probe.h.
 *
 * Each line is compiled by itself before, bare and in its parentheses, so that a
 * fault has a line, and that none of its parentheses, quotes, comments, options or
 * references to groups reaches into another line.  There are no groups to refer to.
 */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "dp_probe.h"
#include "dp_pcre.h"

#include <pcre2.h>

#define OPTIONS                                                               \
    (PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_NO_AUTO_CAPTURE                    \
     | PCRE2_NEVER_BACKSLASH_C)

#define OPEN "(?:"
#define CLOSE ")|"
#define AROUND (sizeof(OPEN) + sizeof(CLOSE) - 2)

/* --- the file --------------------------------------------------------------- */

/* The next line, without its end; the file is what comes behind it. */
static dp_slice_t
line_take(dp_slice_t *file)
{
    const uint8_t *end = memchr(file->data, '\n', file->len);
    size_t         len = end == NULL ? file->len : (size_t) (end - file->data);
    dp_slice_t     line = dp_slice(file->data, len);

    len += end != NULL;
    *file = dp_slice(file->data + len, file->len - len);

    if (line.len != 0 && line.data[line.len - 1] == '\r') {
        line.len--;
    }

    return line;
}

static bool
line_speaks(dp_slice_t line)
{
    return line.len != 0 && line.data[0] != '#';
}

size_t
dp_probe_text_size(dp_slice_t file)
{
    size_t size = 0;

    while (file.len != 0) {
        dp_slice_t line = line_take(&file);

        size += line_speaks(line) ? line.len + AROUND : 0;
    }

    return size + 1;
}

static pcre2_code *
text_compile(dp_slice_t text, unsigned line, dp_probe_fault_t *fault)
{
    int         error;
    size_t      offset;
    pcre2_code *code = pcre2_compile(text.data, text.len, OPTIONS, &error,
                                     &offset, NULL);

    if (code == NULL) {
        fault->line = line;
        (void) pcre2_get_error_message(error, (PCRE2_UCHAR *) fault->message,
                                       sizeof(fault->message));
    }

    return code;
}

/* The groups that something could refer to by number or name. */
static uint32_t
groups_in(const pcre2_code *code)
{
    uint32_t count = 0;

    (void) pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &count);

    return count;
}

static bool
line_check(dp_slice_t text, unsigned line, dp_probe_fault_t *fault)
{
    uint32_t    groups;
    pcre2_code *code = text_compile(text, line, fault);

    if (code == NULL) {
        return false;
    }

    groups = groups_in(code);
    pcre2_code_free(code);

    if (groups != 0) {
        *fault = (dp_probe_fault_t) {line, "groups have no names here"};
    }

    return groups == 0;
}

/* The line goes into the text, as which it must be a pattern, too. */
static bool
line_add(dp_writer_t *text, dp_slice_t line, unsigned number,
         dp_probe_fault_t *fault)
{
    size_t     before = dp_written(text).len;
    dp_slice_t all;

    dp_write_text(text, OPEN);
    dp_write_bytes(text, line);
    dp_write_text(text, CLOSE);
    all = dp_written(text); /* with a bar at its end */

    return !text->failed
           && line_check(dp_slice(all.data + before, all.len - before - 1),
                         number, fault);
}

/* All lines in one text; false with a fault of the first that is no pattern. */
static bool
lines_join(dp_probe_t *probe, dp_slice_t file, dp_writer_t *text,
           dp_probe_fault_t *fault)
{
    for (unsigned number = 1; file.len != 0; number++) {
        dp_slice_t line = line_take(&file);

        if (!line_speaks(line)) {
            continue;
        }

        if (!line_check(line, number, fault)
            || !line_add(text, line, number, fault)) {
            return false;
        }

        probe->count++;
    }

    return !text->failed;
}

bool
dp_probe_open(dp_probe_t *probe, dp_slice_t file, dp_writer_t *text,
              dp_probe_fault_t *fault)
{
    dp_slice_t joined;

    *probe = (dp_probe_t) {.code = NULL};
    *fault = (dp_probe_fault_t) {.message = "it is too large"};

    if (!lines_join(probe, file, text, fault)) {
        return false;
    }

    if (probe->count == 0) {
        return true;
    }

    joined = dp_written(text);
    joined.len--; /* the last bar */
    probe->code = text_compile(joined, 0, fault);

    /* where the machine has no compiler of PCRE2's, the text is interpreted */
    if (probe->code != NULL) {
        (void) pcre2_jit_compile(probe->code, PCRE2_JIT_COMPLETE);
    }

    return probe->code != NULL;
}

void
dp_probe_close(dp_probe_t *probe)
{
    pcre2_code_free(probe->code);
    *probe = (dp_probe_t) {.code = NULL};
}

/* --- matching --------------------------------------------------------------- */

bool
dp_probe_match(const dp_probe_t *probe, dp_slice_t path)
{
    if (probe->code == NULL) {
        return false;
    }

    if (path.len > DP_PROBE_PATH_MAX) {
        path.len = DP_PROBE_PATH_MAX;
    }

    return dp_pcre_match(probe->code, path, DP_PROBE_STEPS) != DP_PCRE_NO;
}
