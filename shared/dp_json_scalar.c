/*
 * Strings and numbers of a JSON text, and the tokens they become.  The common
 * string is dealt with in dp_json_scan.h.
 */

#include "dp_hex.h"
#include "dp_json_number.h"
#include "dp_json_scan.h"
#include "dp_utf8.h"

#include <float.h>

/* One digit or more. */
static bool
scan_digits(dp_scan_t *scan)
{
    const uint8_t *start = scan->pos;

    while (dp_scan_peek(scan) >= '0' && dp_scan_peek(scan) <= '9') {
        scan->pos++;
    }

    return scan->pos != start || dp_scan_fail(scan, DP_JSON_SYNTAX);
}

static bool
scan_exponent(dp_scan_t *scan)
{
    if (dp_scan_peek(scan) != 'e' && dp_scan_peek(scan) != 'E') {
        return true;
    }

    scan->pos++;

    if (dp_scan_peek(scan) == '+' || dp_scan_peek(scan) == '-') {
        scan->pos++;
    }

    return scan_digits(scan);
}

static bool
scan_fraction(dp_scan_t *scan)
{
    if (dp_scan_peek(scan) != '.') {
        return true;
    }

    scan->pos++;

    return scan_digits(scan);
}

/* A zero is followed by no further digit: what comes then is no separator. */
static bool
scan_whole(dp_scan_t *scan)
{
    if (dp_scan_peek(scan) == '-') {
        scan->pos++;
    }

    if (dp_scan_peek(scan) == '0') {
        scan->pos++;
        return true;
    }

    return scan_digits(scan);
}

bool
dp_scan_number(dp_scan_t *scan)
{
    const uint8_t *start = scan->pos;
    const uint8_t *mantissa_end;
    size_t         len;

    if (!scan_whole(scan) || !scan_fraction(scan)) {
        return false;
    }

    mantissa_end = scan->pos;

    if (!scan_exponent(scan)) {
        return false;
    }

    len = (size_t) (scan->pos - start);

    /* a double keeps that many digits, wherever their point is */
    if ((len > DBL_DIG || scan->pos != mantissa_end)
        && !dp_json_number_exact(dp_slice(start, len))) {
        return dp_scan_fail_at(scan, start, DP_JSON_NUMBER_INEXACT);
    }

    return dp_scan_token(scan, DP_JSON_NUMBER, start, len);
}

/* The four digits behind "\u". */
static bool
scan_unit(dp_scan_t *scan, uint32_t *unit)
{
    *unit = 0;

    for (size_t i = 0; i < 4; i++) {
        int digit = dp_hex_digit(dp_scan_peek(scan));

        if (digit < 0) {
            return dp_scan_fail(scan, DP_JSON_SYNTAX);
        }

        *unit = *unit << 4 | (uint32_t) digit;
        scan->pos++;
    }

    return true;
}

/* Behind a high surrogate's escape. */
static bool
scan_low_surrogate(dp_scan_t *scan, const uint8_t *escape)
{
    uint32_t unit;

    if (scan->end - scan->pos < 2 || scan->pos[0] != '\\'
        || scan->pos[1] != 'u') {
        return dp_scan_fail_at(scan, escape, DP_JSON_LONE_SURROGATE);
    }

    scan->pos += 2;

    if (!scan_unit(scan, &unit)) {
        return false;
    }

    return (unit >= 0xdc00 && unit <= 0xdfff)
           || dp_scan_fail_at(scan, escape, DP_JSON_LONE_SURROGATE);
}

static bool
scan_code_point(dp_scan_t *scan, const uint8_t *escape)
{
    uint32_t unit;

    if (!scan_unit(scan, &unit)) {
        return false;
    }

    if (unit == 0) {
        return dp_scan_fail_at(scan, escape, DP_JSON_ZERO_CHARACTER);
    }

    if (unit >= 0xdc00 && unit <= 0xdfff) {
        return dp_scan_fail_at(scan, escape, DP_JSON_LONE_SURROGATE);
    }

    return unit < 0xd800 || unit > 0xdfff || scan_low_surrogate(scan, escape);
}

static bool
scan_escape(dp_scan_t *scan)
{
    const uint8_t *escape = scan->pos;

    scan->pos++;

    switch (dp_scan_peek(scan)) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        scan->pos++;
        return true;
    case 'u':
        scan->pos++;
        return scan_code_point(scan, escape);
    default:
        return dp_scan_fail(scan, DP_JSON_SYNTAX);
    }
}

/* Goes on to the next byte that is a quote, a backslash or at fault. */
static bool
scan_plain(dp_scan_t *scan)
{
    while ((scan->pos = dp_scan_words(scan->pos, scan->end)) < scan->end) {
        uint8_t byte = *scan->pos;
        size_t  len;

        if (byte == '"' || byte == '\\') {
            return true;
        }

        if (byte < 0x20) {
            return dp_scan_fail(scan, DP_JSON_SYNTAX);
        }

        len = byte < 0x80 ? 1 : dp_utf8_length(scan->pos, scan->end);

        if (len == 0) {
            return dp_scan_fail(scan, DP_JSON_NOT_UTF8);
        }

        scan->pos += len;
    }

    return dp_scan_fail(scan, DP_JSON_SYNTAX);
}

bool
dp_scan_string_rest(dp_scan_t *scan, const uint8_t *start, const uint8_t *pos)
{
    bool escaped = false;

    scan->pos = pos;

    while (scan_plain(scan) && *scan->pos == '\\') {
        escaped = true;

        if (!scan_escape(scan)) {
            return false;
        }
    }

    return scan->fault == DP_JSON_OK
           && dp_scan_string_end(scan, start, scan->pos, escaped);
}
