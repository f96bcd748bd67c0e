/*
 * Values in PostgreSQL's binary format: integers in network order, times as
 * microseconds since 2000, arrays as their receive functions read them
 * (src/backend/utils/adt/arrayfuncs.c, array_recv).
 */

#include "statement.h"

/* Object ids of built-in types, fixed since they were introduced (pg_type.dat). */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_TEXT_ARRAY = 1009,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
    OID_UUID_ARRAY = 2951,
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
dp_bool(bool value)
{
    return integer(OID_BOOL, value, 1);
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

/* One dimension, no nulls, lower bound 1. */
static void
array_header(dp_writer_t *writer, uint32_t element_type, size_t count)
{
    dp_write_u32(writer, count == 0 ? 0 : 1);
    dp_write_u32(writer, 0);
    dp_write_u32(writer, element_type);

    if (count != 0) {
        dp_write_u32(writer, (uint32_t) count);
        dp_write_u32(writer, 1);
    }
}

static dp_value_t
array(dp_arena_t *arena, uint32_t type, uint32_t element_type,
      const dp_slice_t *elements, size_t count)
{
    size_t      size = 5 * sizeof(uint32_t);
    dp_writer_t writer;

    for (size_t i = 0; i < count; i++) {
        size += sizeof(uint32_t) + elements[i].len;
    }

    writer = dp_writer(dp_arena_alloc(arena, size), size);
    array_header(&writer, element_type, count);

    for (size_t i = 0; i < count; i++) {
        dp_write_u32(&writer, (uint32_t) elements[i].len);
        dp_write_bytes(&writer, elements[i]);
    }

    return borrowed(type, dp_written(&writer));
}

dp_value_t
dp_uuid_array(dp_arena_t *arena, const uint8_t *ids, size_t count)
{
    dp_slice_t *elements = dp_arena_alloc(arena, (count + 1) * sizeof(*elements));

    for (size_t i = 0; i < count; i++) {
        elements[i] = dp_slice(ids + i * DP_ID_SIZE, DP_ID_SIZE);
    }

    return array(arena, OID_UUID_ARRAY, OID_UUID, elements, count);
}

dp_value_t
dp_text_array(dp_arena_t *arena, const dp_slice_t *texts, size_t count)
{
    return array(arena, OID_TEXT_ARRAY, OID_TEXT, texts, count);
}
