/*
 * Calls and mails against a server in a thread of this program; breakers are
 * played by the test.
 */

#define _GNU_SOURCE /* memmem */

#include "outbound/backoff.h"
#include "outbound/breaker_store.h"
#include "outbound/outbound.h"
#include "runtime/deadline.h"
#include "unit.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ASKED_SIZE 65536

/* --- the breakers ----------------------------------------------------------- */

static struct {
    dp_error_t verdict;
    uint64_t   wait_us;
    unsigned   asked, reported;
    unsigned   failed[2]; /* by scope */
} breakers;

dp_error_t
dp_breakers_ask(dp_breaker_ticket_t *ticket, uint64_t *wait_us)
{
    (void) ticket;
    breakers.asked++;
    *wait_us = breakers.wait_us;

    return breakers.verdict;
}

void
dp_breakers_report(dp_breaker_ticket_t *ticket, const bool failed[2])
{
    (void) ticket;
    breakers.reported++;
    breakers.failed[0] += failed[0];
    breakers.failed[1] += failed[1];
}

/* --- the server ------------------------------------------------------------- */

static struct {
    int         listener;
    uint16_t    port;
    const char *answers[8]; /* one per connection; NULL: none, and it waits */
    unsigned    connections;
    char        asked[ASKED_SIZE]; /* the last request */
    pthread_t   thread;
} server;

static void
connection_serve(int fd, const char *answer)
{
    size_t  len = 0;
    ssize_t got;

    if (strncmp(answer, "220", 3) == 0) {
        /* an answer per line that comes */
        for (const char *line = answer; *line != '\0';) {
            const char *end = strchr(line, '\n') + 1;

            ck_assert_int_gt(write(fd, line, (size_t) (end - line)), 0);
            line = end;
            got = read(fd, server.asked + len, ASKED_SIZE - 1 - len);
            len += got > 0 ? (size_t) got : 0;
            server.asked[len] = '\0';
        }

        return;
    }

    do {
        got = read(fd, server.asked + len, ASKED_SIZE - 1 - len);
        len += got > 0 ? (size_t) got : 0;
        server.asked[len] = '\0';
    } while (got > 0 && strstr(server.asked, "\r\n\r\n") == NULL);

    if (answer[0] == '\0') {
        (void) !read(fd, server.asked, 1); /* until the client gives up */
    } else {
        (void) !write(fd, answer, strlen(answer));
    }
}

static void *
server_main(void *data)
{
    int fd;

    (void) data;

    while ((fd = accept(server.listener, NULL, NULL)) >= 0) {
        const char *answer = server.answers[server.connections++ % 8];

        connection_serve(fd, answer == NULL ? "" : answer);
        close(fd);
    }

    return NULL;
}

static char           loopback[64];
static dp_settings_t  settings = {
    .outbound_timeout_us = 5000000, .outbound_max_bytes = 4096,
    .outbound_loopback = loopback,
};
static dp_arena_t    *arena;
static dp_peers_t    *peers;

static void
start(const char *answer)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t          size = sizeof(address);

    memset(&breakers, 0, sizeof(breakers));
    memset(&server, 0, sizeof(server));

    for (unsigned i = 0; i < 8; i++) {
        server.answers[i] = answer;
    }

    server.listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(server.listener, (const void *) &address, size), 0);
    ck_assert_int_eq(listen(server.listener, 16), 0);
    ck_assert_int_eq(getsockname(server.listener, (void *) &address, &size), 0);
    server.port = ntohs(address.sin_port);
    snprintf(loopback, sizeof(loopback), "127.0.0.1:%u", server.port);
    ck_assert_int_eq(pthread_create(&server.thread, NULL, server_main, NULL), 0);

    arena = dp_arena_create();
    peers = dp_peers_create();
    ck_assert(dp_outbound_start(&settings, peers));
}

static void
finish(void)
{
    dp_outbound_stop();
    shutdown(server.listener, SHUT_RDWR);
    close(server.listener);
    pthread_join(server.thread, NULL);
    dp_arena_destroy(arena);
    dp_peers_destroy(peers);
}

static const char *
url(const char *path)
{
    return (const char *) dp_arena_printf(arena, "http://127.0.0.1:%u%s",
                                          server.port, path).data;
}

static dp_answer_t
call_with(dp_call_t call)
{
    dp_answer_t answer;
    bool        answered;

    call.operation = "test";
    call.method = call.method == NULL ? "GET" : call.method;
    call.url = call.url == NULL ? url("/x") : call.url;
    call.arena = arena;
    call.until_us = call.until_us == 0 ? dp_monotonic_us() + 20000000
                                       : call.until_us;
    answered = dp_outbound_call(&call, &answer);
    ck_assert_int_eq(answered, answer.error == DP_OK);

    return answer;
}

