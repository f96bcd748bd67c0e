/*
 * Formats.  See dp_format.h.
 */

#include "dp_format.h"

#include "dp_hex.h"
#include "dp_id.h"

#define EMAIL_MAX 254 /* RFC 5321, section 4.5.3.1.3, less two brackets */
#define LOCAL_PART_MAX 64
#define LABEL_MAX 63

static bool
is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
is_alphanumeric(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z')
           || (byte >= 'A' && byte <= 'Z');
}

/* False for the zero byte, which strchr() would find. */
static bool
is_among(uint8_t byte, const char *set)
{
    return byte != 0 && strchr(set, byte) != NULL;
}

static bool
uuid_check(dp_slice_t text)
{
    uint8_t id[DP_ID_SIZE];

    return dp_id_parse(id, text);
}

/* A number of exactly that many digits; a fault fails the reader. */
static unsigned
read_number(dp_reader_t *reader, size_t digits)
{
    dp_slice_t text = dp_read_bytes(reader, digits);
    unsigned   value = 0;

    for (size_t i = 0; i < text.len; i++) {
        reader->failed |= !is_digit(text.data[i]);
        value = value * 10 + (unsigned) (text.data[i] - '0');
    }

    return value;
}

static void
read_one_of(dp_reader_t *reader, const char *set)
{
    reader->failed |= !is_among(dp_read_u8(reader), set);
}

static uint8_t
peek(const dp_reader_t *reader)
{
    return dp_reader_left(reader) == 0 ? 0 : *reader->pos;
}

static void
read_date(dp_reader_t *reader)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
                                   31};
    unsigned year = read_number(reader, 4);
    unsigned month, day;
    bool     leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    read_one_of(reader, "-");
    month = read_number(reader, 2);
    read_one_of(reader, "-");
    day = read_number(reader, 2);

    if (reader->failed || month < 1 || month > 12 || day < 1
        || day > days[month - 1] + (unsigned) (month == 2 && leap)) {
        reader->failed = true;
    }
}

/* Minutes that the zone is ahead of UTC. */
static int
read_zone(dp_reader_t *reader)
{
    int      sign = peek(reader) == '-' ? -1 : 1;
    unsigned hour, minute;

    if (is_among(peek(reader), "Zz")) {
        read_one_of(reader, "Zz");
        return 0;
    }

    read_one_of(reader, "+-");
    hour = read_number(reader, 2);
    read_one_of(reader, ":");
    minute = read_number(reader, 2);
    reader->failed |= hour > 23 || minute > 59;

    return sign * (int) (hour * 60 + minute);
}

static void
read_fraction(dp_reader_t *reader)
{
    if (peek(reader) == '.') {
        read_one_of(reader, ".");
        read_number(reader, 1);
    }

    while (is_digit(peek(reader))) {
        read_number(reader, 1);
    }
}

/* A leap second is the last of a day in UTC. */
static void
read_time(dp_reader_t *reader)
{
    unsigned hour = read_number(reader, 2);
    unsigned minute, second;
    int      utc;

    read_one_of(reader, ":");
    minute = read_number(reader, 2);
    read_one_of(reader, ":");
    second = read_number(reader, 2);

    if (second == 60) {
        read_fraction(reader);
        utc = (int) (hour * 60 + minute) - read_zone(reader);
        reader->failed |= (utc + 1) % (24 * 60) != 0;
    } else {
        read_fraction(reader);
        (void) read_zone(reader);
    }

    reader->failed |= hour > 23 || minute > 59 || second > 60;
}

static bool
date_time_check(dp_slice_t text)
{
    dp_reader_t reader = dp_reader(text);

    read_date(&reader);
    read_one_of(&reader, "Tt");
    read_time(&reader);

    return dp_reader_done(&reader);
}

/* True when each of the parts between dots is 1 to `max` bytes of the set. */
static bool
dotted_check(dp_slice_t text, size_t max, const char *more)
{
    size_t part = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '.' && part != 0) {
            part = 0;
        } else if ((is_alphanumeric(text.data[i]) || is_among(text.data[i], more))
                   && part < max) {
            part++;
        } else {
            return false;
        }
    }

    return part != 0;
}

/* No label begins or ends with a hyphen. */
static bool
hyphens_check(dp_slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool first = i == 0 || text.data[i - 1] == '.';
        bool last = i + 1 == text.len || text.data[i + 1] == '.';

        if (text.data[i] == '-' && (first || last)) {
            return false;
        }
    }

    return true;
}

static bool
email_check(dp_slice_t text)
{
    const uint8_t *at = text.len == 0 ? NULL
                                      : memchr(text.data, '@', text.len);
    dp_slice_t     local, domain;

    if (at == NULL || text.len > EMAIL_MAX) {
        return false;
    }

    local = dp_slice(text.data, (size_t) (at - text.data));
    domain = dp_slice(at + 1, text.len - local.len - 1);

    return local.len <= LOCAL_PART_MAX
           && dotted_check(local, LOCAL_PART_MAX, "!#$%&'*+-/=?^_`{|}~")
           && dotted_check(domain, LABEL_MAX, "-") && hyphens_check(domain);
}

/* The bytes before the colon; 0 when that is no scheme. */
static size_t
scheme_length(dp_slice_t text)
{
    size_t len = 0;

    while (len < text.len
           && (is_alphanumeric(text.data[len])
               || is_among(text.data[len], "+-."))) {
        len++;
    }

    return len != 0 && len < text.len && text.data[len] == ':'
                   && is_alphanumeric(text.data[0]) && !is_digit(text.data[0])
               ? len
               : 0;
}

static bool
escape_check(dp_slice_t text, size_t at)
{
    return text.len - at > 2 && dp_hex_digit(text.data[at + 1]) >= 0
           && dp_hex_digit(text.data[at + 2]) >= 0;
}

/*
 * RFC 3986, section 2: unreserved, reserved or escaped; one '#' at most, and
 * brackets only around the address of an authority.
 */
static bool
uri_check(dp_slice_t text)
{
    size_t scheme = scheme_length(text);
    size_t fragments = 0;
    bool   authority = text.len > scheme + 2
                     && memcmp(text.data + scheme, "://", 3) == 0;

    for (size_t i = scheme + 1; i < text.len; i++) {
        uint8_t byte = text.data[i];

        authority = authority && (i < scheme + 3 || !is_among(byte, "/?#"));
        fragments += byte == '#';

        if (!(is_alphanumeric(byte) || is_among(byte, "-._~:/?#@!$&'()*+,;=")
              || (is_among(byte, "[]") && authority)
              || (byte == '%' && escape_check(text, i)))) {
            return false;
        }
    }

    return scheme != 0 && fragments <= 1;
}

bool
dp_format_check(dp_format_t format, dp_slice_t text)
{
    typedef bool check_fn(dp_slice_t text);

    static check_fn *const checks[] = {
        [DP_FORMAT_UUID] = uuid_check,
        [DP_FORMAT_DATE_TIME] = date_time_check,
        [DP_FORMAT_EMAIL] = email_check,
        [DP_FORMAT_URI] = uri_check,
    };

    return checks[format](text);
}
