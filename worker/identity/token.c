/*
 * Tokens: a header, claims and a signature, each in base64url.
 */

#include "token.h"

#include "crypto/digest.h"
#include "crypto/random.h"
#include "dp_base64url.h"
#include "dp_id.h"
#include "json/render.h"
#include "runtime/deadline.h"

#include <openssl/crypto.h>

#define SECOND_US 1000000
#define HEADER_SIZE (64 + DP_CONTROL_KEY_KID)
#define CLAIMS_SIZE 640 /* names, numbers, four ids */

static const char *issuer_name = "devpilot";
static const char *audience_name = "devpilot";

void
dp_token_configure(const char *issuer, const char *audience)
{
    issuer_name = issuer;
    audience_name = audience;
}

uint64_t
dp_access_token_lifetime_s(const dp_token_claims_t *claims, uint64_t now_us)
{
    uint64_t left_s = claims->expires_us > now_us
                          ? (claims->expires_us - now_us) / SECOND_US
                          : 0;

    return claims->expires_us == 0 || left_s > DP_ACCESS_TOKEN_S
               ? DP_ACCESS_TOKEN_S
               : left_s;
}

static void
header_write(dp_writer_t *writer, const dp_signing_key_t *key)
{
    dp_write_text(writer, "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":");
    dp_json_string(writer, dp_slice(key->kid, key->kid_len));
    dp_write_text(writer, "}");
}

static void
number_write(dp_writer_t *writer, const char *name, uint64_t value)
{
    dp_write_text(writer, ",\"");
    dp_write_text(writer, name);
    dp_write_text(writer, "\":");
    dp_json_uint(writer, value);
}

static void
id_write(dp_writer_t *writer, const char *name, const uint8_t *id)
{
    dp_write_text(writer, ",\"");
    dp_write_text(writer, name);
    dp_write_text(writer, "\":");
    dp_json_id(writer, id);
}

/* Of whom it speaks. */
static void
subject_write(dp_writer_t *writer, const dp_token_claims_t *claims)
{
    id_write(writer, "sub", claims->user_id);
    id_write(writer, "org", claims->org_id);
    id_write(writer, "sid", claims->credential_id);
    dp_write_text(writer, claims->kind == DP_PRINCIPAL_SESSION
                              ? ",\"ctp\":\"session\""
                              : ",\"ctp\":\"api_key\"");
    number_write(writer, "lvl", (uint64_t) claims->auth_level);

    if (claims->scope.len != 0) {
        dp_write_text(writer, ",\"scope\":");
        dp_json_string(writer, claims->scope);
    }

    number_write(writer, "pln", (uint64_t) claims->plan);
    number_write(writer, "gen", claims->generation);

    if (claims->auth_us != 0) {
        number_write(writer, "auth_time", claims->auth_us / SECOND_US);
    }
}

static void
claims_write(dp_writer_t *writer, const dp_token_claims_t *claims,
             uint64_t now_us)
{
    uint64_t now_s = now_us / SECOND_US;
    uint8_t  id[DP_ID_SIZE];

    dp_random(id, sizeof(id));
    dp_id_from_random(id);

    dp_write_text(writer, "{\"iss\":");
    dp_json_string(writer, dp_slice_text(issuer_name));
    dp_write_text(writer, ",\"aud\":");
    dp_json_string(writer, dp_slice_text(audience_name));
    subject_write(writer, claims);
    number_write(writer, "iat", now_s);
    number_write(writer, "nbf", now_s);
    number_write(writer, "exp",
                 now_s + dp_access_token_lifetime_s(claims, now_us));
    id_write(writer, "jti", id);
    dp_write_text(writer, "}");
}

/* Behind what is written. */
static void
base64url_add(dp_writer_t *writer, dp_slice_t bytes)
{
    size_t len = DP_BASE64URL_TEXT_SIZE(bytes.len);

    assert(len <= (size_t) (writer->end - writer->pos));
    dp_base64url_encode((char *) writer->pos, bytes);
    writer->pos += len;
}

dp_slice_t
dp_access_token_sign(dp_arena_t *arena, const dp_token_claims_t *claims,
                     const dp_signing_key_t *key, uint64_t now_us)
{
    size_t room = CLAIMS_SIZE + 6 * (strlen(issuer_name) + strlen(audience_name)
                                     + claims->scope.len);
    uint8_t     mac[DP_SHA256_SIZE];
    dp_writer_t header = dp_render_begin(arena, HEADER_SIZE);
    dp_writer_t body = dp_render_begin(arena, room);
    dp_writer_t token = dp_render_begin(
        arena, DP_BASE64URL_TEXT_SIZE(HEADER_SIZE)
                   + DP_BASE64URL_TEXT_SIZE(room)
                   + DP_BASE64URL_TEXT_SIZE(sizeof(mac)) + 2);

    header_write(&header, key);
    claims_write(&body, claims, now_us);
    base64url_add(&token, dp_render_end(&header));
    dp_write_u8(&token, '.');
    base64url_add(&token, dp_render_end(&body));
    dp_hmac_sha256(mac, dp_slice(key->secret, sizeof(key->secret)),
                   dp_written(&token));
    dp_write_u8(&token, '.');
    base64url_add(&token, dp_slice(mac, sizeof(mac)));

    return dp_render_end(&token);
}

dp_slice_t
dp_access_token_make(dp_op_t *op, const dp_token_claims_t *claims)
{
    uint64_t         now_us = dp_now_us();
    dp_signing_key_t key;
    dp_slice_t       token;

    if (!dp_key_ring_signing(DP_CONTROL_KEY_JWT, now_us, &key)) {
        dp_op_fail(op, DP_ERR_WORKER_UNAVAILABLE);
        return dp_slice(NULL, 0);
    }

    token = dp_access_token_sign(op->arena, claims, &key, now_us);
    OPENSSL_cleanse(&key, sizeof(key));

    return token;
}

/* HMAC-SHA256 of the session's id, as dp_csrf.h has it. */
dp_slice_t
dp_csrf_token_make(dp_op_t *op, const uint8_t *session_id)
{
    uint8_t          mac[DP_SHA256_SIZE];
    dp_writer_t      token = dp_render_begin(op->arena,
                                             DP_BASE64URL_TEXT_SIZE(sizeof(mac)));
    dp_signing_key_t key;

    if (!dp_key_ring_signing(DP_CONTROL_KEY_CSRF, dp_now_us(), &key)) {
        dp_op_fail(op, DP_ERR_WORKER_UNAVAILABLE);
        return dp_slice(NULL, 0);
    }

    dp_hmac_sha256(mac, dp_slice(key.secret, sizeof(key.secret)),
                   dp_slice(session_id, DP_ID_SIZE));
    OPENSSL_cleanse(&key, sizeof(key));
    base64url_add(&token, dp_slice(mac, sizeof(mac)));

    return dp_render_end(&token);
}
