/*
 * The error table and the envelope: complete, consistent, always valid JSON.
 */

#include "dp_error.h"
#include "dp_json_check.h"
#include "dp_kill_switch.h"
#include "unit.h"

#include <ctype.h>
#include <stdlib.h>

#define TOKENS 64

typedef struct {
    char            text[4096];
    dp_json_token_t tokens[TOKENS];
    dp_json_t       json;
    uint32_t        error; /* the token of the envelope's inner object */
} rendered_t;

static void
render(rendered_t *rendered, const dp_error_envelope_t *envelope)
{
    dp_writer_t writer = dp_writer(rendered->text, sizeof(rendered->text));

    dp_error_render(&writer, envelope);
    ck_assert(!writer.failed);
    rendered->json = (dp_json_t) {
        .tokens = rendered->tokens,
        .capacity = TOKENS,
    };
    ck_assert_int_eq(dp_json_check(&rendered->json, dp_written(&writer)),
                     DP_JSON_OK);
    rendered->error = dp_json_member(&rendered->json, 0, DP_SLICE("error"));
    ck_assert_uint_ne(rendered->error, 0);
}

/* The raw text of a member, or an empty slice. */
static dp_slice_t
member(const rendered_t *rendered, const char *name)
{
    uint32_t token = dp_json_member(&rendered->json, rendered->error,
                                    dp_slice_text(name));

    return token == 0 ? dp_slice(NULL, 0)
                      : dp_json_raw(&rendered->json, token);
}

static bool
one_of(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(word, *words) != 0) {
        words++;
    }

    return *words != NULL;
}

static dp_error_envelope_t
envelope_full(void)
{
    dp_error_envelope_t envelope = {
        .code = DP_ERR_QUOTA_EXCEEDED,
        .timestamp_us = 1763633700123456ull,
        .message = DP_SLICE("No \"more\"\n"),
        .hint = DP_SLICE("Wait."),
        .context = DP_SLICE("{\"projectId\":\"p\"}"),
        .details = DP_SLICE("{\"limit\":3}"),
        .causes = DP_SLICE("STATE_CONFLICT,DATABASE_GUARD"),
    };

    memcpy(envelope.request_id, "0123456789abcdef", DP_ID_SIZE);
    memcpy(envelope.trace_id, "fedcba9876543210", 16);

    return envelope;
}

START_TEST(ERR_01_the_envelope_to_the_letter)
{
    dp_error_envelope_t envelope = envelope_full();
    rendered_t          rendered;

    render(&rendered, &envelope);
    unit_assert_text(
        rendered.json.text,
        "{\"error\":{\"code\":\"QUOTA_EXCEEDED\",\"message\":\"No \\\"more\\\"\\n\","
        "\"severity\":\"warn\",\"retryPolicy\":\"none\","
        "\"requestId\":\"30313233-3435-3637-3839-616263646566\","
        "\"traceId\":\"66656463626139383736353433323130\","
        "\"timestamp\":\"2025-11-20T10:15:00.123456Z\","
        "\"context\":{\"projectId\":\"p\"},\"hint\":\"Wait.\","
        "\"causeChain\":[\"STATE_CONFLICT\",\"DATABASE_GUARD\"],"
        "\"details\":{\"limit\":3}}}");
}
END_TEST

START_TEST(ERR_01_problem_details_to_the_letter)
{
    dp_error_envelope_t envelope = {
        .code = DP_ERR_QUOTA_EXCEEDED,
        .timestamp_us = 1763633700123456ull,
        .message = DP_SLICE("Three are in use."),
        .details = DP_SLICE("{\"limit\":3}"),
    };
    char        text[2 * DP_ERROR_ENVELOPE_SIZE] = "";
    dp_writer_t writer = dp_writer(text, sizeof(text));

    memcpy(envelope.request_id, "0123456789abcdef", DP_ID_SIZE);
    dp_error_render_problem(&writer, &envelope);
    unit_assert_text(
        dp_written(&writer),
        "{\"type\":\"/errors#QUOTA_EXCEEDED\","
        "\"title\":\"The subscription's quota is used up.\",\"status\":402,"
        "\"detail\":\"Three are in use.\","
        "\"instance\":\"urn:uuid:30313233-3435-3637-3839-616263646566\","
        "\"error\":{\"code\":\"QUOTA_EXCEEDED\","
        "\"message\":\"Three are in use.\","
        "\"severity\":\"warn\",\"retryPolicy\":\"none\","
        "\"requestId\":\"30313233-3435-3637-3839-616263646566\","
        "\"traceId\":\"00000000000000000000000000000000\","
        "\"timestamp\":\"2025-11-20T10:15:00.123456Z\",\"context\":{},"
        "\"hint\":\"Free some of it, or change to a larger plan.\","
        "\"causeChain\":[],\"details\":{\"limit\":3}}}");
}
END_TEST

