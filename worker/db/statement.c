/*
 * Values in PostgreSQL's binary format: integers in network order, times as
 * microseconds since 2000.
 */

#include "statement.h"

/* Object ids of built-in types, fixed since they were introduced (pg_type.dat). */
enum {
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
};

static dp_value_t
integer(uint32_t type, uint64_t value, size_t width)
{
    dp_value_t  bound = {.type = type, .len = (int32_t) width};
    dp_writer_t writer = dp_writer(bound.fixed, sizeof(bound.fixed));

    dp_write_uint(&writer, value, width);

    return bound;
}

static dp_value_t
borrowed(uint32_t type, dp_slice_t bytes)
{
    return (dp_value_t) {
        .type = type,
        .len = (int32_t) bytes.len,
        .data = bytes.data == NULL ? "" : (const void *) bytes.data,
    };
}

dp_value_t
dp_uuid(const uint8_t *id)
{
    return borrowed(OID_UUID, dp_slice(id, DP_ID_SIZE));
}

dp_value_t
dp_text(dp_slice_t text)
{
    return borrowed(OID_TEXT, text);
}

dp_value_t
dp_text_or_null(dp_slice_t text)
{
    return text.len == 0 ? dp_null(dp_text(text)) : dp_text(text);
}

dp_value_t
dp_bytea(dp_slice_t bytes)
{
    return borrowed(OID_BYTEA, bytes);
}

dp_value_t
dp_int2(int16_t value)
{
    return integer(OID_INT2, (uint64_t) value, 2);
}

dp_value_t
dp_int4(int32_t value)
{
    return integer(OID_INT4, (uint64_t) value, 4);
}

dp_value_t
dp_int8(int64_t value)
{
    return integer(OID_INT8, (uint64_t) value, 8);
}

dp_value_t
dp_time(uint64_t unix_us)
{
    return integer(OID_TIMESTAMPTZ,
                   (uint64_t) ((int64_t) unix_us - DP_POSTGRES_EPOCH_US), 8);
}

dp_value_t
dp_null(dp_value_t of)
{
    of.null = true;
    return of;
}
