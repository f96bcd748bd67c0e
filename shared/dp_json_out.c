/*
 * JSON text of strings, integers, ids and times.  See dp_json_out.h.
 *
 * Times are computed here and not by gmtime_r(), which takes glibc's lock on
 * the time zone.
 */

#include "dp_json_out.h"
#include "dp_id.h"
#include "dp_utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

#define US_PER_SECOND 1000000ull
#define SECONDS_PER_DAY 86400ull
#define TIME_MAX_US 253402300799999999ull /* 9999-12-31T23:59:59.999999Z */

/* The two-character escape of a byte, or NULL when it has none. */
static const char *
escape_short(uint8_t byte)
{
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

static void
write_control(dp_writer_t *writer, uint8_t byte)
{
    char text[6] = {'\\', 'u', '0', '0', '0', '0'};

    dp_hex_format(text + 4, &byte, 1);
    dp_write_bytes(writer, dp_slice(text, sizeof(text)));
}

/* A byte that cannot be copied: escaped, or replaced when it is not UTF-8. */
static void
write_special(dp_writer_t *writer, uint8_t byte)
{
    const char *escape = escape_short(byte);

    if (escape != NULL) {
        dp_write_text(writer, escape);
    } else if (byte < 0x20) {
        write_control(writer, byte);
    } else {
        dp_write_text(writer, REPLACEMENT);
    }
}

/* ASCII that needs no escape. */
static const bool plain[UINT8_MAX + 1] = {
    [' ' ... '!'] = true, ['#' ... '['] = true, [']' ... 0x7f] = true,
};

/* Bytes at `pos` that can be copied as they are. */
static size_t
plain_length(const uint8_t *pos, const uint8_t *end)
{
    const uint8_t *start = pos;

    while (pos < end) {
        size_t len = *pos < 0x80 ? plain[*pos] : dp_utf8_length(pos, end);

        if (len == 0) {
            break;
        }

        pos += len;
    }

    return (size_t) (pos - start);
}

void
dp_json_string(dp_writer_t *writer, dp_slice_t text)
{
    const uint8_t *pos = text.data;
    const uint8_t *end = dp_slice_end(text);

    dp_write_text(writer, "\"");

    while (pos < end) {
        size_t len = plain_length(pos, end);

        dp_write_bytes(writer, dp_slice(pos, len));
        pos += len;

        if (pos < end) {
            write_special(writer, *pos++);
        }
    }

    dp_write_text(writer, "\"");
}

void
dp_json_uint(dp_writer_t *writer, uint64_t value)
{
    char   text[20];
    size_t first = sizeof(text);

    do {
        text[--first] = (char) ('0' + value % 10);
        value /= 10;
    } while (value != 0);

    dp_write_bytes(writer, dp_slice(text + first, sizeof(text) - first));
}

void
dp_json_id(dp_writer_t *writer, const uint8_t *id)
{
    char text[DP_ID_TEXT_SIZE + 2];

    text[0] = '"';
    dp_id_format(text + 1, id);
    text[sizeof(text) - 1] = '"';
    dp_write_bytes(writer, dp_slice(text, sizeof(text)));
}

/* Two decimal digits of a number below 100. */
static void
put_pair(char *at, uint32_t number)
{
    at[0] = (char) ('0' + number / 10);
    at[1] = (char) ('0' + number % 10);
}

/*
 * Year, month and day, as 0000-00-00, of a day counted from 1970-01-01.  Counts
 * in years that begin in March, so that the leap day is a year's last
 * (H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days).
 */
static void
put_date(char *at, uint32_t days)
{
    uint32_t shifted = days + 719468; /* days since 0000-03-01 */
    uint32_t era = shifted / 146097;  /* of 400 years */
    uint32_t day_of_era = shifted % 146097;
    uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
                            - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era
                           - (365 * year_of_era + year_of_era / 4
                              - year_of_era / 100);
    uint32_t month_from_march = (5 * day_of_year + 2) / 153;
    uint32_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    uint32_t month = month_from_march < 10 ? month_from_march + 3
                                           : month_from_march - 9;
    uint32_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);

    put_pair(at, year / 100);
    put_pair(at + 2, year % 100);
    put_pair(at + 5, month);
    put_pair(at + 8, day);
}

void
dp_json_time(dp_writer_t *writer, uint64_t unix_us)
{
    char     text[] = "\"0000-00-00T00:00:00.000000Z\"";
    uint64_t us = unix_us < TIME_MAX_US ? unix_us : TIME_MAX_US;
    uint64_t seconds = us / US_PER_SECOND;
    uint32_t rest_us = (uint32_t) (us % US_PER_SECOND);
    uint32_t second_of_day = (uint32_t) (seconds % SECONDS_PER_DAY);

    put_date(text + 1, (uint32_t) (seconds / SECONDS_PER_DAY));
    put_pair(text + 12, second_of_day / 3600);
    put_pair(text + 15, second_of_day / 60 % 60);
    put_pair(text + 18, second_of_day % 60);
    put_pair(text + 21, rest_us / 10000);
    put_pair(text + 23, rest_us / 100 % 100);
    put_pair(text + 25, rest_us % 100);

    dp_write_bytes(writer, dp_slice(text, sizeof(text) - 1));
}
