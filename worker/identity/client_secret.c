/*
 * Reading a client's secret: what it is made of, not whether it is right.
 */

#include "client_secret.h"

#include "policy/input.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <strings.h>

#define PREFIX_SIZE 8
#define KEY_TEXT_SIZE 55 /* dp_, prefix, _, 43 characters */
#define BASIC_MAX 256    /* characters of base64 */

/* "Basic" and base64, padded: the bytes, or nothing. */
static dp_slice_t
basic_decode(const dp_op_t *op, dp_slice_t header)
{
    static const char scheme[] = "Basic ";
    size_t            skipped = sizeof(scheme) - 1;
    dp_slice_t        text;
    uint8_t          *bytes;
    int               len;

    if (header.len < skipped + 4 || header.len > skipped + BASIC_MAX
        || strncasecmp((const char *) header.data, scheme, skipped) != 0) {
        return dp_slice(NULL, 0);
    }

    text = dp_slice(header.data + skipped, header.len - skipped);
    bytes = dp_arena_alloc(op->arena, text.len);
    len = EVP_DecodeBlock(bytes, text.data, (int) text.len);

    /* what EVP_DecodeBlock() counts as bytes though it stands for none */
    for (size_t i = text.len; len > 0 && i > 0 && text.data[i - 1] == '='; i--) {
        len--;
    }

    return dp_slice(bytes, len < 0 ? 0 : (size_t) len);
}

/* The bytes before the first colon, and those behind it. */
static bool
pair_split(dp_slice_t pair, dp_slice_t *id, dp_slice_t *secret)
{
    const uint8_t *colon = pair.len == 0 ? NULL
                                         : memchr(pair.data, ':', pair.len);

    if (colon == NULL) {
        return false;
    }

    *id = dp_slice(pair.data, (size_t) (colon - pair.data));
    *secret = dp_slice(colon + 1, pair.len - id->len - 1);

    return true;
}

static bool
is_key(dp_slice_t text)
{
    if (text.len != KEY_TEXT_SIZE || memcmp(text.data, "dp_", 3) != 0
        || text.data[3 + PREFIX_SIZE] != '_') {
        return false;
    }

    for (size_t i = 3; i < 3 + PREFIX_SIZE; i++) {
        if (!isalnum(text.data[i])) {
            return false;
        }
    }

    return true;
}

/* The id is the key's own prefix. */
static bool
is_clients(dp_slice_t id, dp_slice_t key)
{
    return dp_slice_equal(id, dp_slice(key.data + 3, PREFIX_SIZE))
           || dp_slice_equal(id, dp_slice(key.data, 3 + PREFIX_SIZE));
}

bool
dp_client_secret_read(dp_op_t *op, dp_client_secret_t *client)
{
    dp_slice_t header = op->request->authorization;
    dp_slice_t id = dp_form_text(&op->input->form, "client_id");
    dp_slice_t secret = dp_form_text(&op->input->form, "client_secret");

    if (header.len != 0 && secret.len != 0) {
        return dp_op_fail(op, DP_ERR_REQUEST_MALFORMED);
    }

    if (header.len == 0 && secret.len == 0) {
        return dp_op_fail(op, DP_ERR_AUTH_REQUIRED);
    }

    if (header.len != 0 && !pair_split(basic_decode(op, header), &id, &secret)) {
        return dp_op_fail(op, DP_ERR_AUTH_KEY_INVALID);
    }

    if (!is_key(secret) || !is_clients(id, secret)) {
        return dp_op_fail(op, DP_ERR_AUTH_KEY_INVALID);
    }

    client->prefix = dp_slice(secret.data + 3, PREFIX_SIZE);
    client->text = secret;

    return true;
}