#define IDEMPOTENT ((dp_call_t) {.provider = DP_PROVIDER_github, .idempotent = true})
#define ONCE ((dp_call_t) {.provider = DP_PROVIDER_github, .method = "POST"})

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n" \
                  "X-GitHub-Request-Id: ABCD:1234\r\n\r\nhi"
#define STATUS(line) "HTTP/1.1 " line "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

/* --- tests ------------------------------------------------------------------ */

START_TEST(a_call_is_answered)
{
    dp_answer_t answer;

    start(OK_ANSWER);
    answer = call_with(IDEMPOTENT);
    ck_assert_int_eq(answer.error, DP_OK);
    ck_assert_int_eq(answer.class, DP_CALL_ANSWERED);
    ck_assert_uint_eq(answer.status, 200);
    ck_assert_uint_eq(answer.calls, 1);
    unit_assert_text(answer.body, "hi");
    ck_assert_str_eq(answer.correlation, "ABCD:1234");
    ck_assert_uint_eq(breakers.asked, 1);
    ck_assert_uint_eq(breakers.failed[0], 0);
    finish();
}
END_TEST

START_TEST(INT_21_headers_of_the_trace)
{
    uint8_t   trace_id[16] = {0xab};
    uint8_t   request_id[16] = {0xcd};
    dp_call_t call = IDEMPOTENT;

    start(OK_ANSWER);
    call.trace_id = trace_id;
    call.trace_flags = 1;
    call.tracestate = "vendor=1";
    call.request_id = request_id;
    call.headers = (const dp_call_header_t[]) {{"Authorization", "Bearer x"},
                                               {NULL, NULL}};
    call_with(call);
    ck_assert_ptr_nonnull(strstr(server.asked, "traceparent: 00-ab0000000000"
                                               "00000000000000000000-"));
    ck_assert_ptr_nonnull(strstr(server.asked, "-01\r\n"));
    ck_assert_ptr_nonnull(strstr(server.asked, "tracestate: vendor=1\r\n"));
    ck_assert_ptr_nonnull(strstr(server.asked, "X-Request-Id: cd000000-0000-"));
    ck_assert_ptr_nonnull(strstr(server.asked, "Authorization: Bearer x\r\n"));
    ck_assert_ptr_nonnull(strstr(server.asked, "User-Agent: DevPilot/"));
    finish();
}
END_TEST

START_TEST(INT_11_a_call_is_made_again_five_times)
{
    dp_answer_t answer;

    start(STATUS("503 Unavailable"));
    answer = call_with(IDEMPOTENT);
    ck_assert_int_eq(answer.error, DP_ERR_INTEGRATION_GITHUB_UNAVAILABLE);
    ck_assert_int_eq(answer.class, DP_CALL_FAILED);
    ck_assert_uint_eq(answer.calls, 1 + DP_BACKOFF_RETRIES);
    ck_assert_uint_eq(server.connections, 1 + DP_BACKOFF_RETRIES);
    ck_assert_uint_eq(breakers.failed[0], 1 + DP_BACKOFF_RETRIES);
    finish();
}
END_TEST

START_TEST(INT_11_until_it_is_answered)
{
    dp_answer_t answer;

    start(STATUS("502 Bad Gateway"));
    server.answers[2] = OK_ANSWER;
    answer = call_with(IDEMPOTENT);
    ck_assert_int_eq(answer.error, DP_OK);
    ck_assert_uint_eq(answer.calls, 3);
    finish();
}
END_TEST

START_TEST(INT_11_what_is_not_idempotent_is_made_once)
{
    dp_answer_t answer;

    start(STATUS("503 Unavailable"));
    answer = call_with(ONCE);
    ck_assert_int_eq(answer.class, DP_CALL_UNKNOWN);
    ck_assert_uint_eq(server.connections, 1);
    ck_assert_uint_eq(breakers.failed[0], 1);
    finish();
}
END_TEST

START_TEST(a_call_ends_at_its_deadline)
{
    uint64_t    begun = dp_monotonic_us();
    dp_call_t   call = IDEMPOTENT;
    dp_answer_t answer;

    start("");
    call.until_us = begun + 400000;
    answer = call_with(call);
    ck_assert_int_eq(answer.error, DP_ERR_INTEGRATION_GITHUB_UNAVAILABLE);
    ck_assert_uint_eq(breakers.failed[0], 1);
    ck_assert_uint_lt(dp_monotonic_us() - begun, 3000000);
    finish();
}
END_TEST

