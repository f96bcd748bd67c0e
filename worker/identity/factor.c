/*
 * Judging codes, and the statements that use them up.
 */

#include "factor.h"

#include "crypto/seal.h"
#include "db/connection.h"
#include "json/render.h"
#include "log.h"
#include "mail/mail.h"
#include "runtime/deadline.h"

#include <openssl/crypto.h>

#define CODES_JSON_SIZE (32 + DP_RECOVERY_CODES * (DP_RECOVERY_TEXT_SIZE + 3))

static const dp_statement_t lock_factor = {
    .name = "factor.lock",
    .sql = "select email, factor_id, sealed, last_step, pending_id,"
           "       pending_sealed, recovery, mandatory"
           "  from app.mfa_lock($1)",
    .rows = DP_ROWS_ONE,
};

enum {
    FACTOR_EMAIL,
    FACTOR_ID,
    FACTOR_SEALED,
    FACTOR_LAST_STEP,
    FACTOR_PENDING_ID,
    FACTOR_PENDING_SEALED,
    FACTOR_RECOVERY,
    FACTOR_MANDATORY,
};

static const dp_statement_t use_step = {
    .name = "factor.use_step",
    .sql = "select app.mfa_step_use($1, $2)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t use_recovery_code = {
    .name = "factor.use_recovery_code",
    .sql = "select app.recovery_code_use($1, $2)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t replace_codes = {
    .name = "factor.replace_codes",
    .sql = "select app.recovery_codes_replace($1)",
    .rows = DP_ROWS_ONE,
};

unsigned
dp_factor_lock(dp_op_t *op, const uint8_t *user_id)
{
    return dp_transaction_queue(op, &lock_factor, DP_BIND(dp_uuid(user_id)));
}

static const uint8_t *
id_or_none(dp_row_t row, int column)
{
    return dp_row_null(row, column) ? NULL : dp_row_uuid(row, column);
}

dp_factor_t
dp_factor_read(const dp_op_t *op, unsigned locked)
{
    dp_row_t row = dp_transaction_row(op, locked);

    return (dp_factor_t) {
        .email = dp_row_bytes(row, FACTOR_EMAIL),
        .id = id_or_none(row, FACTOR_ID),
        .sealed = dp_row_bytes(row, FACTOR_SEALED),
        .last_step = (uint64_t) dp_row_int(row, FACTOR_LAST_STEP),
        .pending_id = id_or_none(row, FACTOR_PENDING_ID),
        .pending_sealed = dp_row_bytes(row, FACTOR_PENDING_SEALED),
        .recovery = dp_row_bytes(row, FACTOR_RECOVERY),
        .mandatory = dp_row_bool(row, FACTOR_MANDATORY),
    };
}

/* --- the app ------------------------------------------------------------------ */

static dp_seal_place_t
place_of(const uint8_t *id)
{
    return (dp_seal_place_t) {
        .table = "mfa_factor",
        .row = dp_slice(id, DP_ID_SIZE),
        .field = "sealed",
    };
}

dp_slice_t
dp_factor_seal(dp_arena_t *arena, const uint8_t *id,
               const uint8_t secret[DP_TOTP_SECRET_SIZE])
{
    dp_seal_place_t place = place_of(id);
    uint8_t        *sealed = dp_arena_alloc(arena, DP_TOTP_SECRET_SIZE
                                                       + DP_SEAL_OVERHEAD);

    return dp_slice(sealed, dp_seal(sealed, &place,
                                    dp_slice(secret, DP_TOTP_SECRET_SIZE)));
}

/* The step of the factor's code; 0: it is none, or was used. */
static uint64_t
step_of(dp_op_t *op, const uint8_t *id, dp_slice_t sealed, dp_slice_t code,
        uint64_t last_step)
{
    dp_seal_place_t place = place_of(id);
    uint8_t        *secret = dp_arena_alloc(op->arena, sealed.len);
    size_t          len = 0;
    uint64_t        step = 0;

    if (!dp_unseal(secret, &len, &place, sealed) || len != DP_TOTP_SECRET_SIZE) {
        dp_log(DP_LOG_ERROR, op->db->log, DP_ERR_INTERNAL,
               "the secret of a second factor cannot be read");
        return 0;
    }

    step = dp_totp_verify(secret, code, dp_now_us() / 1000000, last_step);
    OPENSSL_cleanse(secret, len);

    return step;
}

