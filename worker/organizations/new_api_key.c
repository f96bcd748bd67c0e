/*
 * Making an API key, and what its maker is told.
 */

#include "new_api_key.h"

#include "crypto/ids.h"
#include "crypto/random.h"
#include "dp_base64url.h"
#include "dp_id.h"
#include "dp_scope.h"
#include "json/render.h"
#include "policy/audit.h"
#include "policy/idempotency.h"

#include <openssl/crypto.h>

#define SECRET_SIZE 32
#define SYNTAX_SIZE 640 /* names, punctuation, three ids, two times, the text */

static const dp_statement_t insert_key = {
    .name = "new_api_key.insert",
    .sql = "insert into dp.api_key (org_id, id, prefix, digest, name,"
           "                        created_by, max_role, scopes, auth_level,"
           "                        expires_at, rotated_from)"
           "values (app.current_org(), $1, $2, $3, $4, app.current_actor(), $5,"
           "        pg_catalog.string_to_array($6, ','), $7, $8, $9)",
    .rows = DP_ROWS_ONE,
};

/* Letters and digits, each as likely as any other. */
static void
prefix_make(char prefix[DP_API_KEY_PREFIX_SIZE])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789";
    const uint8_t     usable = 256 / (sizeof(alphabet) - 1)
                           * (sizeof(alphabet) - 1);

    for (size_t i = 0; i < DP_API_KEY_PREFIX_SIZE;) {
        uint8_t byte;

        dp_random(&byte, 1);

        if (byte < usable) {
            prefix[i++] = alphabet[byte % (sizeof(alphabet) - 1)];
        }
    }
}

void
dp_new_api_key_make(dp_new_api_key_t *key, const dp_op_t *op)
{
    uint8_t    secret[SECRET_SIZE];
    dp_slice_t text = dp_slice(key->text, sizeof(key->text));

    dp_ids_make(&key->id, 1, op->request->request_id);
    dp_random(secret, sizeof(secret));
    memcpy(key->text, "dp_", 3);
    prefix_make(key->text + 3);
    key->text[3 + DP_API_KEY_PREFIX_SIZE] = '_';
    dp_base64url_encode(key->text + 4 + DP_API_KEY_PREFIX_SIZE,
                        dp_slice(secret, sizeof(secret)));
    dp_sha256(key->digest, &text, 1);
    OPENSSL_cleanse(secret, sizeof(secret));
}

bool
dp_new_api_key_judge(dp_op_t *op, const dp_new_api_key_t *key)
{
    dp_caller_t caller = dp_transaction(op)->caller;
    uint64_t    scopes = key->scopes.len == 0 ? DP_SCOPES_ALL
                                              : dp_scopes_read(key->scopes, ',');
    int         rank = dp_permission_org_rank(key->max_role);

    return rank <= dp_permission_rank(caller, 0)
                   && (scopes & ~caller.scopes) == 0
               ? true
               : dp_op_fail(op, DP_ERR_AUTH_FORBIDDEN);
}

static void
scopes_write(dp_writer_t *writer, dp_slice_t names)
{
    const char *before = "\"";

    dp_write_text(writer, "[");

    for (size_t i = 0; i < names.len; i++) {
        dp_write_text(writer, before);
        before = "";

        if (names.data[i] == ',') {
            dp_write_text(writer, "\",\"");
        } else {
            dp_write_u8(writer, names.data[i]);
        }
    }

    dp_write_text(writer, names.len == 0 ? "]" : "\"]");
}

static dp_slice_t
key_render(const dp_op_t *op, const dp_new_api_key_t *key)
{
    dp_slice_t  text = dp_slice(key->text, sizeof(key->text));
    dp_writer_t writer = dp_render_begin(
        op->arena, SYNTAX_SIZE + 4 * key->scopes.len
                       + 6 * (key->name.len + key->max_role.len));

    dp_write_text(&writer, "{\"id\":");
    dp_json_id(&writer, key->id);
    dp_write_text(&writer, ",\"name\":");
    dp_json_string(&writer, key->name);
    dp_write_text(&writer, ",\"prefix\":");
    dp_json_string(&writer, dp_slice(key->text + 3, DP_API_KEY_PREFIX_SIZE));
    dp_write_text(&writer, ",\"key\":");
    dp_json_string(&writer, text);
    dp_write_text(&writer, ",\"maxRole\":");
    dp_json_string(&writer, key->max_role);
    dp_write_text(&writer, ",\"scopes\":");
    scopes_write(&writer, key->scopes);
    dp_write_text(&writer, ",\"authLevel\":");
    dp_json_uint(&writer, (uint64_t) key->auth_level);
    dp_write_text(&writer, ",\"createdBy\":");
    dp_json_id(&writer, op->request->principal.user_id);
    dp_write_text(&writer, ",\"createdAt\":");
    dp_json_time(&writer, key->created_us);
    dp_write_text(&writer, ",\"expiresAt\":");
    dp_render_time_or_null(&writer, key->expires_us);
    dp_write_text(&writer, ",\"rotatedFrom\":");

    if (key->rotated_from == NULL) {
        dp_write_text(&writer, "null");
    } else {
        dp_json_id(&writer, key->rotated_from);
    }

    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

/* Never the secret. */
static dp_slice_t
audit_detail(const dp_op_t *op, const dp_new_api_key_t *key)
{
    dp_writer_t writer = dp_render_begin(
        op->arena, SYNTAX_SIZE + 4 * key->scopes.len
                       + 6 * (key->name.len + key->max_role.len));

    dp_write_text(&writer, "{\"prefix\":");
    dp_json_string(&writer, dp_slice(key->text + 3, DP_API_KEY_PREFIX_SIZE));
    dp_write_text(&writer, ",\"maxRole\":");
    dp_json_string(&writer, key->max_role);
    dp_write_text(&writer, ",\"scopes\":");
    scopes_write(&writer, key->scopes);
    dp_write_text(&writer, ",\"authLevel\":");
    dp_json_uint(&writer, (uint64_t) key->auth_level);
    dp_write_text(&writer, ",\"expiresAt\":");
    dp_render_time_or_null(&writer, key->expires_us);
    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

void
dp_new_api_key_queue(dp_op_t *op, const dp_new_api_key_t *key)
{
    dp_value_t none = dp_null(dp_time(0));
    char       id[DP_ID_TEXT_SIZE];

    dp_transaction_queue(
        op, &insert_key,
        DP_BIND(dp_uuid(key->id),
                dp_text(dp_slice(key->text + 3, DP_API_KEY_PREFIX_SIZE)),
                dp_bytea(dp_slice(key->digest, sizeof(key->digest))),
                dp_text(key->name), dp_text(key->max_role),
                dp_text(key->scopes), dp_int2((int16_t) key->auth_level),
                key->expires_us == 0 ? none : dp_time(key->expires_us),
                key->rotated_from == NULL ? dp_null(dp_uuid(key->id))
                                          : dp_uuid(key->rotated_from)));

    dp_id_format(id, key->id);
    dp_audit_change(op, "api_key", dp_slice(id, sizeof(id)),
                    audit_detail(op, key));
    op->reply.status = 201;
    op->reply.body = key_render(op, key);
    dp_idempotency_seal(op);
}