START_TEST(C35_client_errors_never_count)
{
    static const struct {
        const char     *answer;
        dp_call_class_t class;
        dp_error_t      error;
        unsigned        integration; /* failures */
    } rows[] = {
        {STATUS("404 Not Found"), DP_CALL_DECLINED, DP_OK, 0},
        {STATUS("409 Conflict"), DP_CALL_DECLINED, DP_OK, 0},
        {STATUS("422 Unprocessable"), DP_CALL_DECLINED, DP_OK, 0},
        {STATUS("401 Unauthorized"), DP_CALL_UNAUTHORIZED, DP_OK, 1},
        {STATUS("403 Forbidden"), DP_CALL_UNAUTHORIZED, DP_OK, 1},
        {STATUS("429 Too Many"), DP_CALL_THROTTLED,
         DP_ERR_INTEGRATION_GITHUB_UNAVAILABLE, 1},
    };
    uint8_t id[16] = {1};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        dp_call_t   call = IDEMPOTENT;
        dp_answer_t answer;

        start(rows[i].answer);
        call.integration_id = call.org_id = id;
        answer = call_with(call);
        ck_assert_int_eq(answer.class, rows[i].class);
        ck_assert_int_eq(answer.error, rows[i].error);
        ck_assert_uint_eq(breakers.failed[0], 0);
        ck_assert_uint_eq(breakers.failed[1], rows[i].integration);
        ck_assert_uint_eq(answer.calls, 1);
        finish();
    }
}
END_TEST

START_TEST(INT_15_an_open_breaker_is_told_with_its_time)
{
    dp_answer_t answer;

    start(OK_ANSWER);
    breakers.verdict = DP_ERR_INTEGRATION_GITHUB_UNAVAILABLE;
    breakers.wait_us = 29900001;
    answer = call_with(IDEMPOTENT);
    ck_assert_int_eq(answer.error, DP_ERR_INTEGRATION_GITHUB_UNAVAILABLE);
    ck_assert_uint_eq(answer.retry_after_s, 30);
    ck_assert_int_eq(answer.class, DP_CALL_NOT_MADE);
    ck_assert_uint_eq(server.connections, 0);
    ck_assert_uint_eq(breakers.reported, 0);
    finish();
}
END_TEST

START_TEST(INT_22_a_switch_of_an_nginx_stops_calls)
{
    dp_wire_report_t report = {.instance = DP_SLICE("edge"), .pid = 7};
    atomic_bool      no = false;
    dp_job_kind_t    kind = {.name = "test"};
    dp_job_t         job = {.kind = &kind, .lost = &no, .stopping = &no};
    dp_answer_t      answer;

    start(OK_ANSWER);
    job.peers = peers;
    report.directive = DP_KILL_EXTERNAL_INTEGRATIONS;
    dp_peers_report(peers, DP_SLICE("route"), &report, dp_monotonic_us());
    answer = call_with(IDEMPOTENT);
    ck_assert_int_eq(answer.error, DP_ERR_OPS_KILL_SWITCH_EXTERNAL_INTEGRATIONS);
    ck_assert_int_eq(answer.class, DP_CALL_NOT_MADE);
    ck_assert_uint_eq(server.connections, 0);
    ck_assert_int_eq(dp_outbound_job_outcome(&job, &answer), DP_JOB_RELEASED);

    answer.error = DP_ERR_INTEGRATION_GITHUB_UNAVAILABLE;
    ck_assert_int_eq(dp_outbound_job_outcome(&job, &answer), DP_JOB_FAILED);
    ck_assert_int_eq(job.error, DP_ERR_INTEGRATION_GITHUB_UNAVAILABLE);
    finish();
}
END_TEST

START_TEST(INT_19_redirects_are_not_followed)
{
    dp_answer_t answer;

    start("HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n"
          "Connection: close\r\n\r\n");
    answer = call_with(IDEMPOTENT);
    ck_assert_uint_eq(answer.status, 302);
    ck_assert_uint_eq(server.connections, 1);
    finish();
}
END_TEST

START_TEST(INT_19_other_hosts_are_not_called)
{
    dp_call_t   call = IDEMPOTENT;
    dp_answer_t answer;

    start(OK_ANSWER);
    call.url = "https://169.254.169.254/latest/meta-data";
    answer = call_with(call);
    ck_assert_int_eq(answer.class, DP_CALL_REFUSED);
    ck_assert_uint_eq(breakers.asked, 0);

    /* a listed name that leads to this host */
    call.url = "https://localhost/";
    call.hosts = (const char *const[]) {"localhost", NULL};
    answer = call_with(call);
    ck_assert_int_eq(answer.class, DP_CALL_REFUSED);
    ck_assert_uint_eq(breakers.asked, 1);
    ck_assert_uint_eq(breakers.failed[0], 0);
    ck_assert_uint_eq(answer.calls, 1);
    finish();
}
END_TEST