uint64_t
dp_factor_first_step(dp_op_t *op, const dp_factor_t *factor, dp_slice_t code)
{
    return factor->pending_id == NULL
               ? 0
               : step_of(op, factor->pending_id, factor->pending_sealed, code, 0);
}

static bool
app_code_use(dp_op_t *op, const dp_factor_t *factor, dp_slice_t code)
{
    uint64_t step = step_of(op, factor->id, factor->sealed, code,
                            factor->last_step);

    if (step != 0) {
        dp_transaction_queue(op, &use_step,
                             DP_BIND(dp_uuid(factor->id), dp_int8((int64_t) step)));
    }

    return step != 0;
}

/* --- recovery codes ------------------------------------------------------------- */

/* Takes as long whichever of them it is. */
static bool
is_among(const uint8_t digest[DP_SHA256_SIZE], dp_slice_t digests)
{
    bool found = false;

    for (size_t at = 0; at + DP_SHA256_SIZE <= digests.len; at += DP_SHA256_SIZE) {
        found |= CRYPTO_memcmp(digest, digests.data + at, DP_SHA256_SIZE) == 0;
    }

    return found;
}

static void
recovery_announce(dp_op_t *op, const dp_factor_t *factor)
{
    size_t left = factor->recovery.len / DP_SHA256_SIZE - 1;

    dp_mail_queue(op, DP_MAIL_RECOVERY_CODE_USED, factor->email,
                  DP_MAIL_VALUES({DP_SLICE("time"), dp_mail_now(op->arena)},
                                 {DP_SLICE("left"),
                                  dp_arena_printf(op->arena, "%zu", left)}));
}

static bool
recovery_code_use(dp_op_t *op, const dp_factor_t *factor, const uint8_t *user_id,
                  dp_slice_t code)
{
    uint8_t digest[DP_SHA256_SIZE];

    if (!dp_recovery_digest(digest, user_id, code)
        || !is_among(digest, factor->recovery)) {
        return false;
    }

    dp_transaction_queue(op, &use_recovery_code,
                         DP_BIND(dp_uuid(user_id),
                                 dp_bytea(dp_slice(digest, sizeof(digest)))));
    recovery_announce(op, factor);

    return true;
}

bool
dp_factor_use(dp_op_t *op, const dp_factor_t *factor, const uint8_t *user_id,
              dp_slice_t code, const char **method)
{
    bool of_app = code.len == DP_TOTP_DIGITS;

    *method = of_app ? "totp" : "recovery_code";

    if (factor->id == NULL) {
        return false;
    }

    return of_app ? app_code_use(op, factor, code)
                  : recovery_code_use(op, factor, user_id, code);
}

void
dp_factor_codes_queue(dp_op_t *op)
{
    const uint8_t *user_id = op->request->principal.user_id;
    uint8_t        digests[DP_RECOVERY_CODES][DP_SHA256_SIZE];
    dp_writer_t    out = dp_render_begin(op->arena, CODES_JSON_SIZE);

    dp_write_text(&out, "{\"recoveryCodes\":");

    for (size_t i = 0; i < DP_RECOVERY_CODES; i++) {
        char       text[DP_RECOVERY_TEXT_SIZE];
        dp_slice_t code = dp_slice(text, sizeof(text));

        dp_recovery_make(text);
        dp_write_text(&out, i == 0 ? "[" : ",");
        dp_json_string(&out, code);
        (void) !dp_recovery_digest(digests[i], user_id, code);
    }

    dp_write_text(&out, "]}");
    dp_transaction_queue(op, &replace_codes,
                         DP_BIND(dp_bytea(dp_slice(digests, sizeof(digests)))));
    op->reply.body = dp_render_end(&out);
}
