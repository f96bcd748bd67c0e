/*
 * What beginning and ending a login elsewhere have in common.
 */

#include "oauth.h"

#include "crypto/digest.h"
#include "db/ask.h"
#include "db/transaction.h"
#include "dp_hex.h"
#include "dp_id.h"
#include "runtime/deadline.h"
#include "secret_text.h"

#include <ctype.h>

#define AUDIT_LIMIT_US 1000000

static const dp_statement_t failure_audit = {
    .name = "oauth.failure",
    .sql = "select app.audit('auth.login.failure', 'identity_provider', $1,"
           "                 'denied', 'AUTH_OAUTH_FAILED', $2::json, 'user', $3)",
    .rows = DP_ROWS_ONE,
};

static const char *public_url;

void
dp_oauth_configure(const dp_settings_t *settings)
{
    public_url = settings->public_url;
}

const dp_identity_provider_t *
dp_oauth_provider(dp_op_t *op)
{
    const dp_identity_provider_t *provider =
        dp_identity_provider_find(op->request->params[0]);

    if (provider == NULL) {
        (void) dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);

    } else if ((op->request->flags & DP_WIRE_SECURE) == 0) {
        (void) dp_op_fail(op, DP_ERR_AUTH_TLS_REQUIRED);
        provider = NULL;
    }

    return provider;
}

dp_issuer_asker_t
dp_oauth_asker(const dp_op_t *op)
{
    const dp_wire_request_t *request = op->request;
    bool traced = !dp_slice_zero(dp_slice(request->trace_id,
                                          sizeof(request->trace_id)));

    return (dp_issuer_asker_t) {
        .db = op->db,
        .arena = op->arena,
        .request_id = request->request_id,
        .trace_id = traced ? request->trace_id : NULL,
        .trace_flags = (uint8_t) request->trace_flags,
        .until_us = dp_monotonic_us() + dp_op_time_left_us(op),
    };
}

dp_slice_t
dp_oauth_redirect_uri(const dp_op_t *op, const dp_identity_provider_t *provider)
{
    return dp_arena_printf(op->arena, "%s/auth/oauth/%s/callback", public_url,
                           provider->name);
}

void
dp_oauth_parameter(dp_writer_t *out, const char *before, const char *name,
                   dp_slice_t value)
{
    static const char digits[] = "0123456789ABCDEF";

    dp_write_text(out, before);
    dp_write_text(out, name);
    dp_write_text(out, "=");

    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = value.data[i];

        if (byte < 0x80 && (isalnum(byte) || strchr("-._~", byte) != NULL)) {
            dp_write_u8(out, byte);
        } else {
            dp_write_u8(out, '%');
            dp_write_u8(out, (uint8_t) digits[byte >> 4]);
            dp_write_u8(out, (uint8_t) digits[byte & 15]);
        }
    }
}

dp_slice_t
dp_oauth_device(const dp_op_t *op, dp_slice_t cookie)
{
    uint8_t digest[DP_SHA256_SIZE];
    char    text[2 * DP_SHA256_SIZE];

    if (!dp_secret_text_valid(cookie, DP_SECRET_DEVICE)) {
        return dp_slice(NULL, 0);
    }

    dp_secret_text_digest(digest, cookie);
    dp_hex_format(text, digest, sizeof(digest));

    return dp_arena_copy(op->arena, dp_slice(text, sizeof(text)));
}

bool
dp_oauth_refuse(dp_op_t *op, dp_slice_t provider, const char *reason)
{
    dp_row_t   row;
    dp_slice_t detail = dp_arena_printf(op->arena, "{\"reason\":\"%s\"}", reason);

    /* a line in the log says it when the trail cannot be reached */
    if (dp_ask(op->db,
               &(dp_question_t) {
                   .statement = &failure_audit,
                   .values = DP_BIND(dp_text(provider), dp_text(detail),
                                     dp_transaction_trace(op)),
                   .request_id = op->request->request_id,
                   .until_us = dp_monotonic_us() + AUDIT_LIMIT_US,
                   .writes = true,
               },
               &row)
        != DP_OK) {
        dp_log_context_t context = dp_op_log_context(op);

        dp_log(DP_LOG_ERROR, &context, DP_ERR_AUTH_OAUTH_FAILED,
               "a login that failed is not in the trail: %s", reason);
    }

    dp_trip_clear(op->db);

    return dp_op_fail(op, DP_ERR_AUTH_OAUTH_FAILED);
}

bool
dp_oauth_unavailable(dp_op_t *op, dp_error_t error, uint32_t retry_after_s)
{
    op->reply.retry_after_s = retry_after_s;

    return dp_op_fail(op, error);
}
