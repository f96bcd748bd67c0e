/*
 * Rows in PostgreSQL's binary format.
 */

#include <assert.h>
#include <libpq-fe.h>

#include "row.h"
#include "statement.h"

int
dp_row_count(dp_row_t row)
{
    return PQntuples(row.result);
}

dp_row_t
dp_row_at(dp_row_t row, int index)
{
    return (dp_row_t) {row.result, index};
}

bool
dp_row_null(dp_row_t row, int column)
{
    return PQgetisnull(row.result, row.index, column) != 0;
}

dp_slice_t
dp_row_bytes(dp_row_t row, int column)
{
    return dp_slice(PQgetvalue(row.result, row.index, column),
                    (size_t) PQgetlength(row.result, row.index, column));
}

const uint8_t *
dp_row_uuid(dp_row_t row, int column)
{
    static const uint8_t none[DP_ID_SIZE];
    dp_slice_t           bytes = dp_row_bytes(row, column);

    if (dp_row_null(row, column)) {
        return none;
    }

    assert(bytes.len == DP_ID_SIZE);

    return bytes.data;
}

int64_t
dp_row_int(dp_row_t row, int column)
{
    dp_slice_t  bytes = dp_row_bytes(row, column);
    dp_reader_t reader = dp_reader(bytes);

    assert(bytes.len == 0 || bytes.len == 2 || bytes.len == 4 || bytes.len == 8);

    switch (bytes.len) {
    case 2:
        return (int16_t) dp_read_u16(&reader);
    case 4:
        return (int32_t) dp_read_u32(&reader);
    default:
        return (int64_t) dp_read_uint(&reader, bytes.len);
    }
}

bool
dp_row_bool(dp_row_t row, int column)
{
    dp_slice_t bytes = dp_row_bytes(row, column);

    assert(bytes.len <= 1);

    return bytes.len == 1 && bytes.data[0] != 0;
}

uint64_t
dp_row_time_us(dp_row_t row, int column)
{
    if (dp_row_null(row, column)) {
        return 0;
    }

    return (uint64_t) (dp_row_int(row, column) + DP_POSTGRES_EPOCH_US);
}
