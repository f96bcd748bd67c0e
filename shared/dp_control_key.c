/*
 * Reading and writing the list of signing keys, front to back.
 */

#include "dp_control_key.h"

bool
dp_control_key_next(dp_slice_t *list, dp_control_key_t *key)
{
    dp_reader_t reader = dp_reader(*list);

    key->purpose = dp_read_u8(&reader);
    key->state = dp_read_u8(&reader);
    key->not_after_us = dp_read_u64(&reader);
    key->kid = dp_read_bytes(&reader, dp_read_u8(&reader));
    key->secret = dp_read_bytes(&reader, dp_read_u16(&reader));

    if (reader.failed) {
        return false;
    }

    *list = dp_slice(reader.pos, dp_reader_left(&reader));

    return true;
}

static bool
key_valid(const dp_control_key_t *key)
{
    return (key->purpose == DP_CONTROL_KEY_JWT
            || key->purpose == DP_CONTROL_KEY_CSRF)
           && (key->state == DP_CONTROL_KEY_ACTIVE
               || key->state == DP_CONTROL_KEY_GRACE)
           && key->kid.len != 0 && key->kid.len <= DP_CONTROL_KEY_KID
           && key->secret.len == DP_CONTROL_KEY_SECRET;
}

bool
dp_control_keys_valid(dp_slice_t list)
{
    dp_control_key_t key;
    size_t           count = 0;

    while (dp_control_key_next(&list, &key)) {
        if (!key_valid(&key)) {
            return false;
        }

        count++;
    }

    return list.len == 0 && count <= DP_CONTROL_KEYS;
}

void
dp_control_key_write(dp_writer_t *list, const dp_control_key_t *key)
{
    list->failed |= !key_valid(key);
    dp_write_u8(list, key->purpose);
    dp_write_u8(list, key->state);
    dp_write_u64(list, key->not_after_us);
    dp_write_u8(list, (uint8_t) key->kid.len);
    dp_write_bytes(list, key->kid);
    dp_write_u16(list, (uint16_t) key->secret.len);
    dp_write_bytes(list, key->secret);
}
