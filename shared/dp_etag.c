/*
 * Reading lists of entity tags.  See dp_etag.h.
 */

#include "dp_etag.h"

static bool
at(const dp_reader_t *reader, uint8_t byte)
{
    return dp_reader_left(reader) != 0 && *reader->pos == byte;
}

/* Blanks and commas between tags; whether there was a comma. */
static bool
separator_read(dp_reader_t *reader)
{
    bool comma = false;

    while (at(reader, ' ') || at(reader, '\t') || at(reader, ',')) {
        comma = comma || *reader->pos == ',';
        reader->pos++;
    }

    return comma;
}

/* W/"..." or "...": visible ASCII but quotes, and bytes above 0x7f. */
static void
tag_read(dp_reader_t *reader)
{
    uint8_t byte = dp_read_u8(reader);

    if (byte == 'W') {
        reader->failed = reader->failed || dp_read_u8(reader) != '/';
        byte = dp_read_u8(reader);
    }

    if (byte != '"') {
        reader->failed = true;
    }

    do {
        byte = dp_read_u8(reader);

        if (byte < '!' || byte == 0x7f) {
            reader->failed = true;
        }
    } while (!reader->failed && byte != '"');
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
        tag_read(&reader);
        comma = separator_read(&reader);
    } while (comma && dp_reader_left(&reader) != 0);

    return dp_reader_done(&reader);
}
