/*
 * The union of several Prometheus texts.
 *
 * A text is read by lines.  "# HELP NAME ..." begins a family, which goes on up
 * to the next such line; what stands before the first one belongs to none.
 * Texts of one version have their families in one order, so the one that is
 * looked for next is mostly the one that comes next.
 */

#include "dp_prometheus.h"

#define HELP DP_SLICE("# HELP ")

/* The line at `at` without its end, which may lack; false when there is none. */
static bool
line_read(dp_slice_t text, const uint8_t **at, dp_slice_t *line)
{
    const uint8_t *end = dp_slice_end(text);
    const uint8_t *newline;

    if (*at == end) {
        return false;
    }

    newline = memchr(*at, '\n', (size_t) (end - *at));
    *line = dp_slice(*at, (size_t) ((newline == NULL ? end : newline) - *at));
    *at = newline == NULL ? end : newline + 1;

    return true;
}

static bool
begins(dp_slice_t text, dp_slice_t with)
{
    return text.len >= with.len && memcmp(text.data, with.data, with.len) == 0;
}

static size_t
name_length(dp_slice_t text)
{
    size_t len = 0;

    while (len < text.len
           && (text.data[len] == '_' || text.data[len] == ':'
               || (text.data[len] >= '0' && text.data[len] <= '9')
               || ((text.data[len] | 0x20) >= 'a'
                   && (text.data[len] | 0x20) <= 'z'))) {
        len++;
    }

    return len;
}

/* The name that a line begins a family of; empty: it begins none. */
static dp_slice_t
family_of(dp_slice_t line)
{
    dp_slice_t rest;

    if (!begins(line, HELP)) {
        return dp_slice(NULL, 0);
    }

    rest = dp_slice(line.data + HELP.len, line.len - HELP.len);

    return dp_slice(rest.data, name_length(rest));
}

/* Moves behind the line that begins the family; false: the part has it not. */
static bool
family_seek(const dp_prometheus_part_t *part, const uint8_t **at,
            const uint8_t *end, dp_slice_t name)
{
    dp_slice_t line;
    dp_slice_t text = dp_slice(part->text.data,
                               (size_t) (end - part->text.data));

    while (line_read(text, at, &line)) {
        if (dp_slice_equal(family_of(line), name)) {
            return true;
        }
    }

    return false;
}

/* Looks onwards from where the part was left, then from its beginning. */
static const uint8_t *
family_find(const dp_prometheus_part_t *part, dp_slice_t name)
{
    const uint8_t *at = part->next;

    if (family_seek(part, &at, dp_slice_end(part->text), name)) {
        return at;
    }

    at = part->text.data;

    return family_seek(part, &at, part->next, name) ? at : NULL;
}

/* The name is the family's, or that with a suffix of a histogram. */
static bool
sample_belongs(dp_slice_t name, dp_slice_t family)
{
    dp_slice_t suffix;

    if (!begins(name, family)) {
        return false;
    }

    suffix = dp_slice(name.data + family.len, name.len - family.len);

    return suffix.len == 0 || dp_slice_equal(suffix, DP_SLICE("_bucket"))
           || dp_slice_equal(suffix, DP_SLICE("_sum"))
           || dp_slice_equal(suffix, DP_SLICE("_count"));
}

static void
sample_write(dp_writer_t *writer, dp_slice_t line, dp_slice_t family,
             dp_slice_t label)
{
    size_t     name = name_length(line);
    dp_slice_t rest = dp_slice(line.data + name, line.len - name);
    bool       labelled = begins(rest, DP_SLICE("{"));

    if (!sample_belongs(dp_slice(line.data, name), family)
        || !(labelled || begins(rest, DP_SLICE(" ")))) {
        return;
    }

    dp_write_bytes(writer, dp_slice(line.data, name));
    dp_write_text(writer, "{");
    dp_write_bytes(writer, label);
    dp_write_text(writer, labelled ? "," : "}");
    dp_write_bytes(writer, dp_slice(rest.data + labelled, rest.len - labelled));
    dp_write_text(writer, "\n");
}

/* The family's lines from `at` on; the part is left behind them. */
static void
family_write(dp_writer_t *writer, dp_prometheus_part_t *part,
             const uint8_t *at, dp_slice_t family, bool first)
{
    dp_slice_t line;

    part->next = at;

    while (line_read(part->text, &at, &line)
           && family_of(line).len == 0) {
        part->next = at;

        if (!begins(line, DP_SLICE("#"))) {
            sample_write(writer, line, family, part->label);

        } else if (first && begins(line, DP_SLICE("# TYPE "))) {
            dp_write_bytes(writer, line);
            dp_write_text(writer, "\n");
            first = false;
        }
    }
}

/* One of the parts has it, and is looked through from there the next time. */
static bool
family_known(dp_prometheus_part_t *parts, size_t count, dp_slice_t name)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = family_find(&parts[i], name);

        if (at != NULL) {
            parts[i].next = at;
            return true;
        }
    }

    return false;
}

/* A part that is not ours may have a family twice: once is all it gets. */
static bool
family_again(const dp_prometheus_part_t *part, const uint8_t *at,
             dp_slice_t name)
{
    const uint8_t *first = part->text.data;

    return family_seek(part, &first, at, name) && first != at;
}

/* A family as all parts from the first that has it on tell of it. */
static void
family_merge(dp_writer_t *writer, dp_prometheus_part_t *parts, size_t count,
             dp_slice_t name)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = family_find(&parts[i], name);

        if (at != NULL) {
            family_write(writer, &parts[i], at, name, i == 0);
        }
    }
}

/* The families of a part that none of those before it has. */
static void
part_merge(dp_writer_t *writer, dp_prometheus_part_t *parts, size_t index,
           size_t count)
{
    dp_slice_t            line;
    dp_prometheus_part_t *part = &parts[index];
    const uint8_t        *at = part->text.data;

    while (line_read(part->text, &at, &line)) {
        dp_slice_t name = family_of(line);

        if (name.len == 0 || family_again(part, at, name)
            || family_known(parts, index, name)) {
            continue;
        }

        dp_write_bytes(writer, line);
        dp_write_text(writer, "\n");
        family_merge(writer, part, count - index, name);
    }
}

void
dp_prometheus_merge(dp_writer_t *writer, dp_prometheus_part_t *parts,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            parts[k].next = parts[k].text.data;
        }

        part_merge(writer, parts, i, count);
    }
}

size_t
dp_prometheus_merge_size(const dp_prometheus_part_t *parts, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++) {
        dp_slice_t     line;
        const uint8_t *at = parts[i].text.data;

        while (line_read(parts[i].text, &at, &line)) {
            size += line.len + parts[i].label.len + 4;
        }
    }

    return size;
}
