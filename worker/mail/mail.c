/*
 * Queueing a mail, and the settings that all mails share.
 */

#include "mail_private.h"

#include "jobs/enqueue.h"
#include "json/render.h"
#include "runtime/deadline.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PASSWORD_MAX 512

static dp_mail_config_t config;

const dp_mail_config_t *
dp_mail_config(void)
{
    return &config;
}

/* The file's first line; false when there is none. */
static bool
password_read(const char *path, char *password, size_t capacity)
{
    int     file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = file < 0 ? -1 : read(file, password, capacity - 1);

    if (file >= 0) {
        close(file);
    }

    password[len < 0 ? 0 : len] = '\0';
    password[strcspn(password, "\r\n")] = '\0';

    return password[0] != '\0';
}

const char *
dp_mail_open(const dp_settings_t *settings)
{
    static char password[PASSWORD_MAX];

    config = (dp_mail_config_t) {
        .url = settings->mail_url,
        .from = settings->mail_from,
        .user = settings->mail_user[0] == '\0' ? NULL : settings->mail_user,
        .password = password,
        .public_url = settings->public_url,
    };

    if (!dp_address_is_plain(dp_slice_text(config.from))) {
        return "setting mail_from is no address";
    }

    if (config.user != NULL
        && !password_read(settings->mail_password_file, password,
                          sizeof(password))) {
        return "setting mail_user is there, but mail_password_file has no password";
    }

    return NULL;
}

/* --- queueing --------------------------------------------------------------- */

static size_t
payload_size(dp_slice_t to, dp_mail_values_t values)
{
    size_t size = 128 + 6 * to.len;

    for (size_t i = 0; i < values.count; i++) {
        size += 8 + 6 * (values.items[i].name.len + values.items[i].value.len);
    }

    return size;
}

static void
values_write(dp_writer_t *out, dp_mail_values_t values)
{
    const char *before = "{";

    for (size_t i = 0; i < values.count; i++) {
        dp_write_text(out, before);
        dp_json_string(out, values.items[i].name);
        dp_write_text(out, ":");
        dp_json_string(out, values.items[i].value);
        before = ",";
    }

    dp_write_text(out, values.count == 0 ? "{}" : "}");
}

void
dp_mail_queue(dp_op_t *op, dp_mail_template_t mail, dp_slice_t to,
              dp_mail_values_t values)
{
    dp_writer_t out = dp_render_begin(op->arena, payload_size(to, values));

    dp_write_text(&out, "{\"template\":");
    dp_json_string(&out, dp_slice_text(dp_mail_rows[mail].name));
    dp_write_text(&out, ",\"to\":");
    dp_json_string(&out, to);
    dp_write_text(&out, ",\"values\":");
    values_write(&out, values);
    dp_write_text(&out, "}");

    dp_job_enqueue(op, &(dp_job_order_t) {
                           .kind = DP_JOB_MAIL_SEND,
                           .payload = dp_render_end(&out),
                           .secret = true,
                       });
}

dp_slice_t
dp_mail_now(dp_arena_t *arena)
{
    time_t    now = (time_t) (dp_now_us() / 1000000);
    struct tm date;
    char      text[64];
    size_t    len;

    gmtime_r(&now, &date);
    len = strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &date);

    return dp_arena_copy(arena, dp_slice(text, len));
}
