/*
 * Bounded reading and writing of bytes.
 *
 * A reader or writer is sticky: the first read past the end, or the first
 * write without room, sets `failed`, and every later call does nothing (reads
 * give zero).  A caller therefore checks once, at the end.  Integers are
 * big-endian.  Nothing here allocates, and slices borrow from the buffer.
 */

#ifndef DP_BYTES_H
#define DP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes somebody else owns; `data` may be NULL only when `len` is 0. */
typedef struct {
    const uint8_t *data;
    size_t         len;
} dp_slice_t;

typedef struct {
    const uint8_t *pos;
    const uint8_t *end;
    bool           failed;
} dp_reader_t;

typedef struct {
    uint8_t *start;
    uint8_t *pos;
    uint8_t *end;
    bool     failed;
} dp_writer_t;

#define DP_SLICE(text) ((dp_slice_t) {(const uint8_t *) (text), sizeof(text) - 1})

static inline dp_slice_t
dp_slice(const void *data, size_t len)
{
    return (dp_slice_t) {data, len};
}

static inline dp_slice_t
dp_slice_text(const char *text)
{
    return (dp_slice_t) {(const uint8_t *) text, text == NULL ? 0 : strlen(text)};
}

static inline bool
dp_slice_equal(dp_slice_t a, dp_slice_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Below, at or above 0, as memcmp() says it; a prefix comes first. */
static inline int
dp_slice_compare(dp_slice_t a, dp_slice_t b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int    order = len == 0 ? 0 : memcmp(a.data, b.data, len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool
dp_slice_zero(dp_slice_t slice)
{
    uint8_t any = 0;

    for (size_t i = 0; i < slice.len; i++) {
        any |= slice.data[i];
    }

    return any == 0;
}

/* Behind the last byte.  Adding 0 to NULL is undefined, so it is not done. */
static inline const uint8_t *
dp_slice_end(dp_slice_t slice)
{
    return slice.len == 0 ? slice.data : slice.data + slice.len;
}

static inline dp_reader_t
dp_reader(dp_slice_t bytes)
{
    return (dp_reader_t) {bytes.data, dp_slice_end(bytes), false};
}

static inline size_t
dp_reader_left(const dp_reader_t *reader)
{
    return reader->failed ? 0 : (size_t) (reader->end - reader->pos);
}

/* The next byte is there and is this one. */
static inline bool
dp_reader_at(const dp_reader_t *reader, uint8_t byte)
{
    return dp_reader_left(reader) != 0 && *reader->pos == byte;
}

/* True when nothing failed and nothing is left over. */
static inline bool
dp_reader_done(const dp_reader_t *reader)
{
    return !reader->failed && reader->pos == reader->end;
}

/* The next `len` bytes, borrowed; an empty slice on failure. */
static inline dp_slice_t
dp_read_bytes(dp_reader_t *reader, size_t len)
{
    dp_slice_t bytes = {NULL, 0};

    if (len > dp_reader_left(reader)) {
        reader->failed = true;
        return bytes;
    }

    bytes = dp_slice(reader->pos, len);
    reader->pos = dp_slice_end(bytes);

    return bytes;
}

static inline uint64_t
dp_read_uint(dp_reader_t *reader, size_t width)
{
    uint64_t   value = 0;
    dp_slice_t bytes = dp_read_bytes(reader, width);

    for (size_t i = 0; i < bytes.len; i++) {
        value = value << 8 | bytes.data[i];
    }

    return value;
}

static inline uint8_t
dp_read_u8(dp_reader_t *reader)
{
    return (uint8_t) dp_read_uint(reader, 1);
}

static inline uint16_t
dp_read_u16(dp_reader_t *reader)
{
    return (uint16_t) dp_read_uint(reader, 2);
}

static inline uint32_t
dp_read_u32(dp_reader_t *reader)
{
    return (uint32_t) dp_read_uint(reader, 4);
}

static inline uint64_t
dp_read_u64(dp_reader_t *reader)
{
    return dp_read_uint(reader, 8);
}

static inline dp_writer_t
dp_writer(void *buffer, size_t capacity)
{
    uint8_t *start = buffer;

    return (dp_writer_t) {start, start, start + capacity, false};
}

/* What has been written so far. */
static inline dp_slice_t
dp_written(const dp_writer_t *writer)
{
    return dp_slice(writer->start, (size_t) (writer->pos - writer->start));
}

static inline void
dp_write_bytes(dp_writer_t *writer, dp_slice_t bytes)
{
    if (writer->failed || bytes.len > (size_t) (writer->end - writer->pos)) {
        writer->failed = true;
        return;
    }

    if (bytes.len != 0) {
        memcpy(writer->pos, bytes.data, bytes.len);
        writer->pos += bytes.len;
    }
}

static inline void
dp_write_uint(dp_writer_t *writer, uint64_t value, size_t width)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < width; i++) {
        bytes[i] = (uint8_t) (value >> (8 * (width - 1 - i)));
    }

    dp_write_bytes(writer, dp_slice(bytes, width));
}

static inline void
dp_write_u8(dp_writer_t *writer, uint8_t value)
{
    dp_write_uint(writer, value, 1);
}

static inline void
dp_write_u16(dp_writer_t *writer, uint16_t value)
{
    dp_write_uint(writer, value, 2);
}

static inline void
dp_write_u32(dp_writer_t *writer, uint32_t value)
{
    dp_write_uint(writer, value, 4);
}

static inline void
dp_write_u64(dp_writer_t *writer, uint64_t value)
{
    dp_write_uint(writer, value, 8);
}

static inline void
dp_write_text(dp_writer_t *writer, const char *text)
{
    dp_write_bytes(writer, dp_slice_text(text));
}

#endif /* DP_BYTES_H */
