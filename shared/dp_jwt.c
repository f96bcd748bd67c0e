/*
 * Taking a token apart.  The header's members that mean something are rows of a
 * table; all others are passed over.
 */

#include "dp_jwt.h"

#include <strings.h>

#include "dp_base64url.h"
#include "dp_json_check.h"

#define PARTS 3
#define HEADER_TOKENS 64

static const char *const fault_names[] = {
    [DP_JWT_OK] = "ok",
    [DP_JWT_TOO_LONG] = "length",
    [DP_JWT_FORM] = "form",
    [DP_JWT_HEADER] = "header",
    [DP_JWT_ALGORITHM] = "algorithm",
    [DP_JWT_TYPE] = "type",
    [DP_JWT_CRITICAL] = "critical",
    [DP_JWT_KEY] = "key",
    [DP_JWT_SIGNATURE] = "signature",
    [DP_JWT_CLAIMS] = "claims",
    [DP_JWT_ISSUER] = "issuer",
    [DP_JWT_AUDIENCE] = "audience",
    [DP_JWT_EXPIRED] = "expired",
    [DP_JWT_EARLY] = "early",
    [DP_JWT_LIFETIME] = "lifetime",
};

const char *
dp_jwt_fault_name(dp_jwt_fault_t fault)
{
    return fault_names[fault];
}

bool
dp_jwt_meant(dp_slice_t text)
{
    return text.len != 0 && memchr(text.data, '.', text.len) != NULL;
}

/* A string of the header, as it stands: a name of RFC 7518 needs no escape. */
static bool
text_plain(const dp_json_t *json, uint32_t token, dp_slice_t *text)
{
    *text = dp_json_raw(json, token);

    return json->tokens[token].type == DP_JSON_STRING
           && !json->tokens[token].escaped;
}

static dp_jwt_fault_t
algorithm_read(dp_jwt_t *jwt, const dp_json_t *json, uint32_t token)
{
    static const struct {
        const char        *name;
        dp_jwt_algorithm_t algorithm;
    } algorithms[] = {
        {"HS256", DP_JWT_HS256},
        {"RS256", DP_JWT_RS256},
        {"ES256", DP_JWT_ES256},
    };

    dp_slice_t name;

    if (!text_plain(json, token, &name)) {
        return DP_JWT_ALGORITHM;
    }

    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        if (dp_slice_equal(name, dp_slice_text(algorithms[i].name))) {
            jwt->algorithm = algorithms[i].algorithm;
            return DP_JWT_OK;
        }
    }

    return DP_JWT_ALGORITHM;
}

static dp_jwt_fault_t
kid_read(dp_jwt_t *jwt, const dp_json_t *json, uint32_t token)
{
    if (json->tokens[token].type != DP_JSON_STRING
        || json->tokens[token].len > DP_JWT_KID_SIZE) {
        return DP_JWT_HEADER;
    }

    jwt->kid = dp_json_text(json, token, jwt->kid_bytes,
                            sizeof(jwt->kid_bytes));

    return DP_JWT_OK;
}

/* A media type, whose case says nothing; "application/" may be left out. */
static dp_jwt_fault_t
type_read(dp_jwt_t *jwt, const dp_json_t *json, uint32_t token)
{
    static const char *const types[] = {
        "JWT", "at+jwt", "application/jwt", "application/at+jwt",
    };

    dp_slice_t type;

    (void) jwt;

    if (!text_plain(json, token, &type)) {
        return DP_JWT_TYPE;
    }

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (type.len == strlen(types[i])
            && strncasecmp((const char *) type.data, types[i], type.len) == 0) {
            return DP_JWT_OK;
        }
    }

    return DP_JWT_TYPE;
}

/* Extensions that must be understood; we understand none. */
static dp_jwt_fault_t
critical_read(dp_jwt_t *jwt, const dp_json_t *json, uint32_t token)
{
    (void) jwt;
    (void) json;
    (void) token;

    return DP_JWT_CRITICAL;
}

static const struct {
    dp_slice_t name;
    dp_jwt_fault_t (*read)(dp_jwt_t *jwt, const dp_json_t *json,
                           uint32_t token);
} members[] = {
    {{(const uint8_t *) "alg", 3}, algorithm_read},
    {{(const uint8_t *) "kid", 3}, kid_read},
    {{(const uint8_t *) "typ", 3}, type_read},
    {{(const uint8_t *) "crit", 4}, critical_read},
    {{(const uint8_t *) "b64", 3}, critical_read}, /* RFC 7797 */
};

static dp_jwt_fault_t
member_read(dp_jwt_t *jwt, const dp_json_t *json, uint32_t name)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (dp_json_text_equal(json, name, members[i].name)) {
            return members[i].read(jwt, json, name + 1);
        }
    }

    return DP_JWT_OK;
}

static dp_jwt_fault_t
header_read(dp_jwt_t *jwt, dp_slice_t header)
{
    dp_json_token_t tokens[HEADER_TOKENS];
    dp_json_t       json = {.tokens = tokens, .capacity = HEADER_TOKENS};
    dp_jwt_fault_t  fault = DP_JWT_OK;

    if (dp_json_check(&json, header) != DP_JSON_OK
        || tokens[0].type != DP_JSON_OBJECT) {
        return DP_JWT_HEADER;
    }

    for (uint32_t name = 1; fault == DP_JWT_OK && name < tokens[0].next;
         name = tokens[name + 1].next) {
        fault = member_read(jwt, &json, name);
    }

    return fault == DP_JWT_OK && jwt->algorithm == 0 ? DP_JWT_ALGORITHM : fault;
}

/* False: another number of parts than three. */
static bool
parts_split(dp_slice_t text, dp_slice_t parts[PARTS])
{
    for (size_t i = 0; i < PARTS; i++) {
        const uint8_t *dot = text.len == 0 ? NULL
                                           : memchr(text.data, '.', text.len);
        size_t         len = dot == NULL ? text.len
                                         : (size_t) (dot - text.data);

        if ((dot == NULL) != (i == PARTS - 1)) {
            return false;
        }

        parts[i] = dp_slice(text.data, len);

        if (dot != NULL) {
            text = dp_slice(dot + 1, text.len - len - 1);
        }
    }

    return true;
}

static bool
part_decode(dp_slice_t part, uint8_t *bytes, size_t capacity, dp_slice_t *slice)
{
    slice->data = bytes;

    return part.len != 0
           && dp_base64url_decode(bytes, capacity, &slice->len, part);
}

dp_jwt_fault_t
dp_jwt_parse(dp_jwt_t *jwt, dp_slice_t text)
{
    dp_slice_t parts[PARTS];
    dp_slice_t header;

    if (text.len > DP_JWT_SIZE) {
        return DP_JWT_TOO_LONG;
    }

    if (!parts_split(text, parts)
        || !part_decode(parts[0], jwt->header_bytes, sizeof(jwt->header_bytes),
                        &header)
        || !part_decode(parts[1], jwt->claims_bytes, sizeof(jwt->claims_bytes),
                        &jwt->claims)
        || !part_decode(parts[2], jwt->signature_bytes,
                        sizeof(jwt->signature_bytes), &jwt->signature)) {
        return DP_JWT_FORM;
    }

    jwt->signed_text = dp_slice(text.data, parts[0].len + 1 + parts[1].len);
    jwt->kid = dp_slice(NULL, 0);
    jwt->algorithm = 0;

    return header_read(jwt, header);
}
