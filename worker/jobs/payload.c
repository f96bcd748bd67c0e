/*
 * Sealing a payload, which stays JSON.
 */

#include "payload.h"

#include "crypto/seal.h"
#include "dp_base64url.h"
#include "dp_json_check.h"


#define BEFORE "{\"sealed\":\""
#define BEHIND "\"}"
#define TOKENS 3 /* the object, the name, the text */

static dp_seal_place_t
place_of(const uint8_t *job_id)
{
    return (dp_seal_place_t) {
        .table = "job",
        .row = dp_slice(job_id, DP_JOB_ID_SIZE),
        .field = "payload",
    };
}

dp_slice_t
dp_payload_seal(dp_arena_t *arena, const uint8_t *job_id, dp_slice_t payload)
{
    dp_seal_place_t place = place_of(job_id);
    uint8_t        *sealed = dp_arena_alloc(arena, payload.len + DP_SEAL_OVERHEAD);
    size_t          len = dp_seal(sealed, &place, payload);
    size_t          size = DP_BASE64URL_TEXT_SIZE(len);
    char           *text = dp_arena_alloc(arena, strlen(BEFORE BEHIND) + size);

    memcpy(text, BEFORE, strlen(BEFORE));
    dp_base64url_encode(text + strlen(BEFORE), dp_slice(sealed, len));
    memcpy(text + strlen(BEFORE) + size, BEHIND, strlen(BEHIND));

    return dp_slice(text, strlen(BEFORE BEHIND) + size);
}

/* Empty: it is no sealed payload. */
static dp_slice_t
sealed_text(dp_slice_t payload)
{
    dp_json_token_t tokens[TOKENS];
    dp_json_t       json = {.tokens = tokens, .capacity = TOKENS};
    uint32_t        sealed;

    if (dp_json_check(&json, payload) != DP_JSON_OK
        || tokens[0].type != DP_JSON_OBJECT) {
        return dp_slice(NULL, 0);
    }

    sealed = dp_json_member(&json, 0, DP_SLICE("sealed"));

    return sealed == 0 ? dp_slice(NULL, 0) : dp_json_raw(&json, sealed);
}

bool
dp_payload_open(const dp_job_t *job, dp_slice_t *payload)
{
    dp_seal_place_t place = place_of(job->id);
    dp_slice_t      text = sealed_text(job->payload);
    size_t          size = DP_BASE64URL_BYTES_SIZE(text.len);
    uint8_t        *sealed = dp_arena_alloc(job->arena, size + 1);
    uint8_t        *plain = dp_arena_alloc(job->arena, size + 1);
    size_t          len;

    if (text.len == 0) {
        *payload = job->payload;
        return true;
    }

    if (!dp_base64url_decode(sealed, size, &len, text)
        || !dp_unseal(plain, &len, &place, dp_slice(sealed, len))) {
        return false;
    }

    *payload = dp_slice(plain, len);

    return true;
}
