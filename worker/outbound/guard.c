/*
 * The guard: a list of hosts, and networks that are not the public's.
 */

#include "guard.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <strings.h>

#define V4_MAPPED_SIZE 12

typedef struct {
    uint32_t address; /* host order */
    unsigned bits;
} network4_t;

/* IANA's special-purpose registry, what is not globally reachable. */
static const network4_t not_public4[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},
    {0xa9fe0000, 16}, {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24},
    {0xc0586300, 24}, {0xc0a80000, 16}, {0xc6120000, 15}, {0xc6336400, 24},
    {0xcb007100, 24}, {0xe0000000, 4},  {0xf0000000, 4},
};

typedef struct {
    uint8_t  address[6];
    unsigned bits;
} network6_t;

/* Of 2000::/3, the only one that is public at all. */
static const network6_t not_public6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, /* protocols' own, Teredo */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4: an IPv4 address inside */
    {{0x3f, 0xff, 0x00}, 20},       /* documentation */
};

static bool
public4(uint32_t address)
{
    for (size_t i = 0; i < sizeof(not_public4) / sizeof(not_public4[0]); i++) {
        const network4_t *network = &not_public4[i];

        if ((address ^ network->address) >> (32 - network->bits) == 0) {
            return false;
        }
    }

    return true;
}

static bool
within6(const uint8_t *address, const network6_t *network)
{
    size_t  bytes = network->bits / 8;
    uint8_t mask = (uint8_t) (0xff00 >> network->bits % 8);

    return memcmp(address, network->address, bytes) == 0
           && ((address[bytes] ^ network->address[bytes]) & mask) == 0;
}

static uint32_t
embedded4(const uint8_t *address)
{
    dp_reader_t reader = dp_reader(dp_slice(address + V4_MAPPED_SIZE, 4));

    return dp_read_u32(&reader);
}

static bool
public6(const uint8_t *address)
{
    static const uint8_t mapped[V4_MAPPED_SIZE] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t nat64[V4_MAPPED_SIZE] = {0x00, 0x64, 0xff, 0x9b};

    if (memcmp(address, mapped, sizeof(mapped)) == 0
        || memcmp(address, nat64, sizeof(nat64)) == 0) {
        return public4(embedded4(address));
    }

    for (size_t i = 0; i < sizeof(not_public6) / sizeof(not_public6[0]); i++) {
        if (within6(address, &not_public6[i])) {
            return false;
        }
    }

    return address[0] >> 5 == 1;
}

static bool
loopback4(uint32_t address)
{
    return address >> 24 == 127;
}

static bool
address4(dp_guard_verdict_t verdict, const struct sockaddr_in *address)
{
    uint32_t number = ntohl(address->sin_addr.s_addr);

    return verdict == DP_GUARD_LOOPBACK ? loopback4(number) : public4(number);
}

static bool
address6(dp_guard_verdict_t verdict, const struct sockaddr_in6 *address)
{
    const struct in6_addr *bytes = &address->sin6_addr;

    return verdict == DP_GUARD_LOOPBACK ? IN6_IS_ADDR_LOOPBACK(bytes)
                                        : public6(bytes->s6_addr);
}

bool
dp_guard_address(dp_guard_verdict_t verdict, const struct sockaddr *address)
{
    if (verdict == DP_GUARD_REFUSED) {
        return false;
    }

    switch (address->sa_family) {
    case AF_INET:
        return address4(verdict, (const void *) address);
    case AF_INET6:
        return address6(verdict, (const void *) address);
    default:
        return false;
    }
}

/* --- URLs ------------------------------------------------------------------- */

static bool
is_listed(const char *const *hosts, const char *host)
{
    for (; hosts != NULL && *hosts != NULL; hosts++) {
        if (strcasecmp(*hosts, host) == 0) {
            return true;
        }
    }

    return false;
}

/* Whether "host:port" is a word of the list. */
static bool
is_stand_in(const char *list, const char *host, const char *port)
{
    char   place[300];
    size_t len = (size_t) snprintf(place, sizeof(place), "%s:%s", host, port);

    while (len < sizeof(place) && *list != '\0') {
        size_t word = strcspn(list, " ");

        if (word == len && strncasecmp(list, place, len) == 0) {
            return true;
        }

        list += word;
        list += strspn(list, " ");
    }

    return false;
}

typedef struct {
    char *scheme;
    char *host;
    char *port;
    char *user;
} parts_t;

static dp_guard_verdict_t
parts_judge(const dp_guard_t *guard, const parts_t *parts)
{
    bool secure = strcmp(parts->scheme, "https") == 0;

    if (parts->user != NULL) {
        return DP_GUARD_REFUSED;
    }

    if ((secure || strcmp(parts->scheme, "http") == 0)
        && is_stand_in(guard->loopback, parts->host, parts->port)) {
        return DP_GUARD_LOOPBACK;
    }

    return secure && strcmp(parts->port, "443") == 0
                   && (is_listed(guard->hosts, parts->host)
                       || is_listed(guard->more, parts->host))
               ? DP_GUARD_PUBLIC
               : DP_GUARD_REFUSED;
}

static bool
parts_read(CURLU *handle, const char *url, parts_t *parts)
{
    return curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK
           && curl_url_get(handle, CURLUPART_SCHEME, &parts->scheme, 0)
                  == CURLUE_OK
           && curl_url_get(handle, CURLUPART_HOST, &parts->host, 0) == CURLUE_OK
           && curl_url_get(handle, CURLUPART_PORT, &parts->port,
                           CURLU_DEFAULT_PORT)
                  == CURLUE_OK;
}

dp_guard_verdict_t
dp_guard_url(const dp_guard_t *guard, const char *url)
{
    CURLU             *handle = curl_url();
    parts_t            parts = {0};
    dp_guard_verdict_t verdict = DP_GUARD_REFUSED;

    if (handle != NULL && parts_read(handle, url, &parts)) {
        (void) curl_url_get(handle, CURLUPART_USER, &parts.user, 0);
        verdict = parts_judge(guard, &parts);
    }

    curl_free(parts.scheme);
    curl_free(parts.host);
    curl_free(parts.port);
    curl_free(parts.user);
    curl_url_cleanup(handle);

    return verdict;
}