START_TEST(ERR_01_a_problem_without_a_message_of_its_own_says_what_to_do)
{
    static const struct {
        dp_error_t  code;
        const char *detail;
    } rows[] = {
        {DP_ERR_AUTH_KEY_INVALID, "\"detail\":\"Check the key, or ask"},
        {DP_ERR_ABUSE_BLOCKED, "\"detail\":\"Requests from here are"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_error_envelope_t envelope = {.code = rows[i].code};
        char                text[DP_ERROR_ENVELOPE_SIZE + 1] = "";
        dp_writer_t         writer = dp_writer(text, DP_ERROR_ENVELOPE_SIZE);

        dp_error_render_problem(&writer, &envelope);
        ck_assert_msg(strstr(text, rows[i].detail) != NULL, "%s", text);
    }
}
END_TEST

START_TEST(ERR_02_codes_are_hierarchical_and_classified)
{
    static const char *const severities[] = {"info", "warn", "error",
                                             "critical", NULL};
    static const char *const policies[] = {"none", "safe", "idempotent", NULL};

    for (unsigned code = 1; code < DP_ERROR_COUNT; code++) {
        const dp_error_row_t *row = dp_error_row((dp_error_t) code);

        ck_assert_msg(row->status >= 400 && row->status < 600, "%s", row->code);
        ck_assert_msg(one_of(row->severity, severities), "%s", row->code);
        ck_assert_msg(one_of(row->retry_policy, policies), "%s", row->code);
        ck_assert_msg(row->message[0] != '\0', "%s", row->code);
        ck_assert_msg(row->severity[0] != 'c' || row->status >= 500, "%s",
                      row->code);

        for (const char *pos = row->code; *pos != '\0'; pos++) {
            ck_assert_msg(isupper((unsigned char) *pos) || *pos == '_', "%s",
                          row->code);
        }
    }
}
END_TEST

/* They are JSON as they stand in the table. */
START_TEST(ERR_01_texts_of_rows_need_no_escape)
{
    for (unsigned code = 1; code < DP_ERROR_COUNT; code++) {
        const dp_error_row_t *row = dp_error_row((dp_error_t) code);
        dp_error_envelope_t   envelope = {.code = (dp_error_t) code};
        rendered_t            rendered;

        render(&rendered, &envelope);
        unit_assert_text(member(&rendered, "message"), row->message);

        if (row->hint[0] != '\0') {
            unit_assert_text(member(&rendered, "hint"), row->hint);
        }
    }
}
END_TEST

START_TEST(ERR_01_every_row_fits_into_the_promised_room)
{
    char        buffer[DP_ERROR_COUNT * 64];
    dp_writer_t causes = dp_writer(buffer, sizeof(buffer));

    for (unsigned code = DP_ERROR_COUNT - 1; code > DP_OK; code--) {
        dp_write_text(&causes, dp_error_row((dp_error_t) code)->code);
        dp_write_text(&causes, ",");
    }

    ck_assert(!causes.failed);

    for (unsigned code = 1; code < DP_ERROR_COUNT; code++) {
        char                text[DP_ERROR_ENVELOPE_SIZE];
        dp_writer_t         writer = dp_writer(text, sizeof(text));
        dp_error_envelope_t envelope = {
            .code = (dp_error_t) code,
            .causes = dp_written(&causes),
        };

        dp_error_render_problem(&writer, &envelope);
        ck_assert_msg(!writer.failed, "%s", dp_error_row(envelope.code)->code);
    }
}
END_TEST

START_TEST(ERR_01_a_small_buffer_fails_the_writer)
{
    dp_error_envelope_t envelope = envelope_full();
    char                text[DP_ERROR_ENVELOPE_SIZE];
    dp_writer_t         whole = dp_writer(text, sizeof(text));
    size_t              len;

    dp_error_render(&whole, &envelope);
    len = dp_written(&whole).len;

    for (size_t capacity = 0; capacity < len; capacity++) {
        dp_writer_t writer = dp_writer(text, capacity);

        dp_error_render(&writer, &envelope);
        ck_assert(writer.failed);
    }
}
END_TEST

START_TEST(ERR_04_what_is_empty_is_left_out_but_context_and_cause_chain)
{
    dp_error_envelope_t envelope = {.code = DP_ERR_RESOURCE_NOT_FOUND};
    rendered_t          rendered;

    render(&rendered, &envelope);
    unit_assert_text(member(&rendered, "context"), "{}");
    unit_assert_text(member(&rendered, "causeChain"), "[]");
    ck_assert_uint_eq(member(&rendered, "details").len, 0);
    ck_assert_uint_eq(member(&rendered, "hint").len, 0);

    envelope.code = DP_ERR_AUTH_REQUIRED;
    render(&rendered, &envelope);
    ck_assert_uint_ne(member(&rendered, "hint").len, 0);
}
END_TEST

START_TEST(ERR_05_the_id_of_the_client_is_in_the_context)
{
    dp_error_envelope_t envelope = {
        .code = DP_ERR_INTERNAL,
        .client_request_id = DP_SLICE("job-7"),
    };
    rendered_t rendered;

    render(&rendered, &envelope);
    unit_assert_text(member(&rendered, "context"),
                     "{\"clientRequestId\":\"job-7\"}");

    envelope.context = DP_SLICE("{\"projectId\":\"p\"}");
    render(&rendered, &envelope);
    unit_assert_text(member(&rendered, "context"),
                     "{\"clientRequestId\":\"job-7\",\"projectId\":\"p\"}");
}
END_TEST

START_TEST(ERR_04_causes_that_are_unknown_or_said_already_are_left_out)
{
    static const struct {
        const char *causes;
        const char *chain;
    } rows[] = {
        {"WORKER_TIMEOUT,DATABASE_DEADLOCK",
         "[\"WORKER_TIMEOUT\",\"DATABASE_DEADLOCK\"]"},
        {"INTERNAL,INTERNAL", "[\"INTERNAL\"]"},
        {"DATABASE_GUARD,WORKER_BUSY,DATABASE_GUARD",
         "[\"DATABASE_GUARD\",\"WORKER_BUSY\"]"},
        {"no such,relation \"x\" is gone,WORKER_BUSY", "[\"WORKER_BUSY\"]"},
        {",,WORKER_BUSY,", "[\"WORKER_BUSY\"]"},
        {"WORKER_BUS,WORKER_BUSYY", "[]"},
        {",", "[]"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_error_envelope_t envelope = {
            .code = DP_ERR_INTERNAL,
            .causes = dp_slice_text(rows[i].causes),
        };
        rendered_t rendered;

        render(&rendered, &envelope);
        unit_assert_text(member(&rendered, "causeChain"), rows[i].chain);
    }
}
END_TEST

START_TEST(ERR_04_a_cause_chain_has_an_end)
{
    dp_error_envelope_t envelope = {
        .code = DP_ERR_INTERNAL,
        .causes = DP_SLICE("RATE_LIMIT_IP,RATE_LIMIT_USER,RATE_LIMIT_PROJECT,"
                           "RATE_LIMIT_GLOBAL,WORKER_LOST,WORKER_BUSY,"
                           "WORKER_TIMEOUT,INTERNAL,WORKER_RESTARTED"),
    };
    rendered_t rendered;

    render(&rendered, &envelope);
    unit_assert_text(member(&rendered, "causeChain"),
                     "[\"RATE_LIMIT_IP\",\"RATE_LIMIT_USER\","
                     "\"RATE_LIMIT_PROJECT\",\"RATE_LIMIT_GLOBAL\","
                     "\"WORKER_LOST\",\"WORKER_BUSY\",\"WORKER_TIMEOUT\","
                     "\"INTERNAL\"]");
}
END_TEST

START_TEST(ERR_04_no_cause_has_the_name_of_a_code)
{
    ck_assert_uint_eq(dp_cause_name(DP_CAUSE_NONE).len, 0);

    for (unsigned cause = 1; cause < DP_CAUSE_COUNT; cause++) {
        dp_slice_t name = dp_cause_name((dp_cause_t) cause);

        ck_assert_uint_ne(name.len, 0);
        ck_assert_uint_eq(dp_error_find(name), DP_ERR_INTERNAL);
    }
}
END_TEST

START_TEST(ERR_02_who_may_repeat_is_told_when)
{
    for (unsigned code = 1; code < DP_ERROR_COUNT; code++) {
        const dp_error_row_t *row = dp_error_row((dp_error_t) code);
        bool late = row->status == 429 || row->status == 503;

        ck_assert_msg(!late || row->retry_after_s != 0, "%s", row->code);
        /* C46: of an open breaker for people and proxies, not for programs */
        ck_assert_msg(row->retry_after_s == 0 || row->retry_policy[0] != 'n'
                          || strncmp(row->code, "INTEGRATION_", 12) == 0,
                      "%s", row->code);
        ck_assert_msg(strstr(row->hint, "Retry-After") == NULL
                          || row->retry_after_s != 0,
                      "%s", row->code);
    }
}
END_TEST

START_TEST(ERR_05_request_id_and_trace_id_are_both_there)
{
    dp_error_envelope_t envelope = envelope_full();
    rendered_t          rendered;

    render(&rendered, &envelope);
    ck_assert_uint_eq(member(&rendered, "requestId").len, 36);
    ck_assert_uint_eq(member(&rendered, "traceId").len, 32);
}
END_TEST

START_TEST(a_code_is_found_by_its_name)
{
    for (unsigned code = 1; code < DP_ERROR_COUNT; code++) {
        const char *name = dp_error_row((dp_error_t) code)->code;

        ck_assert_uint_eq(dp_error_find(dp_slice_text(name)), code);
    }

    ck_assert_uint_eq(dp_error_find(DP_SLICE("NO_SUCH_CODE")), DP_ERR_INTERNAL);
    ck_assert_uint_eq(dp_error_find(DP_SLICE("INTERNA")), DP_ERR_INTERNAL);
    ck_assert_uint_eq(dp_error_find(DP_SLICE("")), DP_ERR_INTERNAL);
}
END_TEST

START_TEST(a_value_that_is_no_code_has_the_row_of_INTERNAL)
{
    ck_assert_str_eq(dp_error_row(DP_OK)->code, "INTERNAL");
    ck_assert_str_eq(dp_error_row(DP_ERROR_COUNT)->code, "INTERNAL");
    ck_assert_str_eq(dp_error_row((dp_error_t) 60000)->code, "INTERNAL");
}
END_TEST

START_TEST(ERR_01_each_status_of_nginx_has_a_code)
{
    static const struct {
        unsigned   status;
        dp_error_t code;
    } rows[] = {
        {400, DP_ERR_REQUEST_MALFORMED},
        {404, DP_ERR_ROUTE_NOT_FOUND},
        {405, DP_ERR_METHOD_NOT_ALLOWED},
        {408, DP_ERR_REQUEST_TIMEOUT},
        {413, DP_ERR_REQUEST_TOO_LARGE},
        {414, DP_ERR_REQUEST_URI_TOO_LONG},
        {416, DP_ERR_REQUEST_MALFORMED},
        {431, DP_ERR_REQUEST_HEADERS_TOO_LARGE},
        {494, DP_ERR_REQUEST_HEADERS_TOO_LARGE},
        {495, DP_ERR_REQUEST_MALFORMED},
        {500, DP_ERR_INTERNAL},
        {501, DP_ERR_REQUEST_MALFORMED},
        {502, DP_ERR_UPSTREAM_FAILED},
        {429, DP_ERR_RATE_LIMIT_CONFIGURED},
        {503, DP_ERR_SERVICE_UNAVAILABLE},
        {504, DP_ERR_UPSTREAM_TIMEOUT},
        {505, DP_ERR_REQUEST_MALFORMED},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_uint_eq(dp_error_for_status(rows[i].status), rows[i].code);
    }
}
END_TEST

START_TEST(KS_01_each_kill_switch_has_a_code_of_its_name)
{
    for (unsigned bit = 0; bit < DP_KILL_SWITCH_COUNT; bit++) {
        const char *name = dp_kill_switch_name(1u << bit);
        const char *code = dp_error_row(dp_error_for_switch(1u << bit))->code;

        ck_assert_ptr_nonnull(name);
        ck_assert_uint_eq(dp_kill_switch_bit(dp_slice_text(name)), 1u << bit);
        ck_assert(strncmp(code, "OPS_KILL_SWITCH_", 16) == 0);
        ck_assert_str_eq(code + 16, name);
    }

    ck_assert_uint_eq(dp_error_for_switch(0), DP_ERR_INTERNAL);
    ck_assert_uint_eq(dp_kill_switch_bit(DP_SLICE("global_write")), 0);
    ck_assert_ptr_null(dp_kill_switch_name(0));
    ck_assert_ptr_null(dp_kill_switch_name(1u << DP_KILL_SWITCH_COUNT));
    ck_assert_str_eq(dp_kill_switch_name(DP_KILL_AI | DP_KILL_BILLING),
                     "BILLING");
}
END_TEST

int
main(void)
{
    return UNIT_RUN(
        "error", ERR_01_the_envelope_to_the_letter,
        ERR_01_problem_details_to_the_letter,
        ERR_01_a_problem_without_a_message_of_its_own_says_what_to_do,
        ERR_02_codes_are_hierarchical_and_classified,
        ERR_01_texts_of_rows_need_no_escape,
        ERR_01_every_row_fits_into_the_promised_room,
        ERR_01_a_small_buffer_fails_the_writer,
        ERR_04_what_is_empty_is_left_out_but_context_and_cause_chain,
        ERR_05_the_id_of_the_client_is_in_the_context,
        ERR_04_causes_that_are_unknown_or_said_already_are_left_out,
        ERR_04_a_cause_chain_has_an_end, ERR_04_no_cause_has_the_name_of_a_code,
        ERR_02_who_may_repeat_is_told_when,
        ERR_05_request_id_and_trace_id_are_both_there,
        a_code_is_found_by_its_name,
        a_value_that_is_no_code_has_the_row_of_INTERNAL,
        ERR_01_each_status_of_nginx_has_a_code,
        KS_01_each_kill_switch_has_a_code_of_its_name);
}
