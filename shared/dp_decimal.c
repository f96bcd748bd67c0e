/*
 * Arithmetic of exact decimals.  See dp_decimal.h.
 */

#include "dp_decimal.h"

#include "dp_json_out.h"

#define DIGITS_MAX 17

/* Numbers with more zeros than this are written with an exponent. */
#define ZEROS_MAX 20

static int
digits_count(uint64_t digits)
{
    int count = 0;

    for (; digits != 0; digits /= 10) {
        count++;
    }

    return count;
}

/* The digits, filled up with zeros to DIGITS_MAX of them. */
static uint64_t
digits_align(uint64_t digits)
{
    for (int count = digits_count(digits); count < DIGITS_MAX; count++) {
        digits *= 10;
    }

    return digits;
}

/* Of numbers that are not 0, without their signs. */
static int
magnitude_compare(const dp_decimal_t *a, const dp_decimal_t *b)
{
    int      point_a = a->exponent + digits_count(a->digits);
    int      point_b = b->exponent + digits_count(b->digits);
    uint64_t digits_a = digits_align(a->digits);
    uint64_t digits_b = digits_align(b->digits);

    if (point_a != point_b) {
        return point_a < point_b ? -1 : 1;
    }

    return (digits_a > digits_b) - (digits_a < digits_b);
}

static int
sign_of(const dp_decimal_t *value)
{
    if (value->digits == 0) {
        return 0;
    }

    return value->negative ? -1 : 1;
}

int
dp_decimal_compare(const dp_decimal_t *a, const dp_decimal_t *b)
{
    int sign_a = sign_of(a);
    int sign_b = sign_of(b);

    if (sign_a != sign_b || sign_a == 0) {
        return sign_a - sign_b;
    }

    return sign_a * magnitude_compare(a, b);
}

/*
 * value / unit = (digits / digits of the unit) * 10^shift.  With a negative
 * shift it is not whole: no zero ends the digits.
 */
bool
dp_decimal_multiple(const dp_decimal_t *value, const dp_decimal_t *unit)
{
    int      shift = value->exponent - unit->exponent;
    uint64_t rest = value->digits % unit->digits;

    if (value->digits == 0) {
        return true;
    }

    for (int i = 0; i < shift && rest != 0; i++) {
        rest = rest * 10 % unit->digits;
    }

    return shift >= 0 && rest == 0;
}

static void
zeros_write(dp_writer_t *writer, int count)
{
    for (; count > 0; count--) {
        dp_write_u8(writer, '0');
    }
}

/* 0.00ddd, or the digits with a point among them; the exponent is negative. */
static void
fraction_write(dp_writer_t *writer, const dp_decimal_t *value)
{
    int      behind = -value->exponent;
    uint64_t scale = 1;

    if (behind >= digits_count(value->digits)) {
        dp_write_text(writer, "0.");
        zeros_write(writer, behind - digits_count(value->digits));
        dp_json_uint(writer, value->digits);
        return;
    }

    for (int i = 0; i < behind; i++) {
        scale *= 10;
    }

    dp_json_uint(writer, value->digits / scale);
    dp_write_text(writer, ".");
    zeros_write(writer, behind - digits_count(value->digits % scale));
    dp_json_uint(writer, value->digits % scale);
}

static void
exponent_write(dp_writer_t *writer, const dp_decimal_t *value)
{
    int exponent = value->exponent;

    dp_json_uint(writer, value->digits);
    dp_write_text(writer, exponent < 0 ? "e-" : "e");
    dp_json_uint(writer, (uint64_t) (exponent < 0 ? -exponent : exponent));
}

void
dp_decimal_write(dp_writer_t *writer, const dp_decimal_t *value)
{
    if (value->negative) {
        dp_write_text(writer, "-");
    }

    if (value->exponent > ZEROS_MAX || value->exponent < -ZEROS_MAX) {
        exponent_write(writer, value);
    } else if (value->exponent < 0) {
        fraction_write(writer, value);
    } else {
        dp_json_uint(writer, value->digits);
        zeros_write(writer, value->exponent);
    }
}
