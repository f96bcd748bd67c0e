/*
 * Fetching, judging and keeping an issuer's metadata and keys.
 */

#include "issuer.h"

#include "db/ask.h"
#include "dp_json_out.h"
#include "jwks.h"
#include "json/render.h"
#include "log.h"
#include "runtime/deadline.h"

#define ASK_LIMIT_US 2000000
#define ENDPOINT_SIZE 1024
#define TOKENS_MAX 8192

static const dp_statement_t issuer_read = {
    .name = "issuer.read",
    .sql = "select i.metadata ->> 'authorizationEndpoint',"
           "       i.metadata ->> 'tokenEndpoint', i.keys, i.fetched_at"
           "  from dp.issuer i"
           " where i.name = $1"
           "   and i.issuer = $2"
           "   and i.fetched_at is not null",
};

static const dp_statement_t issuer_try = {
    .name = "issuer.try",
    .sql = "select app.issuer_try($1, $2, $3)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t issuer_store = {
    .name = "issuer.store",
    .sql = "select app.issuer_store($1, $2, $3::json, $4, $5)",
};

static dp_error_t
ask(const dp_issuer_asker_t *asker, const dp_statement_t *statement,
    dp_values_t values, dp_row_t *row)
{
    return dp_ask(asker->db,
                  &(dp_question_t) {
                      .statement = statement,
                      .values = values,
                      .request_id = asker->request_id,
                      .until_us = dp_monotonic_us() + ASK_LIMIT_US,
                      .writes = true,
                  },
                  row);
}

/* --- what is known ------------------------------------------------------------ */

static dp_error_t
known_read(const dp_identity_provider_t *provider,
           const dp_issuer_asker_t *asker, dp_issuer_t *issuer)
{
    dp_row_t   row;
    dp_error_t error = ask(asker, &issuer_read,
                           DP_BIND(dp_text(dp_slice_text(provider->name)),
                                   dp_text(dp_slice_text(provider->issuer))),
                           &row);

    *issuer = (dp_issuer_t) {.fetched_us = 0};

    if (error == DP_OK && dp_row_count(row) == 1) {
        *issuer = (dp_issuer_t) {
            .authorization_endpoint = dp_arena_copy(asker->arena,
                                                    dp_row_bytes(row, 0)),
            .token_endpoint = dp_arena_copy(asker->arena, dp_row_bytes(row, 1)),
            .keys = dp_arena_copy(asker->arena, dp_row_bytes(row, 2)),
            .fetched_us = dp_row_time_us(row, 3),
        };
    }

    dp_trip_clear(asker->db);

    return error;
}

dp_error_t
dp_issuer_get(const dp_identity_provider_t *provider,
              const dp_issuer_asker_t *asker, dp_issuer_t *issuer,
              uint32_t *retry_after_s)
{
    dp_answer_t answer = {.error = DP_ERR_INTEGRATION_OIDC_UNAVAILABLE};
    dp_error_t  error = known_read(provider, asker, issuer);

    *retry_after_s = 0;

    if (error != DP_OK || issuer->fetched_us != 0) {
        return error;
    }

    if (!dp_issuer_fetch(provider, asker, 1, &answer)) {
        *retry_after_s = answer.retry_after_s;
        return answer.error;
    }

    return known_read(provider, asker, issuer);
}

/* --- discovery ---------------------------------------------------------------- */

typedef struct {
    dp_slice_t authorization_endpoint;
    dp_slice_t token_endpoint;
    dp_slice_t jwks_uri;
} metadata_t;

static bool
get(const dp_identity_provider_t *provider, const dp_issuer_asker_t *asker,
    const char *operation, dp_slice_t url, dp_answer_t *answer)
{
    return dp_outbound_call(
               &(dp_call_t) {
                   .provider = DP_PROVIDER_oidc,
                   .instance = provider->name,
                   .operation = operation,
                   .method = "GET",
                   .url = (const char *) url.data,
                   .hosts = provider->hosts,
                   .idempotent = true,
                   .request_id = asker->request_id,
                   .trace_id = asker->trace_id,
                   .trace_flags = asker->trace_flags,
                   .until_us = asker->until_us,
                   .db = asker->db,
                   .arena = asker->arena,
               },
               answer)
           && answer->status == 200;
}

/* A string of the document, in the arena; empty: it has none. */
static dp_slice_t
text_member(const dp_issuer_asker_t *asker, const dp_json_t *json,
            const char *name)
{
    uint32_t member = dp_json_member(json, 0, dp_slice_text(name));
    uint8_t  buffer[ENDPOINT_SIZE];

    if (member == 0 || json->tokens[member].type != DP_JSON_STRING) {
        return dp_slice(NULL, 0);
    }

    return dp_arena_copy(asker->arena,
                         dp_json_text(json, member, buffer, sizeof(buffer)));
}

/* The issuer it names must be the one that was asked for: section 4.3. */
static bool
metadata_read(const dp_identity_provider_t *provider,
              const dp_issuer_asker_t *asker, dp_slice_t text,
              metadata_t *metadata)
{
    dp_json_t json = {.capacity = TOKENS_MAX};

    json.tokens = dp_arena_alloc(asker->arena,
                                 TOKENS_MAX * sizeof(*json.tokens));

    if (dp_json_check(&json, text) != DP_JSON_OK
        || json.tokens[0].type != DP_JSON_OBJECT
        || !dp_slice_equal(text_member(asker, &json, "issuer"),
                           dp_slice_text(provider->issuer))) {
        return false;
    }

    *metadata = (metadata_t) {
        .authorization_endpoint = text_member(asker, &json,
                                              "authorization_endpoint"),
        .token_endpoint = text_member(asker, &json, "token_endpoint"),
        .jwks_uri = text_member(asker, &json, "jwks_uri"),
    };

    return metadata->authorization_endpoint.len != 0
           && metadata->token_endpoint.len != 0 && metadata->jwks_uri.len != 0;
}

