/*
 * enrolTotp: a secret for an authenticator app.  It counts once its first code has
 * shown that the app has it (confirmTotp); until then what was before counts.
 */

#include "crypto/base32.h"
#include "crypto/ids.h"
#include "crypto/random.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "factor.h"
#include "json/render.h"
#include "policy/audit.h"
#include "session.h"

#include <openssl/crypto.h>

#define SECRET_TEXT_SIZE DP_BASE32_TEXT_SIZE(DP_TOTP_SECRET_SIZE)
#define SYNTAX_SIZE 512

static const dp_statement_t enrol = {
    .name = "enrol_totp.enrol",
    .sql = "select app.factor_enrol($1, $2)",
    .rows = DP_ROWS_ONE,
};

/* An address as part of a URI's path: what is not unreserved is escaped. */
static void
uri_write(dp_writer_t *out, dp_slice_t text)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char unreserved[] = "-._~";

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool    kept = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z')
                    || memchr(unreserved, c, sizeof(unreserved) - 1) != NULL;
        char    escaped[] = {'%', digits[c >> 4], digits[c & 15]};

        dp_write_bytes(out, kept ? dp_slice(&c, 1)
                                 : dp_slice(escaped, sizeof(escaped)));
    }
}

static dp_slice_t
secret_render(dp_op_t *op, const uint8_t *id, const uint8_t *secret,
              dp_slice_t email)
{
    char        base32[SECRET_TEXT_SIZE];
    dp_slice_t  text = dp_slice(base32, sizeof(base32));
    dp_writer_t out = dp_render_begin(op->arena, SYNTAX_SIZE + 3 * email.len);

    dp_base32_encode(base32, dp_slice(secret, DP_TOTP_SECRET_SIZE));
    dp_write_text(&out, "{\"factorId\":");
    dp_json_id(&out, id);
    dp_write_text(&out, ",\"secret\":");
    dp_json_string(&out, text);
    dp_write_text(&out, ",\"otpauthUri\":\"otpauth://totp/DevPilot:");
    uri_write(&out, email);
    dp_write_text(&out, "?secret=");
    dp_write_bytes(&out, text);
    dp_write_text(&out, "&issuer=DevPilot&algorithm=SHA1&digits=6&period=30\"}");

    return dp_render_end(&out);
}

static bool
factor_enrol(dp_op_t *op, dp_slice_t email)
{
    uint8_t id[1][DP_ID_SIZE];
    uint8_t secret[DP_TOTP_SECRET_SIZE];
    char    text[DP_ID_TEXT_SIZE];

    dp_ids_make(id, 1, op->request->request_id);
    dp_id_format(text, id[0]);
    dp_random(secret, sizeof(secret));
    dp_transaction_queue(op, &enrol,
                         DP_BIND(dp_uuid(id[0]),
                                 dp_bytea(dp_factor_seal(op->arena, id[0],
                                                         secret))));
    dp_audit_change(op, "mfa_factor", dp_slice(text, sizeof(text)),
                    dp_slice(NULL, 0));
    op->reply.status = 201;
    op->reply.body = secret_render(op, id[0], secret, email);
    OPENSSL_cleanse(secret, sizeof(secret));

    return dp_transaction_commit(op);
}

bool
dp_op_enrol_totp(dp_op_t *op)
{
    const dp_principal_t *principal = &op->request->principal;
    dp_factor_t           factor;
    unsigned              locked;

    if (!dp_session_required(op)) {
        return false;
    }

    dp_transaction_begin(op);
    locked = dp_factor_lock(op, principal->user_id);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    factor = dp_factor_read(op, locked);

    /* who came without the factor that there is does not put another in its place */
    return factor.id != NULL && principal->auth_level < 2
               ? dp_op_fail(op, DP_ERR_AUTH_MFA_REQUIRED)
               : factor_enrol(op, factor.email);
}
