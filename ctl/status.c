/*
 * One GET by libcurl.  No proxy is asked and no redirection followed: the
 * status is somewhere near, or it is not there.
 */

#include "status.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

/* Of a socket of its own; a URL brings its path. */
#define SOCKET_URL "http://localhost/status"

static bool
is_url(const char *where)
{
    return strncmp(where, "http://", 7) == 0
           || strncmp(where, "https://", 8) == 0;
}

/* libcurl's callback; another number than size * count ends the transfer. */
static size_t
body_take(char *bytes, size_t size, size_t count, void *data)
{
    dp_status_t *status = data;
    size_t       len = size * count;

    if (len > DP_STATUS_SIZE - status->len) {
        return 0;
    }

    memcpy(status->text + status->len, bytes, len);
    status->len += len;

    return len;
}

static CURLcode
fetch(CURL *curl, dp_status_t *status, const char *where, long *code)
{
    CURLcode result;

    if (!is_url(where)) {
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, where);
    }

    curl_easy_setopt(curl, CURLOPT_URL, is_url(where) ? where : SOCKET_URL);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long) DP_STATUS_LIMIT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, status);

    result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code);

    return result;
}

static bool
get(dp_status_t *status, const char *where)
{
    CURL    *curl = curl_easy_init();
    long     code = 0;
    CURLcode result;

    if (curl == NULL) {
        snprintf(status->fault, sizeof(status->fault), "libcurl does not start");
        return false;
    }

    result = fetch(curl, status, where, &code);
    curl_easy_cleanup(curl);

    if (result == CURLE_WRITE_ERROR) {
        snprintf(status->fault, sizeof(status->fault),
                 "the answer is larger than %d bytes", DP_STATUS_SIZE);
        return false;
    }

    if (result != CURLE_OK) {
        snprintf(status->fault, sizeof(status->fault), "%s",
                 curl_easy_strerror(result));
        return false;
    }

    if (code != 200) {
        snprintf(status->fault, sizeof(status->fault), "the answer is a %ld",
                 code);
        return false;
    }

    return true;
}

/* Checks what came; the tape is as large as such a text can need. */
static bool
check(dp_status_t *status)
{
    dp_json_fault_t fault;

    status->json.capacity = (uint32_t) (status->len / 2 + 1);
    status->json.tokens = calloc(status->json.capacity,
                                 sizeof(*status->json.tokens));

    if (status->json.tokens == NULL) {
        snprintf(status->fault, sizeof(status->fault), "out of memory");
        return false;
    }

    fault = dp_json_check(&status->json, dp_slice(status->text, status->len));

    if (fault != DP_JSON_OK) {
        snprintf(status->fault, sizeof(status->fault),
                 "the answer is not JSON: %s", dp_json_fault_text(fault));
        return false;
    }

    if (status->json.tokens[0].type != DP_JSON_OBJECT) {
        snprintf(status->fault, sizeof(status->fault),
                 "the answer is not an object");
        return false;
    }

    return true;
}

bool
dp_status_load(dp_status_t *status, const char *where)
{
    *status = (dp_status_t) {.text = malloc(DP_STATUS_SIZE)};

    if (status->text == NULL
        || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        snprintf(status->fault, sizeof(status->fault), "out of memory");
        return false;
    }

    return get(status, where) && check(status);
}

void
dp_status_free(dp_status_t *status)
{
    free(status->json.tokens);
    free(status->text);
    curl_global_cleanup();
}
