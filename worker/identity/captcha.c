/*
 * Asking a CAPTCHA's maker, by the form that reCAPTCHA, hCaptcha and Turnstile
 * have in common: secret and response in, {"success": true} out.
 *
 * When the maker cannot be asked nobody signs up: uncertain means no.
 */

#include "captcha.h"

#include <errno.h>
#include <stdio.h>

#include "dp_json_check.h"
#include "outbound/outbound.h"
#include "runtime/deadline.h"

#define SECRET_SIZE 256
#define HOST_SIZE 256
#define TOKENS 128

static struct {
    const char *url; /* "": there is none */
    char        secret[SECRET_SIZE];
    char        host[HOST_SIZE];
} captcha = {.url = ""};

/* What is between "https://" and the path. */
static bool
host_read(void)
{
    const char *start = strstr(captcha.url, "://");
    size_t      len;

    if (start == NULL) {
        return false;
    }

    start += 3;
    len = strcspn(start, ":/?#");

    if (len == 0 || len >= sizeof(captcha.host)) {
        return false;
    }

    memcpy(captcha.host, start, len);

    return true;
}

/* The file's first line. */
static bool
secret_read(const char *path)
{
    FILE *file = fopen(path, "re");
    bool  there = file != NULL
                 && fgets(captcha.secret, sizeof(captcha.secret), file) != NULL;

    if (file != NULL) {
        fclose(file);
    }

    captcha.secret[strcspn(captcha.secret, "\r\n")] = '\0';

    return there && captcha.secret[0] != '\0';
}

const char *
dp_captcha_open(const dp_settings_t *settings)
{
    captcha.url = settings->captcha_url;

    if (captcha.url[0] == '\0') {
        return NULL;
    }

    if (!host_read()) {
        return "setting captcha_url names no host";
    }

    return secret_read(settings->captcha_secret_file)
               ? NULL
               : "setting captcha_secret_file names no file with a secret";
}

static bool
is_plain(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_'
           || byte == '.';
}

static void
form_write(dp_writer_t *form, const char *name, dp_slice_t value)
{
    static const char digits[] = "0123456789ABCDEF";

    dp_write_text(form, name);

    for (size_t i = 0; i < value.len; i++) {
        uint8_t    byte = value.data[i];
        const char escaped[] = {'%', digits[byte >> 4], digits[byte & 15]};

        dp_write_bytes(form, is_plain(byte) ? dp_slice(&byte, 1)
                                            : dp_slice(escaped, sizeof(escaped)));
    }
}

static dp_slice_t
form_make(dp_op_t *op, dp_slice_t token)
{
    dp_slice_t  secret = dp_slice_text(captcha.secret);
    size_t      size = 3 * (secret.len + token.len) + 32;
    dp_writer_t form = dp_writer(dp_arena_alloc(op->arena, size), size);

    form_write(&form, "secret=", secret);
    form_write(&form, "&response=", token);

    return dp_written(&form);
}

static bool
ask(dp_op_t *op, dp_slice_t token, dp_answer_t *answer)
{
    const char *const hosts[] = {captcha.host, NULL};

    return dp_outbound_call(
        &(dp_call_t) {
            .provider = DP_PROVIDER_captcha,
            .operation = "verify",
            .method = "POST",
            .url = captcha.url,
            .hosts = hosts,
            .body = form_make(op, token),
            .content_type = "application/x-www-form-urlencoded",
            .request_id = op->request->request_id,
            .trace_id = op->request->trace_id,
            .trace_flags = (uint8_t) op->request->trace_flags,
            .until_us = dp_monotonic_us() + dp_op_time_left_us(op),
            .db = op->db,
            .arena = op->arena,
        },
        answer);
}

static bool
is_success(dp_slice_t body)
{
    dp_json_token_t tokens[TOKENS];
    dp_json_t       json = {.tokens = tokens, .capacity = TOKENS};
    uint32_t        success;

    if (dp_json_check(&json, body) != DP_JSON_OK
        || tokens[0].type != DP_JSON_OBJECT) {
        return false;
    }

    success = dp_json_member(&json, 0, DP_SLICE("success"));

    return success != 0 && tokens[success].type == DP_JSON_TRUE;
}

bool
dp_captcha_check(dp_op_t *op, dp_slice_t token)
{
    dp_answer_t answer;

    if (captcha.url[0] == '\0') {
        return true;
    }

    if (token.len == 0) {
        return dp_op_fail(op, DP_ERR_AUTH_CAPTCHA_INVALID);
    }

    if (!ask(op, token, &answer)) {
        op->reply.retry_after_s = answer.retry_after_s;
        return dp_op_fail(op, answer.error);
    }

    return answer.class == DP_CALL_ANSWERED && is_success(answer.body)
               ? true
               : dp_op_fail(op, DP_ERR_AUTH_CAPTCHA_INVALID);
}
