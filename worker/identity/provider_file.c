/*
 * Reading the file: a table of members for each kind of object, and nothing that
 * is not in it.
 */

#include "provider_file.h"

#include "dp_format.h"
#include "dp_json_check.h"
#include "runtime/arena.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#define FILE_SIZE_MAX 65536
#define TOKENS_MAX (FILE_SIZE_MAX / 2 + 1)
#define LIFETIME_S 3600
#define LIFETIME_MAX_S 86400

static struct {
    dp_arena_t            *arena; /* process lifetime */
    dp_identity_provider_t providers[DP_CONTROL_ISSUERS];
    size_t                 count;
} loaded;

typedef struct {
    dp_json_t               json;
    dp_identity_provider_t *provider;
    const char             *wrong; /* what the first fault is about */
} reader_t;

typedef bool take_fn(reader_t *reader, uint32_t token);

typedef struct {
    const char *name;
    take_fn    *take;
    bool        required;
} member_t;

/* --- values ------------------------------------------------------------------- */

static bool
is_of(const reader_t *reader, uint32_t token, dp_json_type_t type)
{
    return reader->json.tokens[token].type == type;
}

/* A string of 1 to `longest` bytes without controls; NULL: it is another value. */
static const char *
text_take(reader_t *reader, uint32_t token, size_t longest)
{
    char       buffer[1024];
    dp_slice_t text;

    if (!is_of(reader, token, DP_JSON_STRING)) {
        return NULL;
    }

    text = dp_json_text(&reader->json, token, buffer, sizeof(buffer));

    for (size_t i = 0; i < text.len; i++) {
        if (iscntrl(text.data[i])) {
            return NULL;
        }
    }

    return text.len == 0 || text.len > longest
               ? NULL
               : (const char *) dp_arena_copy(loaded.arena, text).data;
}

static bool
name_take(reader_t *reader, uint32_t token)
{
    const char *name = text_take(reader, token, 32);

    reader->provider->name = name;

    return name != NULL
           && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0'
           && dp_identity_provider_find(dp_slice_text(name)) == NULL;
}

/* Between the slashes and what ends a host. */
static const char *
host_of(const char *url)
{
    const char *host = strstr(url, "://") + 3;

    return (const char *) dp_arena_copy(loaded.arena,
                                        dp_slice(host, strcspn(host, ":/"))).data;
}

static bool
issuer_take(reader_t *reader, uint32_t token)
{
    const char *issuer = text_take(reader, token, 255);

    if (issuer == NULL || !dp_format_check(DP_FORMAT_URI, dp_slice_text(issuer))
        || strpbrk(issuer, "?#@") != NULL
        || (strncmp(issuer, "https://", 8) != 0
            && strncmp(issuer, "http://", 7) != 0)) {
        return false;
    }

    reader->provider->issuer = issuer;
    reader->provider->hosts[0] = host_of(issuer);

    return true;
}

static bool
client_id_take(reader_t *reader, uint32_t token)
{
    reader->provider->client_id = text_take(reader, token, 255);

    return reader->provider->client_id != NULL;
}

/* The file's first line. */
static bool
secret_take(reader_t *reader, uint32_t token)
{
    const char *path = text_take(reader, token, 1000);
    FILE       *file = path == NULL || path[0] != '/' ? NULL : fopen(path, "re");
    char        line[512];
    size_t      len;

    if (file == NULL) {
        return false;
    }

    len = fgets(line, sizeof(line), file) == NULL ? 0 : strcspn(line, "\r\n");
    fclose(file);
    reader->provider->client_secret =
        (const char *) dp_arena_copy(loaded.arena, dp_slice(line, len)).data;
    explicit_bzero(line, sizeof(line));

    return len != 0;
}

static bool
scopes_take(reader_t *reader, uint32_t token)
{
    const char *scopes = text_take(reader, token, 255);

    reader->provider->scopes = scopes;

    return scopes != NULL && strstr(scopes, "openid") != NULL
           && strpbrk(scopes, "\"\\") == NULL;
}

static bool
linking_take(reader_t *reader, uint32_t token)
{
    reader->provider->links_email =
        dp_json_text_equal(&reader->json, token, DP_SLICE("verified_email"));

    return reader->provider->links_email
           || dp_json_text_equal(&reader->json, token, DP_SLICE("none"));
}

