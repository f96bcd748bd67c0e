/*
 * This process's copy of the keys, ready for use.
 *
 * A token's kid finds the key, the key says the algorithm: a token that claims
 * another one is signed by nobody.  Our own kids are looked for first, and only
 * with HS256; issuers' only with their public keys' algorithms.  Two issuers may
 * use one kid, so each key of that name is tried, and the token must name the
 * issuer whose key it was.
 */

#include "ngx_http_devpilot_keys.h"

#include <sys/mman.h>

#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_zone.h"

#define LIFETIME_S 900 /* of our own tokens, at most */

typedef struct {
    dp_control_key_t key; /* borrows from the state */
    dp_hmac_t        hmac;
} secret_t;

typedef struct {
    dp_slice_t name; /* borrows, as all of it does */
    uint32_t   lifetime_s;
    dp_slice_t audiences[DP_CONTROL_ISSUER_AUDIENCES];
    size_t     audiences_count;
} issuer_t;

typedef struct {
    ngx_uint_t   issuer; /* its index */
    dp_slice_t   kid;
    dp_jws_key_t key;
} public_t;

/* In memory of its own: the bytes that secrets lie in. */
typedef struct {
    dp_key_state_t current;
    dp_key_state_t next;
} states_t;

static struct {
    const ngx_http_devpilot_main_conf_t *mcf;
    ngx_log_t                           *log;
    states_t                            *states;
    dp_slice_t                           audience; /* of our own tokens */

    secret_t   secrets[DP_CONTROL_KEYS];
    ngx_uint_t secrets_count;
    issuer_t   issuers[DP_CONTROL_ISSUERS];
    ngx_uint_t issuers_count;
    public_t   publics[DP_CONTROL_ISSUERS * DP_CONTROL_ISSUER_KEYS];
    ngx_uint_t publics_count;
} copy;

static void
copy_forget(void)
{
    for (ngx_uint_t i = 0; i < copy.secrets_count; i++) {
        dp_hmac_close(&copy.secrets[i].hmac);
    }

    for (ngx_uint_t i = 0; i < copy.publics_count; i++) {
        dp_jws_key_close(&copy.publics[i].key);
    }

    copy.secrets_count = copy.issuers_count = copy.publics_count = 0;
}

static void
secrets_open(dp_slice_t list)
{
    secret_t *secret = copy.secrets;

    while (dp_control_key_next(&list, &secret->key)) {
        if (dp_hmac_open(&secret->hmac, secret->key.secret)) {
            secret++;

        } else {
            ngx_log_error(NGX_LOG_ERR, copy.log, 0,
                          "OpenSSL refused a signing key");
        }
    }

    copy.secrets_count = (ngx_uint_t) (secret - copy.secrets);
}

/* A key that OpenSSL does not like is nobody's; the worker has judged it before. */
static void
publics_open(dp_slice_t list)
{
    dp_control_issuer_key_t said;

    while (dp_control_issuer_key_next(&list, &said)) {
        public_t *public = &copy.publics[copy.publics_count];

        if (!dp_jws_key_open(&public->key, said.algorithm, said.spki)) {
            ngx_log_error(NGX_LOG_WARN, copy.log, 0,
                          "an issuer's key is of no use and ignored");
            continue;
        }

        public->issuer = copy.issuers_count;
        public->kid = said.kid;
        copy.publics_count++;
    }
}

static void
issuers_open(dp_slice_t list)
{
    dp_control_issuer_t said;

    while (dp_control_issuer_next(&list, &said)) {
        issuer_t *issuer = &copy.issuers[copy.issuers_count];

        issuer->name = said.issuer;
        issuer->lifetime_s = said.lifetime_s;
        issuer->audiences_count = 0;

        while (dp_control_audience_next(
            &said.audiences, &issuer->audiences[issuer->audiences_count]))
        {
            if (++issuer->audiences_count == DP_CONTROL_ISSUER_AUDIENCES) {
                break;
            }
        }

        publics_open(said.keys);
        copy.issuers_count++;
    }
}

/* Slices of a state borrow from where it lies: it is moved with them. */
static void
copy_take(void)
{
    dp_key_state_t *current = &copy.states->current;
    dp_key_state_t *next = &copy.states->next;
    const uint8_t  *bytes = (const uint8_t *) current->words;

    if (next->generation > current->generation) {
        copy_forget();
        ngx_memcpy(current, next, sizeof(*current));
        current->keys.data = bytes;
        current->issuers.data = bytes + current->keys.len;
        secrets_open(current->keys);
        issuers_open(current->issuers);
    }

    ngx_explicit_memzero(next, sizeof(*next));
}

/* What another process has stored is not told to this one. */
static void
copy_follow(void)
{
    const dp_key_store_t *store = ngx_http_devpilot_keys_store(copy.mcf);

    if (dp_key_store_generation(store) > copy.states->current.generation
        && dp_key_store_get(store, &copy.states->next))
    {
        copy_take();
    }
}

ngx_int_t
ngx_http_devpilot_keys_open(const ngx_http_devpilot_main_conf_t *mcf,
                            ngx_log_t                           *log)
{
    void *memory = mmap(NULL, sizeof(states_t), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        ngx_log_error(NGX_LOG_EMERG, log, ngx_errno, "mmap() failed");
        return NGX_ERROR;
    }

    (void) madvise(memory, sizeof(states_t), MADV_DONTDUMP);
    copy.mcf = mcf;
    copy.log = log;
    copy.states = memory;
    copy.audience = dp_slice(mcf->token_audience.data, mcf->token_audience.len);
    copy_follow();

    return NGX_OK;
}

