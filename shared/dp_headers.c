/*
 * Reading values of headers: classes of characters as a table, and three
 * grammars.
 */

#include "dp_headers.h"

#include <strings.h>

#define CLIENT_REQUEST_ID_MAX 64

typedef enum {
    LOWER = 1,
    UPPER = 2,
    DIGIT = 4,
    DASH = 8,
    UNDERSCORE = 16,
    DOT = 32,
} class_t;

#define ALPHANUMERIC (LOWER | UPPER | DIGIT)
#define BASE64URL (ALPHANUMERIC | DASH | UNDERSCORE)
#define TOKEN (BASE64URL | DOT)
#define HOST (LOWER | DIGIT | DASH | DOT)

static const uint8_t classes_of[UINT8_MAX + 1] = {
    ['a' ... 'z'] = LOWER, ['A' ... 'Z'] = UPPER, ['0' ... '9'] = DIGIT,
    ['-'] = DASH,          ['_'] = UNDERSCORE,    ['.'] = DOT,
};

static bool
is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

dp_slice_t
dp_header_value_trim(dp_slice_t value)
{
    while (value.len != 0 && is_blank(value.data[0])) {
        value = dp_slice(value.data + 1, value.len - 1);
    }

    while (value.len != 0 && is_blank(value.data[value.len - 1])) {
        value.len--;
    }

    return value;
}

/* How many bytes at the beginning are of these classes. */
static size_t
span(dp_slice_t text, unsigned classes)
{
    size_t len = 0;

    while (len < text.len && classes_of[text.data[len]] & classes) {
        len++;
    }

    return len;
}

static bool
is_all(dp_slice_t text, unsigned classes)
{
    return span(text, classes) == text.len;
}

static dp_slice_t
after(dp_slice_t text, size_t len)
{
    return dp_slice(text.data + len, text.len - len);
}

static bool
begins_with(dp_slice_t text, dp_slice_t prefix)
{
    return text.len >= prefix.len
           && memcmp(text.data, prefix.data, prefix.len) == 0;
}

bool
dp_bearer_find(dp_slice_t value, dp_slice_t *token)
{
    const dp_slice_t scheme = DP_SLICE("Bearer");

    value = dp_header_value_trim(value);

    if (value.len <= scheme.len || !is_blank(value.data[scheme.len])
        || strncasecmp((const char *) value.data, (const char *) scheme.data,
                       scheme.len)
               != 0) {
        return false;
    }

    *token = dp_header_value_trim(after(value, scheme.len));

    return memchr(token->data, ' ', token->len) == NULL;
}

bool
dp_api_key_meant(dp_slice_t value)
{
    dp_slice_t token;

    return dp_bearer_find(value, &token) && begins_with(token, DP_SLICE("dp_"));
}

bool
dp_api_key_find(dp_slice_t value, dp_api_key_t *key)
{
    const dp_slice_t scheme = DP_SLICE("Bearer ");
    const dp_slice_t brand = DP_SLICE("dp_");
    const size_t     secret = brand.len + DP_API_KEY_PREFIX + 1;

    if (value.len != scheme.len + secret + DP_API_KEY_SECRET
        || strncasecmp((const char *) value.data, (const char *) scheme.data,
                       scheme.len)
               != 0) {
        return false;
    }

    key->text = after(value, scheme.len);
    key->prefix = dp_slice(key->text.data + brand.len, DP_API_KEY_PREFIX);
    key->secret = after(key->text, secret);

    return begins_with(key->text, brand) && key->secret.data[-1] == '_';
}

bool
dp_api_key_valid(const dp_api_key_t *key)
{
    return is_all(key->prefix, ALPHANUMERIC) && is_all(key->secret, BASE64URL);
}

/* ":" and a number up to 65535 without leading zeros, or nothing. */
static bool
port_valid(dp_slice_t text)
{
    uint32_t port = 0;

    if (text.len == 0) {
        return true;
    }

    text = after(text, 1);

    if (text.len == 0 || text.len > 5 || text.data[0] == '0'
        || !is_all(text, DIGIT)) {
        return false;
    }

    for (size_t i = 0; i < text.len; i++) {
        port = 10 * port + (text.data[i] - '0');
    }

    return port <= UINT16_MAX;
}

/* The length of a name or an address; of an IPv6 one with its brackets. */
static size_t
host_length(dp_slice_t text)
{
    static const char digits[] = "0123456789abcdef:.";
    size_t            len;

    if (text.len == 0 || text.data[0] != '[') {
        return span(text, HOST);
    }

    for (len = 1; len < text.len && text.data[len] != ']'; len++) {
        if (memchr(digits, text.data[len], sizeof(digits) - 1) == NULL) {
            return 0;
        }
    }

    return len > 1 && len < text.len ? len + 1 : 0;
}

bool
dp_origin_valid(dp_slice_t value)
{
    static const char *const schemes[] = {"https://", "http://"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        dp_slice_t scheme = dp_slice_text(schemes[i]);
        dp_slice_t host;
        size_t     len;

        if (!begins_with(value, scheme)) {
            continue;
        }

        host = after(value, scheme.len);
        len = host_length(host);

        return len != 0 && (len == host.len || host.data[len] == ':')
               && port_valid(after(host, len));
    }

    return false;
}

bool
dp_client_request_id_valid(dp_slice_t value)
{
    return value.len != 0 && value.len <= CLIENT_REQUEST_ID_MAX
           && is_all(value, TOKEN);
}