static bool
signup_take(reader_t *reader, uint32_t token)
{
    reader->provider->signs_up = is_of(reader, token, DP_JSON_TRUE);

    return reader->provider->signs_up || is_of(reader, token, DP_JSON_FALSE);
}

/* Texts of an array, or a single one; false: too many, or something else. */
static bool
list_take(reader_t *reader, uint32_t token, const char **list, size_t most,
          size_t *count)
{
    const dp_json_token_t *array = &reader->json.tokens[token];

    *count = 0;

    if (array->type != DP_JSON_ARRAY || array->count > most) {
        return false;
    }

    for (uint32_t at = token + 1; at < array->next;
         at = reader->json.tokens[at].next) {
        list[*count] = text_take(reader, at, 255);

        if (list[(*count)++] == NULL) {
            return false;
        }
    }

    return true;
}

static bool
hosts_take(reader_t *reader, uint32_t token)
{
    size_t count;

    return list_take(reader, token, reader->provider->hosts + 1,
                     DP_PROVIDER_HOSTS, &count);
}

static bool
audience_take(reader_t *reader, uint32_t token)
{
    dp_identity_provider_t *provider = reader->provider;

    if (is_of(reader, token, DP_JSON_STRING)) {
        provider->audiences[0] = text_take(reader, token, 255);
        provider->audience_count = 1;
        return provider->audiences[0] != NULL;
    }

    return list_take(reader, token, provider->audiences,
                     DP_CONTROL_ISSUER_AUDIENCES, &provider->audience_count)
           && provider->audience_count != 0;
}

static bool
lifetime_take(reader_t *reader, uint32_t token)
{
    int64_t seconds;

    if (!is_of(reader, token, DP_JSON_NUMBER)
        || !dp_json_integer(&reader->json, token, &seconds) || seconds < 60
        || seconds > LIFETIME_MAX_S) {
        return false;
    }

    reader->provider->lifetime_s = (uint32_t) seconds;

    return true;
}

static bool
algorithms_take(reader_t *reader, uint32_t token)
{
    const char *names[2];
    size_t      count;

    reader->provider->algorithms = 0;

    if (!list_take(reader, token, names, 2, &count)) {
        return false;
    }

    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], "RS256") != 0 && strcmp(names[i], "ES256") != 0) {
            return false;
        }

        reader->provider->algorithms |=
            1u << (names[i][0] == 'R' ? DP_JWT_RS256 : DP_JWT_ES256);
    }

    return count != 0;
}

/* --- objects ------------------------------------------------------------------ */

static const member_t *
member_find(const reader_t *reader, const member_t *members, uint32_t name)
{
    while (members->name != NULL
           && !dp_json_text_equal(&reader->json, name,
                                  dp_slice_text(members->name))) {
        members++;
    }

    return members->name == NULL ? NULL : members;
}

static bool
members_there(reader_t *reader, const member_t *members, uint32_t object)
{
    for (; members->name != NULL; members++) {
        if (members->required
            && dp_json_member(&reader->json, object,
                              dp_slice_text(members->name)) == 0) {
            reader->wrong = members->name;
            return false;
        }
    }

    return true;
}

/* A name that the table does not have is a fault: it may be a mistyped one. */
static bool
object_take(reader_t *reader, const member_t *members, uint32_t object)
{
    const dp_json_token_t *tokens = reader->json.tokens;

    if (!is_of(reader, object, DP_JSON_OBJECT)) {
        return false;
    }

    for (uint32_t at = object + 1; at < tokens[object].next;
         at = tokens[at + 1].next) {
        const member_t *member = member_find(reader, members, at);

        if (member == NULL || !member->take(reader, at + 1)) {
            reader->wrong = reader->wrong != NULL ? reader->wrong
                            : member == NULL ? "a member that is not known"
                                             : member->name;
            return false;
        }
    }

    return members_there(reader, members, object);
}

static const member_t token_members[] = {
    {"audience", audience_take, true},
    {"maxLifetime", lifetime_take, false},
    {"algorithms", algorithms_take, false},
    {NULL, NULL, false},
};

static bool
tokens_take(reader_t *reader, uint32_t token)
{
    return object_take(reader, token_members, token);
}