/* A trailing slash of the issuer goes: section 4.1. */
static dp_slice_t
discovery_url(const dp_identity_provider_t *provider,
              const dp_issuer_asker_t *asker)
{
    size_t len = strlen(provider->issuer);

    if (provider->issuer[len - 1] == '/') {
        len--;
    }

    return dp_arena_printf(asker->arena,
                           "%.*s/.well-known/openid-configuration", (int) len,
                           provider->issuer);
}

/* --- keeping ------------------------------------------------------------------ */

/* What edges are told of it; empty: nothing. */
static dp_slice_t
entry_make(const dp_identity_provider_t *provider,
           const dp_issuer_asker_t *asker, dp_slice_t keys)
{
    uint8_t     audience_bytes[DP_CONTROL_ISSUER_AUDIENCES * 256];
    dp_writer_t audiences = dp_writer(audience_bytes, sizeof(audience_bytes));
    size_t      size = keys.len + sizeof(audience_bytes) + 512;
    dp_writer_t entry = dp_writer(dp_arena_alloc(asker->arena, size), size);

    if (provider->audience_count == 0) {
        return dp_slice(NULL, 0);
    }

    for (size_t i = 0; i < provider->audience_count; i++) {
        dp_control_audience_write(&audiences,
                                  dp_slice_text(provider->audiences[i]));
    }

    dp_control_issuer_write(&entry, &(dp_control_issuer_t) {
                                        .issuer = dp_slice_text(provider->issuer),
                                        .lifetime_s = provider->lifetime_s,
                                        .audiences = dp_written(&audiences),
                                        .keys = keys,
                                    });

    return dp_control_issuers_valid(dp_written(&entry)) ? dp_written(&entry)
                                                        : dp_slice(NULL, 0);
}

static dp_slice_t
metadata_render(const dp_issuer_asker_t *asker, const metadata_t *metadata)
{
    dp_writer_t writer = dp_render_begin(asker->arena,
                                         100 + 12 * (size_t) ENDPOINT_SIZE);

    dp_write_text(&writer, "{\"authorizationEndpoint\":");
    dp_json_string(&writer, metadata->authorization_endpoint);
    dp_write_text(&writer, ",\"tokenEndpoint\":");
    dp_json_string(&writer, metadata->token_endpoint);
    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

static dp_error_t
known_store(const dp_identity_provider_t *provider,
            const dp_issuer_asker_t *asker, const metadata_t *metadata,
            dp_slice_t keys)
{
    dp_slice_t entry = entry_make(provider, asker, keys);
    dp_value_t told = dp_bytea(entry);
    dp_row_t   row;
    dp_error_t error = ask(asker, &issuer_store,
                           DP_BIND(dp_text(dp_slice_text(provider->name)),
                                   dp_text(dp_slice_text(provider->issuer)),
                                   dp_text(metadata_render(asker, metadata)),
                                   dp_bytea(keys),
                                   entry.len == 0 ? dp_null(told) : told),
                           &row);

    dp_trip_clear(asker->db);

    return error;
}

/* --- asking ------------------------------------------------------------------- */

static bool
turn_take(const dp_identity_provider_t *provider,
          const dp_issuer_asker_t *asker, int32_t pause_s)
{
    dp_row_t row;
    bool     mine = ask(asker, &issuer_try,
                        DP_BIND(dp_text(dp_slice_text(provider->name)),
                                dp_text(dp_slice_text(provider->issuer)),
                                dp_int4(pause_s)),
                        &row)
                    == DP_OK
                && dp_row_bool(row, 0);

    dp_trip_clear(asker->db);

    return mine;
}

static bool
nonsense_log(const dp_identity_provider_t *provider,
             const dp_issuer_asker_t *asker, const char *what)
{
    dp_log(DP_LOG_ERROR,
           &(dp_log_context_t) {
               .request_id = asker->request_id, .provider = "oidc",
           },
           DP_ERR_INTEGRATION_OIDC_UNAVAILABLE,
           "identity provider %s: its %s is not as it must be", provider->name,
           what);

    return false;
}

bool
dp_issuer_fetch(const dp_identity_provider_t *provider,
                const dp_issuer_asker_t *asker, int32_t pause_s,
                dp_answer_t *answer)
{
    dp_writer_t keys = dp_writer(dp_arena_alloc(asker->arena, DP_JWKS_KEYS_SIZE),
                                 DP_JWKS_KEYS_SIZE);
    metadata_t  metadata;

    *answer = (dp_answer_t) {.error = DP_ERR_INTEGRATION_OIDC_UNAVAILABLE};

    if (!turn_take(provider, asker, pause_s)
        || !get(provider, asker, "discovery", discovery_url(provider, asker),
                answer)) {
        return false;
    }

    if (!metadata_read(provider, asker, answer->body, &metadata)) {
        answer->error = DP_ERR_INTEGRATION_OIDC_UNAVAILABLE;
        return nonsense_log(provider, asker, "discovery document");
    }

    if (!get(provider, asker, "keys", metadata.jwks_uri, answer)) {
        return false;
    }

    if (!dp_jwks_keys(&keys, answer->body, provider->algorithms)) {
        answer->error = DP_ERR_INTEGRATION_OIDC_UNAVAILABLE;
        return nonsense_log(provider, asker, "key set");
    }

    answer->error = known_store(provider, asker, &metadata, dp_written(&keys));

    return answer->error == DP_OK;
}
