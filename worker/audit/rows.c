/*
 * Rows of events and seals, as the database has them: what somebody put there who
 * is not us must not be more than wrong.
 */

#include "audit.h"

dp_hash_t
dp_audit_hash(dp_row_t row, int column)
{
    dp_slice_t bytes = dp_row_bytes(row, column);
    dp_hash_t  hash = {{0}};

    if (bytes.len == sizeof(hash)) {
        memcpy(&hash, bytes.data, sizeof(hash));
    }

    return hash;
}

static dp_slice_t
time_write(uint8_t at[8], uint64_t unix_us)
{
    dp_writer_t writer = dp_writer(at, 8);

    dp_write_u64(&writer, unix_us);

    return dp_written(&writer);
}

dp_audit_event_t
dp_audit_event_row(dp_row_t row, int first, uint8_t at[8])
{
    dp_audit_event_t event = {.leaf = dp_audit_hash(row, first + DP_AUDIT_FIELDS)};

    for (int i = 0; i < DP_AUDIT_FIELDS; i++) {
        event.null |= (uint32_t) dp_row_null(row, first + i) << i;
        event.fields[i] = dp_row_bytes(row, first + i);
    }

    event.fields[DP_AUDIT_AT] =
        time_write(at, dp_row_time_us(row, first + DP_AUDIT_AT));
    event.salt = dp_row_bytes(row, first + DP_AUDIT_FIELDS + 1);
    event.detail = dp_row_bytes(row, first + DP_AUDIT_FIELDS + 2);

    return event;
}

dp_audit_seal_t
dp_audit_seal_row(dp_row_t row, int first)
{
    enum { CHAIN, NO, COUNT, AT, ROOT, PREVIOUS, HASH, MAC, KEY };
    dp_slice_t      key = dp_row_bytes(row, first + KEY);
    dp_audit_seal_t seal = {
        .no = (uint64_t) dp_row_int(row, first + NO),
        .count = (uint64_t) dp_row_int(row, first + COUNT),
        .at_us = dp_row_time_us(row, first + AT),
        .root = dp_audit_hash(row, first + ROOT),
        .previous = dp_audit_hash(row, first + PREVIOUS),
        .hash = dp_audit_hash(row, first + HASH),
        .mac = dp_audit_hash(row, first + MAC),
    };

    memcpy(seal.chain_id, dp_row_uuid(row, first + CHAIN), DP_ID_SIZE);

    if (key.len == sizeof(seal.key_id)) {
        memcpy(seal.key_id, key.data, sizeof(seal.key_id));
    }

    return seal;
}
