/*
 * Cursors, and the query of a listing.
 */

#include "page.h"

#include "crypto/digest.h"
#include "crypto/keys.h"
#include "dp_base64url.h"
#include "input.h"

#define MAC_SIZE 16
#define POSITION_SIZE (sizeof(uint64_t) + DP_ID_SIZE)
#define CURSOR_BYTES (MAC_SIZE + POSITION_SIZE)

_Static_assert(DP_CURSOR_SIZE == DP_BASE64URL_TEXT_SIZE(CURSOR_BYTES),
               "the cursor's length is known to callers");

/* operationId, a zero byte, the organisation, the position */
#define MESSAGE_SIZE (64 + 1 + DP_ID_SIZE + POSITION_SIZE)

static void
cursor_mac(uint8_t mac[DP_SHA256_SIZE], const dp_cursor_scope_t *scope,
           dp_slice_t position)
{
    uint8_t     message[MESSAGE_SIZE];
    dp_writer_t writer = dp_writer(message, sizeof(message));

    dp_write_bytes(&writer, scope->operation);
    dp_write_u8(&writer, 0);
    dp_write_bytes(&writer, dp_slice(scope->org_id, DP_ID_SIZE));
    dp_write_bytes(&writer, position);
    dp_hmac_sha256(mac, scope->key, dp_written(&writer));
}

void
dp_cursor_format(char *text, const dp_cursor_scope_t *scope,
                 const dp_page_position_t *position)
{
    uint8_t     mac[DP_SHA256_SIZE];
    uint8_t     bytes[CURSOR_BYTES];
    dp_writer_t writer = dp_writer(bytes + MAC_SIZE, POSITION_SIZE);

    dp_write_u64(&writer, position->time_us);
    dp_write_bytes(&writer, dp_slice(position->id, DP_ID_SIZE));
    cursor_mac(mac, scope, dp_written(&writer));
    memcpy(bytes, mac, MAC_SIZE);
    dp_base64url_encode(text, dp_slice(bytes, sizeof(bytes)));
}

bool
dp_cursor_parse(dp_page_position_t *position, const dp_cursor_scope_t *scope,
                dp_slice_t text)
{
    uint8_t     mac[DP_SHA256_SIZE];
    uint8_t     bytes[CURSOR_BYTES];
    size_t      len;
    dp_slice_t  signed_bytes;
    dp_reader_t reader;

    if (!dp_base64url_decode(bytes, sizeof(bytes), &len, text)
        || len != sizeof(bytes)) {
        return false;
    }

    signed_bytes = dp_slice(bytes + MAC_SIZE, POSITION_SIZE);
    cursor_mac(mac, scope, signed_bytes);

    reader = dp_reader(signed_bytes);
    position->time_us = dp_read_u64(&reader);
    memcpy(position->id, dp_read_bytes(&reader, DP_ID_SIZE).data, DP_ID_SIZE);

    return dp_equal_secret(dp_slice(mac, MAC_SIZE), dp_slice(bytes, MAC_SIZE));
}

static dp_cursor_scope_t
scope_of(const dp_op_t *op)
{
    return (dp_cursor_scope_t) {
        .key = dp_slice(dp_key(DP_KEY_CURSOR), DP_KEY_SIZE),
        .operation = op->request->operation,
        .org_id = op->request->principal.org_id,
    };
}

bool
dp_page_read(dp_op_t *op, dp_page_t *page)
{
    const dp_parameters_t *parameters = &op->input->parameters;
    dp_cursor_scope_t      scope = scope_of(op);

    page->limit = (unsigned) dp_parameter_integer(parameters, "limit");
    page->position = DP_PAGE_START;

    if (dp_parameter_present(parameters, "cursor")
        && !dp_cursor_parse(&page->position, &scope,
                            dp_parameter_text(parameters, "cursor"))) {
        return dp_op_fail(op, DP_ERR_PAGINATION_CURSOR_INVALID);
    }

    return true;
}

dp_page_position_t
dp_page_position(uint64_t time_us, const uint8_t *id)
{
    dp_page_position_t position = {.time_us = time_us};

    memcpy(position.id, id, DP_ID_SIZE);

    return position;
}

dp_slice_t
dp_page_cursor(dp_op_t *op, const dp_page_position_t *position)
{
    dp_cursor_scope_t scope = scope_of(op);
    char              cursor[DP_CURSOR_SIZE];

    dp_cursor_format(cursor, &scope, position);

    return dp_arena_copy(op->arena, dp_slice(cursor, sizeof(cursor)));
}
