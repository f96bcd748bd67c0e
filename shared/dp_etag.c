/*
 * Reading lists of entity tags.  See dp_etag.h.
 */

#include "dp_etag.h"

/* Blanks and commas between tags; whether there was a comma. */
static bool
separator_read(dp_reader_t *reader)
{
    bool comma = false;

    while (dp_reader_at(reader, ' ') || dp_reader_at(reader, '\t') || dp_reader_at(reader, ',')) {
        comma = comma || *reader->pos == ',';
        reader->pos++;
    }

    return comma;
}

/* W/"..." or "...": visible ASCII but quotes, and bytes above 0x7f. */
static dp_etag_t
tag_read(dp_reader_t *reader)
{
    dp_etag_t tag = {.weak = dp_reader_at(reader, 'W')};
    uint8_t   byte;

    if (tag.weak) {
        dp_read_u8(reader);
        reader->failed = reader->failed || dp_read_u8(reader) != '/';
    }

    if (dp_read_u8(reader) != '"') {
        reader->failed = true;
    }

    tag.opaque = dp_slice(reader->pos, 0);

    do {
        byte = dp_read_u8(reader);

        if (byte < '!' || byte == 0x7f) {
            reader->failed = true;
        }

        tag.opaque.len++;
    } while (!reader->failed && byte != '"');

    tag.opaque.len--;

    return tag;
}

bool
dp_etag_list_valid(dp_slice_t value)
{
    dp_reader_t reader = dp_reader(value);
    bool        comma;

    if (dp_slice_equal(value, DP_SLICE("*"))) {
        return true;
    }

    (void) separator_read(&reader);

    do {
        (void) tag_read(&reader);
        comma = separator_read(&reader);
    } while (comma && dp_reader_left(&reader) != 0);

    return dp_reader_done(&reader);
}

bool
dp_etag_next(dp_reader_t *reader, dp_etag_t *tag)
{
    (void) separator_read(reader);

    if (dp_reader_left(reader) == 0) {
        return false;
    }

    *tag = tag_read(reader);

    return !reader->failed;
}
