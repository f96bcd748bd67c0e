/*
 * Reading and writing the list of issuers, front to back.
 */

#include "dp_control_issuer.h"

#include "dp_jws.h"

static dp_slice_t
short_read(dp_reader_t *reader)
{
    return dp_read_bytes(reader, dp_read_u8(reader));
}

static dp_slice_t
long_read(dp_reader_t *reader)
{
    return dp_read_bytes(reader, dp_read_u16(reader));
}

/* What is left behind an entry becomes the list; false: there was no entry. */
static bool
entry_end(dp_slice_t *list, dp_reader_t *reader)
{
    if (reader->failed) {
        return false;
    }

    *list = dp_slice(reader->pos, dp_reader_left(reader));

    return true;
}

bool
dp_control_issuer_next(dp_slice_t *list, dp_control_issuer_t *issuer)
{
    dp_reader_t reader = dp_reader(*list);
    dp_reader_t entry = dp_reader(long_read(&reader));

    issuer->issuer = short_read(&entry);
    issuer->lifetime_s = dp_read_u32(&entry);
    issuer->audiences = short_read(&entry);
    issuer->keys = long_read(&entry);

    return dp_reader_done(&entry) && entry_end(list, &reader);
}

bool
dp_control_audience_next(dp_slice_t *list, dp_slice_t *audience)
{
    dp_reader_t reader = dp_reader(*list);

    *audience = short_read(&reader);

    return entry_end(list, &reader);
}

bool
dp_control_issuer_key_next(dp_slice_t *list, dp_control_issuer_key_t *key)
{
    dp_reader_t reader = dp_reader(*list);

    key->algorithm = dp_read_u8(&reader);
    key->kid = short_read(&reader);
    key->spki = long_read(&reader);

    return entry_end(list, &reader);
}

static bool
audiences_valid(dp_slice_t list)
{
    dp_slice_t audience;
    size_t     count = 0;

    while (dp_control_audience_next(&list, &audience)) {
        if (audience.len == 0) {
            return false;
        }

        count++;
    }

    return list.len == 0 && count > 0 && count <= DP_CONTROL_ISSUER_AUDIENCES;
}

static bool
keys_valid(dp_slice_t list)
{
    dp_control_issuer_key_t key;
    size_t                  count = 0;

    while (dp_control_issuer_key_next(&list, &key)) {
        if ((key.algorithm != DP_JWT_RS256 && key.algorithm != DP_JWT_ES256)
            || key.spki.len == 0 || key.spki.len > DP_JWS_SPKI_SIZE) {
            return false;
        }

        count++;
    }

    return list.len == 0 && count <= DP_CONTROL_ISSUER_KEYS;
}

bool
dp_control_issuers_valid(dp_slice_t list)
{
    dp_control_issuer_t issuer;
    size_t              count = 0;

    if (list.len > DP_CONTROL_ISSUERS_SIZE) {
        return false;
    }

    while (dp_control_issuer_next(&list, &issuer)) {
        if (issuer.issuer.len == 0 || issuer.lifetime_s == 0
            || !audiences_valid(issuer.audiences) || !keys_valid(issuer.keys)) {
            return false;
        }

        count++;
    }

    return list.len == 0 && count <= DP_CONTROL_ISSUERS;
}

/* A length that its field does not hold is no entry. */
static void
short_write(dp_writer_t *writer, dp_slice_t bytes)
{
    writer->failed |= bytes.len > UINT8_MAX;
    dp_write_u8(writer, (uint8_t) bytes.len);
    dp_write_bytes(writer, bytes);
}

static void
long_write(dp_writer_t *writer, dp_slice_t bytes)
{
    writer->failed |= bytes.len > UINT16_MAX;
    dp_write_u16(writer, (uint16_t) bytes.len);
    dp_write_bytes(writer, bytes);
}

void
dp_control_audience_write(dp_writer_t *list, dp_slice_t audience)
{
    short_write(list, audience);
}

void
dp_control_issuer_key_write(dp_writer_t *list,
                            const dp_control_issuer_key_t *key)
{
    dp_write_u8(list, key->algorithm);
    short_write(list, key->kid);
    long_write(list, key->spki);
}

void
dp_control_issuer_write(dp_writer_t *list, const dp_control_issuer_t *issuer)
{
    size_t len = 1 + issuer->issuer.len + sizeof(issuer->lifetime_s) + 1
                 + issuer->audiences.len + 2 + issuer->keys.len;

    list->failed |= len > UINT16_MAX;
    dp_write_u16(list, (uint16_t) len);
    short_write(list, issuer->issuer);
    dp_write_u32(list, issuer->lifetime_s);
    short_write(list, issuer->audiences);
    long_write(list, issuer->keys);
}