static const member_t provider_members[] = {
    {"name", name_take, true},
    {"issuer", issuer_take, true},
    {"clientId", client_id_take, true},
    {"clientSecretFile", secret_take, false},
    {"scopes", scopes_take, false},
    {"linking", linking_take, false},
    {"allowSignup", signup_take, false},
    {"hosts", hosts_take, false},
    {"tokens", tokens_take, false},
    {NULL, NULL, false},
};

static bool
provider_take(reader_t *reader, uint32_t token)
{
    dp_identity_provider_t provider = {
        .client_secret = "",
        .scopes = "openid email profile",
        .lifetime_s = LIFETIME_S,
        .algorithms = 1u << DP_JWT_RS256 | 1u << DP_JWT_ES256,
    };

    reader->provider = &provider;

    if (!object_take(reader, provider_members, token)) {
        return false;
    }

    for (size_t i = 0; i < loaded.count; i++) {
        if (strcmp(loaded.providers[i].issuer, provider.issuer) == 0) {
            reader->wrong = "issuer";
            return false;
        }
    }

    loaded.providers[loaded.count++] = provider;

    return true;
}

static bool
providers_take(reader_t *reader, uint32_t token)
{
    const dp_json_token_t *tokens = reader->json.tokens;

    if (!is_of(reader, token, DP_JSON_ARRAY)
        || tokens[token].count > DP_CONTROL_ISSUERS) {
        return false;
    }

    for (uint32_t at = token + 1; at < tokens[token].next;
         at = tokens[at].next) {
        if (!provider_take(reader, at)) {
            return false;
        }
    }

    return true;
}

static const member_t file_members[] = {
    {"providers", providers_take, true},
    {NULL, NULL, false},
};

/* --- the file ----------------------------------------------------------------- */

static bool
file_read(const char *path, dp_slice_t *text, dp_provider_fault_t *fault)
{
    FILE *file = fopen(path, "re");
    char *bytes = dp_arena_alloc(loaded.arena, FILE_SIZE_MAX + 1);

    if (file == NULL) {
        snprintf(fault->text, sizeof(fault->text), "%.300s: %s", path,
                 strerror(errno));
        return false;
    }

    *text = dp_slice(bytes, fread(bytes, 1, FILE_SIZE_MAX + 1, file));
    fclose(file);

    if (text->len > FILE_SIZE_MAX) {
        snprintf(fault->text, sizeof(fault->text), "%.300s: is larger than 64 kB",
                 path);
    }

    return text->len <= FILE_SIZE_MAX;
}

static bool
text_read(const char *path, dp_slice_t text, dp_provider_fault_t *fault)
{
    reader_t        reader = {.json = {.capacity = TOKENS_MAX}};
    dp_json_fault_t wrong;

    reader.json.tokens = dp_arena_alloc(
        loaded.arena, TOKENS_MAX * sizeof(*reader.json.tokens));
    wrong = dp_json_check(&reader.json, text);

    if (wrong != DP_JSON_OK) {
        snprintf(fault->text, sizeof(fault->text), "%.300s: byte %zu: %s", path,
                 reader.json.offset, dp_json_fault_text(wrong));
        return false;
    }

    if (!object_take(&reader, file_members, 0)) {
        snprintf(fault->text, sizeof(fault->text),
                 "%.300s: provider %zu: %s is missing, not known, or not as it "
                 "must be", path, loaded.count + 1,
                 reader.wrong == NULL ? "the document" : reader.wrong);
        return false;
    }

    return true;
}

bool
dp_identity_providers_load(const char *path, dp_provider_fault_t *fault)
{
    dp_slice_t text;

    if (loaded.arena != NULL) {
        dp_arena_destroy(loaded.arena);
        loaded.arena = NULL;
    }

    loaded.count = 0;

    if (strcmp(path, "none") == 0) {
        return true;
    }

    loaded.arena = dp_arena_create();

    return file_read(path, &text, fault) && text_read(path, text, fault);
}

size_t
dp_identity_provider_count(void)
{
    return loaded.count;
}

const dp_identity_provider_t *
dp_identity_provider(size_t index)
{
    return &loaded.providers[index];
}

const dp_identity_provider_t *
dp_identity_provider_find(dp_slice_t name)
{
    for (size_t i = 0; i < loaded.count; i++) {
        if (dp_slice_equal(name, dp_slice_text(loaded.providers[i].name))) {
            return &loaded.providers[i];
        }
    }

    return NULL;
}
