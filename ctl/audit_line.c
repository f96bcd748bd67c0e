/*
 * Reading lines of an export: JSON back into what was hashed.  A value has one text;
 * another one of the same value is malformed, so nothing hides in a line.
 */

#define _GNU_SOURCE /* timegm */

#include "audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "dp_hex.h"
#include "dp_id.h"

#define TIME_SIZE 27 /* 2026-11-20T10:00:00.000001Z */

/* As many tokens as a line of this length can have, and as many bytes of text. */
static void
line_reserve(dp_line_t *line, size_t len)
{
    uint32_t tokens = (uint32_t) (len / 2 + 2);
    size_t   size = 2 * len + 64 * DP_AUDIT_FIELDS;

    line->used = 0;

    if (line->json.capacity < tokens) {
        line->json.tokens = realloc(line->json.tokens,
                                    tokens * sizeof(*line->json.tokens));
        line->json.capacity = tokens;
    }

    if (line->size < size) {
        line->buffer = realloc(line->buffer, size);
        line->size = size;
    }

    if (line->json.tokens == NULL || line->buffer == NULL) {
        fputs(DP_CTL ": out of memory\n", stderr);
        exit(EX_OSERR);
    }
}

void
dp_line_free(dp_line_t *line)
{
    free(line->json.tokens);
    free(line->buffer);
}

/* --- values ------------------------------------------------------------------ */

static uint8_t *
take(dp_line_t *line, size_t len)
{
    uint8_t *bytes = line->buffer + line->used;

    line->used += len;

    return bytes;
}

/* The value's token when it has that type, else 0. */
static uint32_t
member(const dp_line_t *line, const char *name, dp_json_type_t type)
{
    uint32_t token = dp_json_member(&line->json, 0, dp_slice_text(name));

    return line->json.tokens[token].type == type ? token : 0;
}

static bool
text_read(dp_line_t *line, const char *name, dp_slice_t *text)
{
    uint32_t token = member(line, name, DP_JSON_STRING);
    size_t   len = line->json.tokens[token].len;

    if (token != 0) {
        *text = dp_json_text(&line->json, token, take(line, len), len);
    }

    return token != 0;
}

/* Exactly `size` bytes, in lower case. */
static bool
hex_read(dp_line_t *line, dp_slice_t text, size_t size, dp_slice_t *bytes)
{
    uint8_t *to = take(line, size);
    char     again[2];

    if (text.len != 2 * size) {
        return false;
    }

    for (size_t i = 0; i < size; i++) {
        to[i] = (uint8_t) (dp_hex_digit(text.data[2 * i]) << 4
                           | dp_hex_digit(text.data[2 * i + 1]));
        dp_hex_format(again, &to[i], 1);

        if (memcmp(again, &text.data[2 * i], sizeof(again)) != 0) {
            return false;
        }
    }

    *bytes = dp_slice(to, size);

    return true;
}

static bool
uuid_read(dp_line_t *line, dp_slice_t text, dp_slice_t *bytes)
{
    uint8_t *id = take(line, DP_ID_SIZE);
    char     again[DP_ID_TEXT_SIZE];

    if (!dp_id_parse(id, text)) {
        return false;
    }

    dp_id_format(again, id);
    *bytes = dp_slice(id, DP_ID_SIZE);

    return dp_slice_equal(text, dp_slice(again, sizeof(again)));
}

static bool
time_read(dp_slice_t text, uint64_t *unix_us)
{
    char      copy[TIME_SIZE + 1] = {0};
    char      again[64];
    struct tm parts = {0};
    unsigned  micros;
    time_t    seconds;

    if (text.len != TIME_SIZE) {
        return false;
    }

    memcpy(copy, text.data, TIME_SIZE);

    if (sscanf(copy, "%4d-%2d-%2dT%2d:%2d:%2d.%6uZ", &parts.tm_year,
               &parts.tm_mon, &parts.tm_mday, &parts.tm_hour, &parts.tm_min,
               &parts.tm_sec, &micros)
        != 7) {
        return false;
    }

    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    seconds = timegm(&parts); /* which makes a real day of any */
    *unix_us = (uint64_t) seconds * 1000000 + micros;
    snprintf(again, sizeof(again), "%04d-%02d-%02dT%02d:%02d:%02d.%06uZ",
             parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
             parts.tm_hour, parts.tm_min, parts.tm_sec, micros);

    return strcmp(copy, again) == 0;
}

static bool
time_bytes(dp_line_t *line, dp_slice_t text, dp_slice_t *bytes)
{
    dp_writer_t writer = dp_writer(take(line, 8), 8);
    uint64_t    unix_us;

    if (!time_read(text, &unix_us)) {
        return false;
    }

    dp_write_u64(&writer, unix_us);
    *bytes = dp_written(&writer);

    return true;
}

