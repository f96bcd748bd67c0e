/*
 * JSON numbers as decimals: significant digits and a power of ten.
 *
 * No number with at most DBL_DIG digits is changed by a double within its
 * normal range, so that strtod() is asked only about the rare rest.  The text
 * it is given has no decimal point, which would depend on the locale.
 */

#include "dp_json_number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGITS_MAX 17 /* identify any double */

/* Well beyond what a double has, and far from what an int64_t has. */
#define EXPONENT_LIMIT 1000000000

/* digits * 10^exponent, without zeros at either end; no digits: zero */
typedef struct {
    bool     negative;
    char     digits[DIGITS_MAX + 1]; /* terminated */
    size_t   count;                  /* may exceed what `digits` holds */
    size_t   zeros;                  /* seen, and not yet known to be inner */
    int64_t  exponent;
} decimal_t;

static void
digit_append(decimal_t *decimal, char digit)
{
    if (decimal->count < DIGITS_MAX) {
        decimal->digits[decimal->count] = digit;
    }

    decimal->count++;
}

static void
digit_add(decimal_t *decimal, char digit)
{
    if (digit == '0') {
        decimal->zeros += decimal->count != 0;
        return;
    }

    for (; decimal->zeros > 0; decimal->zeros--) {
        digit_append(decimal, '0');
    }

    digit_append(decimal, digit);
}

/* The number behind an 'e', cut at EXPONENT_LIMIT. */
static int64_t
exponent_read(dp_slice_t text)
{
    int64_t exponent = 0;
    bool    negative = text.len != 0 && text.data[0] == '-';

    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= '0' && text.data[i] <= '9'
            && exponent < EXPONENT_LIMIT) {
            exponent = exponent * 10 + (text.data[i] - '0');
        }
    }

    return negative ? -exponent : exponent;
}

static decimal_t
decimal_read(dp_slice_t text)
{
    decimal_t decimal = {.negative = text.len != 0 && text.data[0] == '-'};
    bool      fraction = false;

    for (size_t i = decimal.negative; i < text.len; i++) {
        uint8_t byte = text.data[i];

        if (byte == 'e' || byte == 'E') {
            decimal.exponent +=
                exponent_read(dp_slice(text.data + i + 1, text.len - i - 1));
            break;
        }

        if (byte == '.') {
            fraction = true;
            continue;
        }

        digit_add(&decimal, (char) byte);
        decimal.exponent -= fraction;
    }

    decimal.exponent += (int64_t) decimal.zeros;

    return decimal;
}

/*
 * Asks libc.  `point` is where the decimal point would stand before the first
 * digit: the number is 0.digits * 10^point.
 */
static bool
double_keeps(const decimal_t *decimal, int point)
{
    char   text[48];
    char   printed[DIGITS_MAX + 1] = "";
    char  *exponent;
    size_t count = 0;
    double value;

    snprintf(text, sizeof(text), "%se%d", decimal->digits,
             point - (int) decimal->count);
    value = strtod(text, NULL);

    if (value == 0 || isinf(value)) {
        return false;
    }

    snprintf(text, sizeof(text), "%.*e", (int) decimal->count - 1, value);
    exponent = strchr(text, 'e');

    for (const char *pos = text; pos < exponent; pos++) {
        if (*pos >= '0' && *pos <= '9') {
            printed[count++] = *pos;
        }
    }

    return strcmp(printed, decimal->digits) == 0
           && strtol(exponent + 1, NULL, 10) == point - 1;
}

bool
dp_json_number_exact(dp_slice_t text)
{
    decimal_t decimal = decimal_read(text);
    int64_t   point = decimal.exponent + (int64_t) decimal.count;

    if (decimal.count == 0) {
        return true;
    }

    if (decimal.count > DIGITS_MAX || point < DBL_MIN_10_EXP - DBL_DIG - 2
        || point > DBL_MAX_10_EXP + 1) {
        return false;
    }

    if (decimal.count <= DBL_DIG && point > DBL_MIN_10_EXP
        && point <= DBL_MAX_10_EXP) {
        return true;
    }

    return double_keeps(&decimal, (int) point);
}

dp_decimal_t
dp_json_number_decimal(dp_slice_t text)
{
    decimal_t    decimal = decimal_read(text);
    dp_decimal_t number = {0};

    if (decimal.count == 0) {
        return number;
    }

    for (size_t i = 0; i < decimal.count && i < DIGITS_MAX; i++) {
        number.digits = number.digits * 10 + (uint64_t) (decimal.digits[i] - '0');
    }

    number.exponent = (int32_t) decimal.exponent;
    number.negative = decimal.negative;

    return number;
}

bool
dp_json_number_integer(dp_slice_t text, int64_t *value)
{
    decimal_t decimal = decimal_read(text);
    int64_t   result = 0;
    int64_t   sign = decimal.negative ? -1 : 1;

    *value = 0;

    if (decimal.count == 0) {
        return true;
    }

    if (decimal.exponent < 0 || decimal.count > DIGITS_MAX
        || decimal.exponent + (int64_t) decimal.count > 19) {
        return false;
    }

    for (size_t i = 0; i < decimal.count; i++) {
        result = result * 10 + sign * (decimal.digits[i] - '0');
    }

    for (int64_t i = 0; i < decimal.exponent; i++) {
        if (__builtin_mul_overflow(result, 10, &result)) {
            return false;
        }
    }

    *value = result;

    return true;
}
