/*
 * Events and seals as JSON.  A text that is null and one that is empty differ: their
 * leaf hashes do.
 */

#include "audit.h"

#include "dp_id.h"

/* A name, its punctuation, and a value of fixed length. */
#define FIELD_SIZE 96

size_t
dp_audit_event_size(const dp_audit_event_t *event)
{
    size_t size = (DP_AUDIT_FIELDS + 1) * FIELD_SIZE;

    for (size_t i = 0; i < DP_AUDIT_FIELDS; i++) {
        size += dp_audit_fields[i].form == DP_AUDIT_TEXT
                    ? 6 * event->fields[i].len
                    : 2 * event->fields[i].len;
    }

    return size;
}

static void
hex_write(dp_writer_t *writer, dp_slice_t bytes)
{
    char text[2];

    dp_write_text(writer, "\"");

    for (dp_reader_t left = dp_reader(bytes); dp_reader_left(&left) != 0;) {
        uint8_t byte = dp_read_u8(&left);

        dp_hex_format(text, &byte, 1);
        dp_write_bytes(writer, dp_slice(text, sizeof(text)));
    }

    dp_write_text(writer, "\"");
}

static void
field_write(dp_writer_t *writer, dp_audit_form_t form, dp_slice_t bytes)
{
    dp_reader_t reader = dp_reader(bytes);

    switch (form) {
    case DP_AUDIT_UUID:
        dp_json_id(writer, bytes.data);
        break;
    case DP_AUDIT_TIME:
        dp_json_time(writer, dp_read_u64(&reader));
        break;
    case DP_AUDIT_TEXT:
        dp_json_string(writer, bytes);
        break;
    case DP_AUDIT_HEX:
        hex_write(writer, bytes);
        break;
    }
}

void
dp_audit_hash_write(dp_writer_t *writer, const dp_hash_t *hash)
{
    hex_write(writer, dp_slice(hash, sizeof(*hash)));
}

void
dp_audit_event_members(dp_writer_t *writer, const dp_audit_event_t *event)
{
    for (size_t i = 0; i < DP_AUDIT_FIELDS; i++) {
        const dp_audit_field_row_t *row = &dp_audit_fields[i];

        dp_write_text(writer, i == 0 ? "\"" : ",\"");
        dp_write_text(writer, row->name);
        dp_write_text(writer, "\":");

        if ((event->null >> i & 1) != 0) {
            dp_write_text(writer, "null");
        } else {
            field_write(writer, row->form, event->fields[i]);
        }
    }

    dp_write_text(writer, ",\"leafHash\":");
    dp_audit_hash_write(writer, &event->leaf);
}

void
dp_audit_seal_members(dp_writer_t *writer, const dp_audit_seal_t *seal)
{
    dp_write_text(writer, "\"chainId\":");
    dp_json_id(writer, seal->chain_id);
    dp_write_text(writer, ",\"no\":");
    dp_json_uint(writer, seal->no);
    dp_write_text(writer, ",\"count\":");
    dp_json_uint(writer, seal->count);
    dp_write_text(writer, ",\"at\":");
    dp_json_time(writer, seal->at_us);
    dp_write_text(writer, ",\"root\":");
    dp_audit_hash_write(writer, &seal->root);
    dp_write_text(writer, ",\"previous\":");
    dp_audit_hash_write(writer, &seal->previous);
    dp_write_text(writer, ",\"hash\":");
    dp_audit_hash_write(writer, &seal->hash);
    dp_write_text(writer, ",\"mac\":");
    dp_audit_hash_write(writer, &seal->mac);
    dp_write_text(writer, ",\"keyId\":");
    dp_json_string(writer, dp_slice(seal->key_id, strnlen(seal->key_id,
                                                          sizeof(seal->key_id))));
}
