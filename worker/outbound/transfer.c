/*
 * The outbound thread: libcurl's multi interface, fed by a list under a mutex.
 *
 * An exchange stands on the stack of the thread that waits for it; between
 * dp_transfer_run()'s push and the signal that it is done it is the outbound
 * thread's alone.
 */

#define _GNU_SOURCE /* pthread_setname_np, strncasecmp */

#include "transfer.h"

#include "config.h"
#include "runtime/deadline.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#define POLL_MS 1000
#define CONNECT_MS 5000L
#define HEADER_BYTES_MAX 65536

typedef struct exchange_s {
    const dp_transfer_t  *transfer;
    dp_transfer_result_t *result;
    CURL                 *easy;
    size_t                capacity;     /* of the body */
    size_t                header_bytes; /* so far */
    size_t                body_sent;
    bool                  done;         /* under the mutex */
    struct exchange_s    *next;
} exchange_t;

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t  changed; /* something is done, or all is to end */
    exchange_t     *incoming; /* under the mutex */
    bool            draining; /* likewise */
    bool            stopping; /* likewise */
    CURLM          *multi;
    pthread_t       thread;
    exchange_t     *active; /* the thread's own */
} outbound = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* --- what libcurl calls ----------------------------------------------------- */

static curl_socket_t
socket_open(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    exchange_t *exchange = data;

    (void) purpose;

    if (!exchange->transfer->anywhere
        && !dp_guard_address(exchange->transfer->verdict, &address->addr)) {
        exchange->result->refused = true;
        return CURL_SOCKET_BAD;
    }

    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}

static bool
body_grow(exchange_t *exchange, size_t size)
{
    size_t   capacity = exchange->capacity == 0 ? 4096 : exchange->capacity;
    uint8_t *body;

    while (capacity < size) {
        capacity *= 2;
    }

    body = realloc(exchange->result->body, capacity);

    if (body == NULL) {
        return false;
    }

    exchange->result->body = body;
    exchange->capacity = capacity;

    return true;
}

/* Taking less than all ends the exchange: CURLE_WRITE_ERROR. */
static size_t
body_take(char *bytes, size_t one, size_t count, void *data)
{
    exchange_t           *exchange = data;
    dp_transfer_result_t *result = exchange->result;
    size_t                len = one * count;

    if (len > exchange->transfer->max_bytes - result->len
        || (result->len + len > exchange->capacity
            && !body_grow(exchange, result->len + len))) {
        return CURL_WRITEFUNC_ERROR;
    }

    if (len != 0) {
        memcpy(result->body + result->len, bytes, len);
        result->len += len;
    }

    return len;
}

static size_t
body_give(char *bytes, size_t one, size_t count, void *data)
{
    exchange_t *exchange = data;
    dp_slice_t  body = exchange->transfer->body;
    size_t      left = body.len - exchange->body_sent;
    size_t      len = one * count < left ? one * count : left;

    if (len != 0) {
        memcpy(bytes, body.data + exchange->body_sent, len);
        exchange->body_sent += len;
    }

    return len;
}

/* The value behind `name` and a colon, without blanks; data is NULL if it is another. */
static dp_slice_t
header_value(dp_slice_t line, const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || line.len <= len || line.data[len] != ':'
        || strncasecmp((const char *) line.data, name, len) != 0) {
        return dp_slice(NULL, 0);
    }

    line = dp_slice(line.data + len + 1, line.len - len - 1);

    while (line.len != 0 && isspace(line.data[0])) {
        line = dp_slice(line.data + 1, line.len - 1);
    }

    while (line.len != 0 && isspace(line.data[line.len - 1])) {
        line.len--;
    }

    return line;
}

/* Seconds only: of a date nothing is believed. */
static uint32_t
seconds_read(dp_slice_t value)
{
    uint32_t seconds = 0;

    if (value.len > 6) {
        return 0;
    }

    for (size_t i = 0; i < value.len; i++) {
        if (!isdigit(value.data[i])) {
            return 0;
        }

        seconds = seconds * 10 + (uint32_t) (value.data[i] - '0');
    }

    return seconds;
}

