/*
 * Walking a chain in the database.
 */

#include "audit.h"

#include "crypto/keys.h"

bool
dp_audit_walk_open(dp_audit_walk_t *walk, const uint8_t *chain_id, uint64_t no,
                   const dp_hash_t *hash)
{
    walk->pruned = 0;
    walk->fault = DP_AUDIT_SOUND;
    walk->fault_seal = 0;
    walk->fault_seq = -1;

    return dp_audit_check_open(&walk->check, chain_id, no, hash)
           && dp_audit_check_key(&walk->check,
                                 dp_slice(dp_key(DP_KEY_AUDIT), DP_KEY_SIZE));
}

void
dp_audit_walk_close(dp_audit_walk_t *walk)
{
    dp_audit_check_close(&walk->check);
}

static dp_audit_fault_t
event_walk(dp_audit_walk_t *walk, dp_row_t row)
{
    uint8_t          at[8];
    dp_audit_event_t event = dp_audit_event_row(row, DP_AUDIT_WALK_EVENT, at);

    memcpy(walk->fault_event, dp_row_uuid(row, DP_AUDIT_WALK_EVENT), DP_ID_SIZE);

    return dp_row_null(row, DP_AUDIT_WALK_EVENT)
               ? DP_AUDIT_EVENT_MISSING
               : dp_audit_check_event(&walk->check, &event);
}

/* A row is an event's; the last one of a seal is the seal's, too. */
static bool
row_walk(dp_audit_walk_t *walk, dp_row_t row, bool last)
{
    dp_audit_seal_t seal = dp_audit_seal_row(row, 0);
    bool            retained = dp_row_bool(row, DP_AUDIT_WALK_RETAINED);

    walk->fault_seal = seal.no;

    if (retained) {
        walk->fault_seq = dp_row_int(row, DP_AUDIT_WALK_SEQ);
        walk->fault = event_walk(walk, row);
    }

    if (walk->fault == DP_AUDIT_SOUND && last) {
        walk->fault_seq = -1;
        walk->pruned += !retained;
        walk->fault = dp_audit_check_seal(&walk->check, &seal, retained);
    }

    return walk->fault == DP_AUDIT_SOUND;
}

static bool
is_last(dp_row_t rows, int i)
{
    enum { NO = 1 };

    return i + 1 == dp_row_count(rows)
           || dp_row_int(dp_row_at(rows, i + 1), NO)
                  != dp_row_int(dp_row_at(rows, i), NO);
}

bool
dp_audit_walk_rows(dp_audit_walk_t *walk, dp_row_t rows)
{
    for (int i = 0; i < dp_row_count(rows); i++) {
        if (!row_walk(walk, dp_row_at(rows, i), is_last(rows, i))) {
            return false;
        }
    }

    return true;
}

void
dp_audit_walk_write(dp_writer_t *writer, const dp_audit_walk_t *walk)
{
    if (walk->fault == DP_AUDIT_SOUND) {
        dp_write_text(writer, "null");
        return;
    }

    dp_write_text(writer, "{\"seal\":");
    dp_json_uint(writer, walk->fault_seal);
    dp_write_text(writer, ",\"eventId\":");

    if (walk->fault_seq < 0 || walk->fault == DP_AUDIT_EVENT_MISSING) {
        dp_write_text(writer, "null");
    } else {
        dp_json_id(writer, walk->fault_event);
    }

    dp_write_text(writer, ",\"fault\":");
    dp_json_string(writer, dp_slice_text(dp_audit_fault_name(walk->fault)));
    dp_write_text(writer, ",\"message\":");
    dp_json_string(writer, dp_slice_text(dp_audit_fault_text(walk->fault)));
    dp_write_text(writer, "}");
}
