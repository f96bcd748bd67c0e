/*
 * Subjects of abuse tiers as text.  See dp_abuse_subject.h.
 */

#include "dp_abuse_subject.h"

#include <arpa/inet.h>
#include <string.h>

#include "dp_id.h"

#define MAPPED_AT 12 /* where IPv4 lies in a mapped address */
#define NETWORK 8    /* bytes of a /64 */
#define PREFIX "/64"

static const uint8_t mapped[MAPPED_AT] = {
    [10] = 0xff,
    [11] = 0xff,
};

static size_t
address_format(char *text, const uint8_t *id)
{
    if (memcmp(id, mapped, MAPPED_AT) == 0) {
        (void) inet_ntop(AF_INET, id + MAPPED_AT, text, DP_ABUSE_SUBJECT_TEXT);
        return strlen(text);
    }

    (void) inet_ntop(AF_INET6, id, text, DP_ABUSE_SUBJECT_TEXT);
    memcpy(text + strlen(text), PREFIX, sizeof(PREFIX));

    return strlen(text);
}

size_t
dp_abuse_subject_format(char text[DP_ABUSE_SUBJECT_TEXT], unsigned kind,
                        const uint8_t id[DP_ID_SIZE])
{
    if (kind == DP_ABUSE_ADDRESS) {
        return address_format(text, id);
    }

    dp_id_format(text, id);

    return DP_ID_TEXT_SIZE;
}

static bool
address_parse(const char *text, uint8_t *id)
{
    if (inet_pton(AF_INET, text, id + MAPPED_AT) == 1) {
        memcpy(id, mapped, MAPPED_AT);
        return true;
    }

    if (inet_pton(AF_INET6, text, id) != 1) {
        return false;
    }

    if (memcmp(id, mapped, MAPPED_AT) != 0) {
        memset(id + NETWORK, 0, DP_ID_SIZE - NETWORK);
    }

    return true;
}

bool
dp_abuse_subject_parse(dp_slice_t text, unsigned *kind, uint8_t id[DP_ID_SIZE])
{
    char   copy[DP_ABUSE_SUBJECT_TEXT] = "";
    size_t prefix = sizeof(PREFIX) - 1;

    if (dp_id_parse(id, text)) {
        *kind = DP_ABUSE_CREDENTIAL;
        return true;
    }

    if (text.len == 0 || text.len >= sizeof(copy)
        || memchr(text.data, 0, text.len) != NULL)
    {
        return false;
    }

    memcpy(copy, text.data, text.len);
    *kind = DP_ABUSE_ADDRESS;

    if (text.len > prefix && strchr(copy, ':') != NULL
        && strcmp(copy + text.len - prefix, PREFIX) == 0)
    {
        copy[text.len - prefix] = '\0';
    }

    return address_parse(copy, id);
}
