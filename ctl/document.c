/*
 * Paths over the tape of tokens.
 */

#define _GNU_SOURCE /* strptime, timegm */

#include "document.h"

#define TIME_SIZE 64

static bool
is_type(const dp_json_t *json, uint32_t token, dp_json_type_t type)
{
    return json->tokens[token].type == type;
}

uint32_t
dp_document_at(const dp_json_t *json, uint32_t object, const char *path)
{
    uint32_t token = object;

    do {
        size_t len = strcspn(path, ".");

        token = is_type(json, token, DP_JSON_OBJECT)
                    ? dp_json_member(json, token, dp_slice(path, len))
                    : 0;
        path += path[len] == '.' ? len + 1 : len;
    } while (token != 0 && *path != '\0');

    return token;
}

int64_t
dp_document_number(const dp_json_t *json, uint32_t object, const char *path,
                   int64_t absent)
{
    uint32_t token = dp_document_at(json, object, path);
    int64_t  value;

    return token != 0 && is_type(json, token, DP_JSON_NUMBER)
                   && dp_json_integer(json, token, &value)
               ? value
               : absent;
}

bool
dp_document_is(const dp_json_t *json, uint32_t object, const char *path,
               dp_json_type_t literal)
{
    uint32_t token = dp_document_at(json, object, path);

    return token != 0 && is_type(json, token, literal);
}

const char *
dp_document_text(const dp_json_t *json, uint32_t object, const char *path,
                 char *buffer, size_t size)
{
    uint32_t   token = dp_document_at(json, object, path);
    dp_slice_t text;

    buffer[0] = '\0';

    if (token == 0 || !is_type(json, token, DP_JSON_STRING)) {
        return buffer;
    }

    text = dp_json_text(json, token, buffer, size);

    if (text.len >= size) {
        buffer[0] = '\0';
        return buffer;
    }

    /* it may be there already */
    if (text.len != 0) {
        memmove(buffer, text.data, text.len);
    }

    buffer[text.len] = '\0';
    return buffer;
}

bool
dp_document_time(const dp_json_t *json, uint32_t object, const char *path,
                 time_t *seconds)
{
    char        text[TIME_SIZE];
    struct tm   parts = {0};
    const char *rest;

    dp_document_text(json, object, path, text, sizeof(text));
    rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);

    if (rest == NULL) {
        return false;
    }

    if (*rest == '.') {
        rest += 1 + strspn(rest + 1, "0123456789");
    }

    *seconds = timegm(&parts);

    return strcmp(rest, "Z") == 0 || strcmp(rest, "+00:00") == 0;
}

static uint32_t
step(const dp_json_t *json, uint32_t container, uint32_t to)
{
    return to < json->tokens[container].next ? to : 0;
}

uint32_t
dp_document_first(const dp_json_t *json, uint32_t container)
{
    return is_type(json, container, DP_JSON_ARRAY)
                   || is_type(json, container, DP_JSON_OBJECT)
               ? step(json, container, container + 1)
               : 0;
}

uint32_t
dp_document_next(const dp_json_t *json, uint32_t container, uint32_t item)
{
    uint32_t value = is_type(json, container, DP_JSON_OBJECT) ? item + 1 : item;

    return step(json, container, json->tokens[value].next);
}

/* Those of ASCII, and U+0080 to U+009F, of which some terminals make orders. */
void
dp_document_print(FILE *out, dp_slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        bool    high = byte == 0xc2 && i + 1 < text.len
                       && text.data[i + 1] < 0xa0;

        i += high;
        putc(high || byte < 0x20 || byte == 0x7f ? '?' : byte, out);
    }
}