/* What can stand in a log; nothing of it when anything cannot. */
static void
name_keep(char *name, dp_slice_t value)
{
    if (value.len == 0 || value.len >= DP_TRANSFER_NAME_SIZE) {
        return;
    }

    for (size_t i = 0; i < value.len; i++) {
        if (!isgraph(value.data[i])) {
            return;
        }
    }

    memcpy(name, value.data, value.len);
    name[value.len] = '\0';
}

static size_t
header_take(char *bytes, size_t one, size_t count, void *data)
{
    exchange_t *exchange = data;
    dp_slice_t  line = dp_slice(bytes, one * count);
    dp_slice_t  value;

    exchange->header_bytes += line.len;

    if (exchange->header_bytes > HEADER_BYTES_MAX) {
        return CURL_WRITEFUNC_ERROR;
    }

    value = header_value(line, "retry-after");

    if (value.data != NULL) {
        exchange->result->retry_after_s = seconds_read(value);
    }

    name_keep(exchange->result->correlation,
              header_value(line, exchange->transfer->correlation));

    return line.len;
}

/* --- an exchange for libcurl ------------------------------------------------ */

static void
options_common(exchange_t *exchange)
{
    const dp_transfer_t *transfer = exchange->transfer;
    CURL                *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
    curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     (long) (transfer->timeout_us / 1000 + 1));
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_take);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
}

static void
options_http(exchange_t *exchange)
{
    const dp_transfer_t *transfer = exchange->transfer;
    CURL                *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "DevPilot/" DP_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->lines);

    if (strcmp(transfer->method, "GET") != 0 || transfer->body.len != 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t) transfer->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                         transfer->body.len == 0
                             ? ""
                             : (const char *) transfer->body.data);
    }

    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, transfer->method);
}

/* Whoever logs in does so over TLS only; a relay without login may have none. */
static void
options_mail(exchange_t *exchange)
{
    const dp_transfer_t *transfer = exchange->transfer;
    CURL                *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     (long) (transfer->user == NULL ? CURLUSESSL_TRY
                                                    : CURLUSESSL_ALL));
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, transfer->sender);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->lines);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, body_give);
    curl_easy_setopt(easy, CURLOPT_READDATA, exchange);

    if (transfer->user != NULL) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, transfer->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, transfer->password);
    }
}

static void
result_fill(exchange_t *exchange, CURLcode code)
{
    dp_transfer_result_t *result = exchange->result;
    curl_off_t            pretransfer_us = 0;
    curl_off_t            total_us = 0;
    long                  status = 0;

    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(exchange->easy, CURLINFO_PRETRANSFER_TIME_T,
                      &pretransfer_us);
    curl_easy_getinfo(exchange->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    result->code = code;
    result->status = (unsigned) status;
    result->sent = pretransfer_us != 0;
    result->took_us = (uint64_t) total_us;
}

/* --- the thread ------------------------------------------------------------- */

static void
exchange_done(exchange_t *exchange, CURLcode code)
{
    result_fill(exchange, code);
    curl_multi_remove_handle(outbound.multi, exchange->easy);

    pthread_mutex_lock(&outbound.mutex);
    exchange->done = true;
    pthread_cond_broadcast(&outbound.changed);
    pthread_mutex_unlock(&outbound.mutex);
}

static void
active_forget(const exchange_t *exchange)
{
    exchange_t **place = &outbound.active;

    while (*place != exchange) {
        place = &(*place)->next;
    }

    *place = exchange->next;
}

/* False when the thread is to end. */
static bool
incoming_take(void)
{
    exchange_t *list;
    bool        draining, stopping;

    pthread_mutex_lock(&outbound.mutex);
    list = outbound.incoming;
    outbound.incoming = NULL;
    draining = outbound.draining;
    stopping = outbound.stopping;
    pthread_mutex_unlock(&outbound.mutex);

    while (list != NULL) {
        exchange_t *exchange = list;

        list = exchange->next;
        exchange->next = outbound.active;
        outbound.active = exchange;
        curl_multi_add_handle(outbound.multi, exchange->easy);
    }

    while (draining && outbound.active != NULL) {
        exchange_t *exchange = outbound.active;

        outbound.active = exchange->next;
        exchange_done(exchange, CURLE_ABORTED_BY_CALLBACK);
    }

    return !stopping;
}

static void
messages_take(void)
{
    CURLMsg *message;
    int      left;

    while ((message = curl_multi_info_read(outbound.multi, &left)) != NULL) {
        exchange_t *exchange;
        CURLcode    code = message->data.result;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
        active_forget(exchange);
        exchange_done(exchange, code);
    }
}

static void *
thread_main(void *data)
{
    int running;

    (void) data;

    while (incoming_take()) {
        curl_multi_perform(outbound.multi, &running);
        messages_take();
        curl_multi_poll(outbound.multi, NULL, 0, POLL_MS, NULL);
    }

    return NULL;
}

/* --- start and stop --------------------------------------------------------- */

static void
condition_create(void)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&outbound.changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool
dp_transfers_start(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK
        || (outbound.multi = curl_multi_init()) == NULL) {
        errno = ENOMEM;
        return false;
    }

    condition_create();
    outbound.draining = outbound.stopping = false;
    errno = pthread_create(&outbound.thread, NULL, thread_main, NULL);

    if (errno != 0) {
        curl_multi_cleanup(outbound.multi);
        return false;
    }

    pthread_setname_np(outbound.thread, "outbound");

    return true;
}