START_TEST(INT_19_a_line_end_makes_no_header)
{
    dp_call_t   call = IDEMPOTENT;
    dp_answer_t answer;

    start(OK_ANSWER);
    call.headers = (const dp_call_header_t[]) {{"X-A", "b\r\nX-C: d"},
                                               {NULL, NULL}};
    answer = call_with(call);
    ck_assert_int_eq(answer.class, DP_CALL_REFUSED);
    ck_assert_uint_eq(server.connections, 0);
    finish();
}
END_TEST

START_TEST(an_answer_has_a_largest_size)
{
    static char large[8192];
    dp_answer_t answer;

    snprintf(large, sizeof(large), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%04097d", 7);
    start(large);
    answer = call_with(IDEMPOTENT);
    ck_assert_int_eq(answer.class, DP_CALL_REFUSED);
    ck_assert_uint_eq(answer.calls, 1);
    ck_assert_uint_eq(breakers.failed[0], 0);
    finish();

    snprintf(large, sizeof(large), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%04096d", 7);
    start(large);
    answer = call_with(IDEMPOTENT);
    ck_assert_int_eq(answer.error, DP_OK);
    ck_assert_uint_eq(answer.body.len, 4096);
    finish();
}
END_TEST

static void *
drain_soon(void *data)
{
    (void) data;

    while (server.connections == 0) {
        usleep(1000);
    }

    dp_outbound_drain();

    return NULL;
}

START_TEST(a_worker_that_stops_waits_for_nobody)
{
    uint64_t    begun = dp_monotonic_us();
    pthread_t   thread;
    dp_answer_t answer;

    start("");
    ck_assert_int_eq(pthread_create(&thread, NULL, drain_soon, NULL), 0);
    answer = call_with(IDEMPOTENT);
    pthread_join(thread, NULL);
    ck_assert_int_eq(answer.class, DP_CALL_NOT_MADE);
    ck_assert_int_eq(answer.error, DP_ERR_WORKER_RESTARTED);
    ck_assert_uint_lt(dp_monotonic_us() - begun, 3000000);
    answer = call_with(IDEMPOTENT);
    ck_assert_int_eq(answer.error, DP_ERR_WORKER_RESTARTED);
    finish();
}
END_TEST

static dp_answer_t
mail_send(const char *conversation)
{
    dp_answer_t answer;

    start(conversation);
    dp_outbound_mail(
        &(dp_mail_t) {
            .url = (const char *) dp_arena_printf(
                       arena, "smtp://127.0.0.1:%u", server.port).data,
            .from = "devpilot@example.com",
            .to = "alice@example.com",
            .message = DP_SLICE("Subject: hello\r\n\r\nbody\r\n"),
            .until_us = dp_monotonic_us() + 5000000,
            .arena = arena,
        },
        &answer);
    finish();

    return answer;
}

START_TEST(a_mail_is_handed_over)
{
    dp_answer_t answer = mail_send("220 hello\r\n250 me\r\n250 from\r\n"
                                   "250 to\r\n354 go\r\n250 taken\r\n");

    ck_assert_int_eq(answer.error, DP_OK);
    ck_assert_ptr_nonnull(strstr(server.asked, "MAIL FROM:<devpilot@example.com>"));
    ck_assert_ptr_nonnull(strstr(server.asked, "RCPT TO:<alice@example.com>"));
    ck_assert_ptr_nonnull(strstr(server.asked, "Subject: hello\r\n\r\nbody\r\n.\r\n"));
    ck_assert_uint_eq(breakers.failed[0], 0);
}
END_TEST

START_TEST(a_mail_that_is_not_wanted)
{
    dp_answer_t answer = mail_send("220 hello\r\n250 me\r\n250 from\r\n"
                                   "550 unknown\r\n");

    ck_assert_int_eq(answer.error, DP_ERR_INTEGRATION_MAIL_UNAVAILABLE);
    ck_assert_int_eq(answer.class, DP_CALL_DECLINED);
    ck_assert_uint_eq(breakers.failed[0], 0);

    answer = mail_send("220 hello\r\n250 me\r\n250 from\r\n450 later\r\n");
    ck_assert_int_eq(answer.class, DP_CALL_THROTTLED);
    ck_assert_uint_eq(breakers.failed[0], 0);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker outbound", a_call_is_answered,
                    INT_21_headers_of_the_trace,
                    INT_11_a_call_is_made_again_five_times,
                    INT_11_until_it_is_answered,
                    INT_11_what_is_not_idempotent_is_made_once,
                    a_call_ends_at_its_deadline, C35_client_errors_never_count,
                    INT_15_an_open_breaker_is_told_with_its_time,
                    INT_22_a_switch_of_an_nginx_stops_calls,
                    INT_19_redirects_are_not_followed,
                    INT_19_other_hosts_are_not_called,
                    INT_19_a_line_end_makes_no_header,
                    an_answer_has_a_largest_size,
                    a_worker_that_stops_waits_for_nobody, a_mail_is_handed_over,
                    a_mail_that_is_not_wanted);
}
