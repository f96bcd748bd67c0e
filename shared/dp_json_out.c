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

/* Bytes at `pos` that can be copied as they are. */
static size_t
plain_length(const uint8_t *pos, const uint8_t *end)
{
    const uint8_t *start = pos;

    while (pos < end) {
        size_t len = *pos < 0x80 ? 1 : dp_utf8_length(pos, end);

        if (len == 0 || *pos < 0x20 || *pos == '"' || *pos == '\\') {
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

/* `digits` decimal digits with leading zeros. */
static void
write_digits(dp_writer_t *writer, uint64_t value, size_t digits)
{
    char text[20];

    for (size_t i = digits; i > 0; i--) {
        text[i - 1] = (char) ('0' + value % 10);
        value /= 10;
    }

    dp_write_bytes(writer, dp_slice(text, digits));
}

void
dp_json_uint(dp_writer_t *writer, uint64_t value)
{
    size_t digits = 1;

    for (uint64_t rest = value / 10; rest != 0; rest /= 10) {
        digits++;
    }

    write_digits(writer, value, digits);
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

/*
 * Year, month and day of a day counted from 1970-01-01.  Counts in years that
 * begin in March, so that the leap day is a year's last (H. Hinnant,
 * "chrono-compatible low-level date algorithms", civil_from_days).
 */
static void
write_date(dp_writer_t *writer, uint64_t days)
{
    uint64_t shifted = days + 719468; /* days since 0000-03-01 */
    uint64_t era = shifted / 146097;  /* of 400 years */
    uint64_t day_of_era = shifted % 146097;
    uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
                            - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era
                           - (365 * year_of_era + year_of_era / 4
                              - year_of_era / 100);
    uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    uint64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    uint64_t month = month_from_march < 10 ? month_from_march + 3
                                           : month_from_march - 9;
    uint64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);

    write_digits(writer, year, 4);
    dp_write_text(writer, "-");
    write_digits(writer, month, 2);
    dp_write_text(writer, "-");
    write_digits(writer, day, 2);
}

void
dp_json_time(dp_writer_t *writer, uint64_t unix_us)
{
    uint64_t us = unix_us < TIME_MAX_US ? unix_us : TIME_MAX_US;
    uint64_t seconds = us / US_PER_SECOND;
    uint64_t second_of_day = seconds % SECONDS_PER_DAY;

    dp_write_text(writer, "\"");
    write_date(writer, seconds / SECONDS_PER_DAY);
    dp_write_text(writer, "T");
    write_digits(writer, second_of_day / 3600, 2);
    dp_write_text(writer, ":");
    write_digits(writer, second_of_day / 60 % 60, 2);
    dp_write_text(writer, ":");
    write_digits(writer, second_of_day % 60, 2);
    dp_write_text(writer, ".");
    write_digits(writer, us % US_PER_SECOND, 6);
    dp_write_text(writer, "Z\"");
}