void
ngx_http_devpilot_keys_close(void)
{
    if (copy.states != NULL) {
        copy_forget();
        ngx_explicit_memzero(copy.states, sizeof(*copy.states));
        (void) munmap(copy.states, sizeof(*copy.states));
        copy.states = NULL;
    }
}

/*
 * A cell that nobody can write now is written with the next record, which is sent
 * as long as we report an older generation.
 */
void
ngx_http_devpilot_keys_apply(const dp_wire_control_t *record)
{
    const dp_key_writer_t writer = {
        .pid = (uint32_t) ngx_pid,
        .lives = ngx_http_devpilot_process_lives,
    };

    const dp_key_lists_t lists = {
        .generation = record->generation,
        .keys = record->keys,
        .issuers = record->issuers,
    };

    if (dp_key_store_put(ngx_http_devpilot_keys_store(copy.mcf), &writer,
                         &lists, &copy.states->next))
    {
        copy_take();
    }
}

uint64_t
ngx_http_devpilot_keys_generation(void)
{
    copy_follow();

    return copy.states->current.generation;
}

static ngx_uint_t
key_holds(const dp_control_key_t *key, uint8_t purpose)
{
    return key->purpose == purpose
           && (key->not_after_us == 0
               || ngx_http_devpilot_wall_us() < key->not_after_us);
}

static secret_t *
secret_find(dp_slice_t kid)
{
    for (ngx_uint_t i = 0; i < copy.secrets_count; i++) {
        secret_t *secret = &copy.secrets[i];

        if (key_holds(&secret->key, DP_CONTROL_KEY_JWT)
            && dp_slice_equal(secret->key.kid, kid))
        {
            return secret;
        }
    }

    return NULL;
}

/* The next one from an index on that may have signed; NULL: there is none. */
static const public_t *
public_next(const dp_jwt_t *jwt, ngx_uint_t *index)
{
    while (*index < copy.publics_count) {
        const public_t *public = &copy.publics[(*index)++];

        if (public->key.algorithm == jwt->algorithm
            && dp_slice_equal(public->kid, jwt->kid))
        {
            return public;
        }
    }

    return NULL;
}

ngx_uint_t
ngx_http_devpilot_keys_know(const dp_jwt_t *jwt)
{
    ngx_uint_t index = 0;

    copy_follow();

    return jwt->algorithm == DP_JWT_HS256 ? secret_find(jwt->kid) != NULL
                                          : public_next(jwt, &index) != NULL;
}

static dp_jwt_fault_t
secret_verify(const dp_jwt_t *jwt, ngx_http_devpilot_signer_t *signer)
{
    secret_t *secret = secret_find(jwt->kid);

    if (secret == NULL) {
        return DP_JWT_KEY;
    }

    signer->foreign = 0;
    signer->expected = (dp_jwt_expected_t) {
        .issuer = dp_slice(copy.mcf->token_issuer.data,
                           copy.mcf->token_issuer.len),
        .audiences = &copy.audience,
        .audiences_count = 1,
        .lifetime_s = LIFETIME_S,
        .leeway_s = DP_JWT_LEEWAY_S,
    };

    return dp_hmac_matches(&secret->hmac, jwt->signed_text, jwt->signature)
               ? DP_JWT_OK
               : DP_JWT_SIGNATURE;
}

static dp_jwt_fault_t
public_verify(const dp_jwt_t *jwt, ngx_http_devpilot_signer_t *signer)
{
    ngx_uint_t      index = 0;
    const public_t *public;
    const issuer_t *issuer;
    dp_jwt_fault_t  fault = DP_JWT_KEY;

    while ((public = public_next(jwt, &index)) != NULL) {
        if (!dp_jws_verify(&public->key, jwt->signed_text, jwt->signature)) {
            fault = DP_JWT_SIGNATURE;
            continue;
        }

        issuer = &copy.issuers[public->issuer];
        signer->foreign = 1;
        signer->expected = (dp_jwt_expected_t) {
            .issuer = issuer->name,
            .audiences = issuer->audiences,
            .audiences_count = issuer->audiences_count,
            .lifetime_s = issuer->lifetime_s,
            .leeway_s = DP_JWT_LEEWAY_S,
        };

        return DP_JWT_OK;
    }

    return fault;
}

dp_jwt_fault_t
ngx_http_devpilot_keys_verify(const dp_jwt_t             *jwt,
                              ngx_http_devpilot_signer_t *signer)
{
    copy_follow();

    return jwt->algorithm == DP_JWT_HS256 ? secret_verify(jwt, signer)
                                          : public_verify(jwt, signer);
}

ngx_uint_t
ngx_http_devpilot_keys_csrf(const uint8_t session_id[DP_ID_SIZE], char *text)
{
    copy_follow();

    for (ngx_uint_t i = 0; i < copy.secrets_count; i++) {
        secret_t *secret = &copy.secrets[i];

        if (key_holds(&secret->key, DP_CONTROL_KEY_CSRF)
            && secret->key.state == DP_CONTROL_KEY_ACTIVE)
        {
            return dp_csrf_make(&secret->hmac, session_id, text);
        }
    }

    return 0;
}

ngx_uint_t
ngx_http_devpilot_keys_csrf_good(const uint8_t session_id[DP_ID_SIZE],
                                 dp_slice_t    token)
{
    copy_follow();

    for (ngx_uint_t i = 0; i < copy.secrets_count; i++) {
        secret_t *secret = &copy.secrets[i];

        if (key_holds(&secret->key, DP_CONTROL_KEY_CSRF)
            && dp_csrf_matches(&secret->hmac, session_id, token))
        {
            return 1;
        }
    }

    return 0;
}