static void
end_begin(bool stopping)
{
    pthread_mutex_lock(&outbound.mutex);
    outbound.draining = true;
    outbound.stopping = stopping;
    pthread_cond_broadcast(&outbound.changed);
    pthread_mutex_unlock(&outbound.mutex);
    curl_multi_wakeup(outbound.multi);
}

void
dp_transfers_drain(void)
{
    end_begin(false);
}

void
dp_transfers_stop(void)
{
    end_begin(true);
    pthread_join(outbound.thread, NULL);
    curl_multi_cleanup(outbound.multi);
    pthread_cond_destroy(&outbound.changed);
}

/* --- callers ---------------------------------------------------------------- */

static void
exchange_wait(exchange_t *exchange)
{
    pthread_mutex_lock(&outbound.mutex);

    if (outbound.draining) {
        exchange->result->code = CURLE_ABORTED_BY_CALLBACK;
        pthread_mutex_unlock(&outbound.mutex);
        return;
    }

    exchange->next = outbound.incoming;
    outbound.incoming = exchange;
    curl_multi_wakeup(outbound.multi);

    while (!exchange->done) {
        pthread_cond_wait(&outbound.changed, &outbound.mutex);
    }

    pthread_mutex_unlock(&outbound.mutex);
}

void
dp_transfer_run(const dp_transfer_t *transfer, dp_transfer_result_t *result)
{
    exchange_t exchange = {
        .transfer = transfer, .result = result, .easy = curl_easy_init(),
    };

    *result = (dp_transfer_result_t) {.code = CURLE_OUT_OF_MEMORY};

    if (exchange.easy == NULL) {
        return;
    }

    options_common(&exchange);

    if (transfer->method == NULL) {
        options_mail(&exchange);
    } else {
        options_http(&exchange);
    }

    exchange_wait(&exchange);
    curl_easy_cleanup(exchange.easy);
}

bool
dp_transfers_pause(uint64_t duration_us)
{
    uint64_t              until_us = dp_monotonic_us() + duration_us;
    const struct timespec until = {
        .tv_sec = (time_t) (until_us / 1000000),
        .tv_nsec = (long) (until_us % 1000000 * 1000),
    };
    bool draining;
    int  waited = 0;

    pthread_mutex_lock(&outbound.mutex);

    while (!outbound.draining && waited == 0) {
        waited = pthread_cond_timedwait(&outbound.changed, &outbound.mutex,
                                        &until);
    }

    draining = outbound.draining;
    pthread_mutex_unlock(&outbound.mutex);

    return !draining;
}
