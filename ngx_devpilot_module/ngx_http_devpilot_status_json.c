/*
 * devpilot_status: the syntax of its JSON.
 *
 * Whoever is not the first in an object or array writes the comma before it: no
 * caller counts.
 */

#include "ngx_http_devpilot_status.h"

static void
name_write(dp_writer_t *out, const char *name)
{
    if (out->pos != out->start && out->pos[-1] != '{' && out->pos[-1] != '[') {
        dp_write_text(out, ",");
    }

    if (name != NULL) {
        dp_json_string(out, dp_slice_text(name));
        dp_write_text(out, ":");
    }
}

void
ngx_http_devpilot_status_begin(dp_writer_t *out, const char *name, char bracket)
{
    name_write(out, name);
    dp_write_u8(out, (uint8_t) bracket);
}

void
ngx_http_devpilot_status_end(dp_writer_t *out, char bracket)
{
    dp_write_u8(out, (uint8_t) bracket);
}

void
ngx_http_devpilot_status_text(dp_writer_t *out, const char *name,
                              dp_slice_t text)
{
    name_write(out, name);
    dp_json_string(out, text);
}

void
ngx_http_devpilot_status_number(dp_writer_t *out, const char *name,
                                uint64_t number)
{
    name_write(out, name);
    dp_json_uint(out, number);
}

void
ngx_http_devpilot_status_time(dp_writer_t *out, const char *name,
                              uint64_t unix_us)
{
    name_write(out, name);
    dp_json_time(out, unix_us);
}

void
ngx_http_devpilot_status_flag(dp_writer_t *out, const char *name,
                              ngx_uint_t flag)
{
    name_write(out, name);
    dp_write_text(out, flag ? "true" : "false");
}

void
ngx_http_devpilot_status_null(dp_writer_t *out, const char *name)
{
    name_write(out, name);
    dp_write_text(out, "null");
}