static bool
hash_read(dp_line_t *line, const char *name, dp_hash_t *hash)
{
    dp_slice_t text, bytes;

    if (!text_read(line, name, &text)
        || !hex_read(line, text, sizeof(*hash), &bytes)) {
        return false;
    }

    memcpy(hash, bytes.data, sizeof(*hash));

    return true;
}

static bool
chain_read(dp_line_t *line, uint8_t *chain_id)
{
    dp_slice_t text, bytes;

    if (!text_read(line, "chainId", &text) || !uuid_read(line, text, &bytes)) {
        return false;
    }

    memcpy(chain_id, bytes.data, DP_ID_SIZE);

    return true;
}

static bool
number_read(dp_line_t *line, const char *name, uint64_t *number)
{
    uint32_t token = member(line, name, DP_JSON_NUMBER);
    int64_t  value;

    if (token == 0 || !dp_json_integer(&line->json, token, &value)
        || value < 0) {
        return false;
    }

    *number = (uint64_t) value;

    return true;
}

/* --- lines ------------------------------------------------------------------- */

static bool
field_read(dp_line_t *line, size_t i)
{
    const dp_audit_field_row_t *row = &dp_audit_fields[i];
    dp_slice_t                 *bytes = &line->event.fields[i];
    dp_slice_t                  text;

    if (member(line, row->name, DP_JSON_NULL) != 0) {
        line->event.null |= 1u << i;
        return true;
    }

    if (!text_read(line, row->name, &text)) {
        return false;
    }

    switch (row->form) {
    case DP_AUDIT_UUID:
        return uuid_read(line, text, bytes);
    case DP_AUDIT_TIME:
        return time_bytes(line, text, bytes);
    case DP_AUDIT_HEX:
        return hex_read(line, text, row->size, bytes);
    default:
        *bytes = text;
        return true;
    }
}

static bool
event_read(dp_line_t *line)
{
    dp_slice_t salt;

    line->event = (dp_audit_event_t) {.null = 0};

    for (size_t i = 0; i < DP_AUDIT_FIELDS; i++) {
        if (!field_read(line, i)) {
            return false;
        }
    }

    if (!hash_read(line, "leafHash", &line->event.leaf)) {
        return false;
    }

    return !text_read(line, "salt", &salt)
           || (hex_read(line, salt, DP_ID_SIZE, &line->event.salt)
               && text_read(line, "detail", &line->event.detail));
}

static bool
seal_read(dp_line_t *line)
{
    dp_audit_seal_t *seal = &line->seal;
    dp_slice_t       at, key;

    line->retained = member(line, "eventsKept", DP_JSON_FALSE) == 0;

    if (!text_read(line, "at", &at) || !text_read(line, "keyId", &key)
        || key.len != sizeof(seal->key_id)) {
        return false;
    }

    memcpy(seal->key_id, key.data, key.len);

    return chain_read(line, seal->chain_id) && number_read(line, "no", &seal->no)
           && number_read(line, "count", &seal->count)
           && time_read(at, &seal->at_us) && hash_read(line, "root", &seal->root)
           && hash_read(line, "previous", &seal->previous)
           && hash_read(line, "hash", &seal->hash)
           && hash_read(line, "mac", &seal->mac);
}

static bool
export_read(dp_line_t *line)
{
    dp_slice_t format;

    return text_read(line, "format", &format)
           && dp_slice_equal(format, DP_SLICE("devpilot.audit-export.v1"))
           && chain_read(line, line->chain_id);
}

static bool
checkpoint_read(dp_line_t *line)
{
    return text_read(line, "note", &line->note);
}

typedef struct {
    const char *name;
    bool      (*read)(dp_line_t *line);
} type_row_t;

static const type_row_t types[] = {
    [DP_LINE_EXPORT] = {"export", export_read},
    [DP_LINE_EVENT] = {"event", event_read},
    [DP_LINE_SEAL] = {"seal", seal_read},
    [DP_LINE_CHECKPOINT] = {"checkpoint", checkpoint_read},
};

void
dp_line_read(dp_line_t *line, dp_slice_t text)
{
    dp_slice_t name;

    line->type = DP_LINE_MALFORMED;
    line_reserve(line, text.len);

    if (dp_json_check(&line->json, text) != DP_JSON_OK
        || line->json.tokens[0].type != DP_JSON_OBJECT
        || !text_read(line, "type", &name)) {
        return;
    }

    for (size_t i = DP_LINE_EXPORT; i <= DP_LINE_CHECKPOINT; i++) {
        if (dp_slice_equal(name, dp_slice_text(types[i].name))
            && types[i].read(line)) {
            line->type = (dp_line_type_t) i;
        }
    }
}
