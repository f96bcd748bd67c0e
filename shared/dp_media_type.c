/*
 * Reading media types.  See dp_media_type.h.
 */

#include "dp_media_type.h"

static void
blanks_skip(dp_reader_t *reader)
{
    while (dp_reader_at(reader, ' ') || dp_reader_at(reader, '\t')) {
        reader->pos++;
    }
}

static bool
is_token(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '0' && byte <= '9')
           || (byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

static dp_slice_t
token_read(dp_reader_t *reader)
{
    const uint8_t *start = reader->pos;

    while (dp_reader_left(reader) != 0 && is_token(*reader->pos)) {
        reader->pos++;
    }

    if (reader->pos == start) {
        reader->failed = true;
    }

    return dp_slice(start, (size_t) (reader->pos - start));
}

static void
byte_expect(dp_reader_t *reader, uint8_t byte)
{
    if (dp_read_u8(reader) != byte) {
        reader->failed = true;
    }
}

/* Behind the opening quote; takes the closing one. */
static dp_slice_t
quoted_read(dp_reader_t *reader)
{
    const uint8_t *start = reader->pos;
    uint8_t        byte = dp_read_u8(reader);

    while (!reader->failed && byte != '"') {
        if (byte == '\\') {
            byte = dp_read_u8(reader);
        }

        if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
            reader->failed = true;
        }

        byte = dp_read_u8(reader);
    }

    return reader->failed ? dp_slice(NULL, 0)
                          : dp_slice(start, (size_t) (reader->pos - start) - 1);
}

static dp_slice_t
value_read(dp_reader_t *reader)
{
    if (!dp_reader_at(reader, '"')) {
        return token_read(reader);
    }

    reader->pos++;

    return quoted_read(reader);
}

dp_media_type_t
dp_media_type_read(dp_reader_t *reader)
{
    dp_media_type_t type;

    blanks_skip(reader);
    type.type = token_read(reader);
    byte_expect(reader, '/');
    type.subtype = token_read(reader);

    return type;
}

bool
dp_media_parameter_read(dp_reader_t *reader, dp_media_parameter_t *parameter)
{
    bool begun = false;

    blanks_skip(reader);

    /* a semicolon may stand alone */
    while (dp_reader_at(reader, ';')) {
        reader->pos++;
        blanks_skip(reader);
        begun = true;
    }

    if (!begun || dp_reader_left(reader) == 0 || dp_reader_at(reader, ',')) {
        return false;
    }

    parameter->name = token_read(reader);
    byte_expect(reader, '=');
    parameter->value = value_read(reader);

    return !reader->failed;
}

bool
dp_media_text_is(dp_slice_t text, dp_slice_t lower)
{
    if (text.len != lower.len) {
        return false;
    }

    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];

        if (byte >= 'A' && byte <= 'Z') {
            byte = (uint8_t) (byte - 'A' + 'a');
        }

        if (byte != lower.data[i]) {
            return false;
        }
    }

    return true;
}

/* The type, alone or with charset=utf-8. */
static bool
type_is(dp_slice_t value, dp_slice_t subtype)
{
    dp_reader_t          reader = dp_reader(value);
    dp_media_type_t      type = dp_media_type_read(&reader);
    dp_media_parameter_t parameter;

    if (reader.failed || !dp_media_text_is(type.type, DP_SLICE("application"))
        || !dp_media_text_is(type.subtype, subtype))
    {
        return false;
    }

    while (dp_media_parameter_read(&reader, &parameter)) {
        if (!dp_media_text_is(parameter.name, DP_SLICE("charset"))
            || !dp_media_text_is(parameter.value, DP_SLICE("utf-8")))
        {
            return false;
        }
    }

    return dp_reader_done(&reader);
}

bool
dp_media_type_is_json(dp_slice_t value)
{
    return type_is(value, DP_SLICE("json"));
}

bool
dp_media_type_is_form(dp_slice_t value)
{
    return type_is(value, DP_SLICE("x-www-form-urlencoded"));
}
