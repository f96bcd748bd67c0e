/*
 * Reading cookies: parts between semicolons, each a name, "=" and a value.
 */

#include "dp_cookie.h"

#include <strings.h>

#include "dp_base64url.h"
#include "dp_headers.h"

#define SECRET_BYTES 32

/* Takes the next part from the front, without blanks around it; false: the end. */
static bool
part_next(dp_slice_t *rest, dp_slice_t *part)
{
    const uint8_t *end;
    size_t         len;

    if (rest->len == 0) {
        return false;
    }

    end = memchr(rest->data, ';', rest->len);
    len = end == NULL ? rest->len : (size_t) (end - rest->data);
    *part = dp_header_value_trim(dp_slice(rest->data, len));
    *rest = end == NULL ? dp_slice(NULL, 0)
                        : dp_slice(end + 1, rest->len - len - 1);

    return true;
}

static void
part_split(dp_slice_t part, dp_slice_t *name, dp_slice_t *value)
{
    const uint8_t *equals = part.len == 0 ? NULL
                                          : memchr(part.data, '=', part.len);
    size_t         len = equals == NULL ? part.len
                                        : (size_t) (equals - part.data);

    *name = dp_header_value_trim(dp_slice(part.data, len));
    *value = equals == NULL
                 ? dp_slice(NULL, 0)
                 : dp_header_value_trim(dp_slice(equals + 1,
                                                 part.len - len - 1));
}

size_t
dp_cookie_find(dp_slice_t header, dp_slice_t name, dp_slice_t *value)
{
    size_t     count = 0;
    dp_slice_t part, found, text;

    while (part_next(&header, &part)) {
        part_split(part, &found, &text);

        if (dp_slice_equal(found, name)) {
            *value = text;
            count++;
        }
    }

    return count;
}

static bool
name_ours(dp_slice_t name)
{
    return dp_slice_equal(name, DP_SLICE(DP_COOKIE_SESSION))
           || dp_slice_equal(name, DP_SLICE(DP_COOKIE_DEVICE));
}

size_t
dp_cookie_without_ours(dp_slice_t header, void *buffer)
{
    dp_writer_t writer = dp_writer(buffer, header.len);
    dp_slice_t  part, name, value;

    while (part_next(&header, &part)) {
        part_split(part, &name, &value);

        if (part.len == 0 || name_ours(name)) {
            continue;
        }

        if (dp_written(&writer).len != 0) {
            dp_write_text(&writer, "; ");
        }

        dp_write_bytes(&writer, part);
    }

    return dp_written(&writer).len;
}

bool
dp_cookie_secret_valid(dp_slice_t value, dp_slice_t brand)
{
    uint8_t bytes[SECRET_BYTES];
    size_t  len;

    return value.len == brand.len + DP_BASE64URL_TEXT_SIZE(SECRET_BYTES)
           && memcmp(value.data, brand.data, brand.len) == 0
           && dp_base64url_decode(bytes, sizeof(bytes), &len,
                                  dp_slice(value.data + brand.len,
                                           value.len - brand.len));
}

static bool
text_is(dp_slice_t text, const char *word)
{
    return text.len == strlen(word)
           && strncasecmp((const char *) text.data, word, text.len) == 0;
}

static bool
printable(dp_slice_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] < ' ' || value.data[i] > '~') {
            return false;
        }
    }

    return true;
}

enum {
    HTTP_ONLY = 1,
    SECURE = 2,
    PATH = 4,
    SAME_SITE = 8,
    WRONG = 16,
    ALL_NEEDED = HTTP_ONLY | SECURE | PATH | SAME_SITE,
};

/* What an attribute adds; 0: it does not matter. */
static unsigned
attribute_judge(dp_slice_t name, dp_slice_t value)
{
    if (text_is(name, "HttpOnly")) {
        return HTTP_ONLY;
    }

    if (text_is(name, "Secure")) {
        return SECURE;
    }

    if (text_is(name, "Path")) {
        return text_is(value, "/") ? PATH : WRONG;
    }

    if (text_is(name, "SameSite")) {
        return text_is(value, "Lax") || text_is(value, "Strict") ? SAME_SITE
                                                                 : WRONG;
    }

    return text_is(name, "Domain") ? WRONG : 0;
}

bool
dp_cookie_set_valid(dp_slice_t value)
{
    unsigned   seen = 0;
    dp_slice_t part, name, text;

    if (!printable(value) || !part_next(&value, &part)) {
        return false;
    }

    part_split(part, &name, &text);

    if (!name_ours(name)) {
        return false;
    }

    while (part_next(&value, &part)) {
        part_split(part, &name, &text);
        seen |= attribute_judge(name, text);
    }

    return seen == ALL_NEEDED;
}
