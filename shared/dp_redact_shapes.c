/*
 * Secrets by their shape: JWTs, passwords in URLs, PEM blocks, payment cards,
 * e-mail addresses.  None looks further than the next separator unless it finds
 * one.
 */

#include "dp_id.h"
#include "dp_redact_text.h"

#define CARD_DIGITS_MIN 13
#define CARD_DIGITS_MAX 19 /* ISO/IEC 7812-1 */

/* An id is none of the other kinds, though it may have a card's digits. */
bool
dp_redact_id(text_t text, int before, secret_t *secret)
{
    uint8_t id[DP_ID_SIZE];

    if (text.end - text.pos < DP_ID_TEXT_SIZE || is_alnum(before)
        || !dp_id_parse(id, dp_slice(text.pos, DP_ID_TEXT_SIZE))) {
        return false;
    }

    secret->from = text.pos + DP_ID_TEXT_SIZE;
    secret->to = secret->from;

    return true;
}

/* RFC 7519: three parts in base64url, the first a JSON object. */
bool
dp_redact_jwt(text_t text, int before, secret_t *secret)
{
    secret->from = text.pos;

    if (is_token(before) || !pass(&text, "eyJ")) {
        return false;
    }

    skip(&text, is_token);
    if (!pass(&text, ".#")) {
        return false;
    }

    skip(&text, is_token);
    if (pass(&text, ".")) {
        skip(&text, is_token);
    }

    secret->to = text.pos;

    return true;
}

/* scheme://user:password@host */
bool
dp_redact_url(text_t text, int before, secret_t *secret)
{
    (void) before;
    secret->from = NULL;

    if (!pass(&text, "://")) {
        return false;
    }

    while (is_value(front(text)) && !is_one_of(front(text), "/@")) {
        bool ends_user = front(text) == ':' && secret->from == NULL;

        step(&text);
        secret->from = ends_user ? text.pos : secret->from;
    }

    secret->to = text.pos;

    return front(text) == '@' && secret->from != NULL;
}

/* RFC 7468; to the end of the block, or of the text when it was cut. */
bool
dp_redact_pem(text_t text, int before, secret_t *secret)
{
    (void) before;
    secret->from = text.pos;

    if (!pass(&text, "-----BEGIN ")) {
        return false;
    }

    while (front(text) >= 0 && !pass(&text, "-----END ")) {
        step(&text);
    }

    skip(&text, is_line);
    secret->to = text.pos;

    return true;
}

/* The check digit of ISO/IEC 7812-1: every second digit counts twice. */
static bool
luhn_holds(const uint8_t *digits, size_t count)
{
    unsigned sum = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned value = digits[count - 1 - i];

        value <<= i % 2;
        sum += value > 9 ? value - 9 : value;
    }

    return sum % 10 == 0;
}

/* The issuers' numbers: 3 to 6, and from 2 on those of 16 digits. */
static bool
card_holds(const uint8_t *digits, size_t count)
{
    bool issued = (digits[0] >= 3 && digits[0] <= 6)
                  || (digits[0] == 2 && count == 16);

    return issued && count >= CARD_DIGITS_MIN && luhn_holds(digits, count);
}

bool
dp_redact_card(text_t text, int before, secret_t *secret)
{
    uint8_t digits[CARD_DIGITS_MAX];
    size_t  count = 0;

    if (is_alnum(before)) {
        return false;
    }

    secret->from = text.pos;

    while (is_digit(front(text))) {
        if (count == CARD_DIGITS_MAX) {
            return false;
        }

        digits[count++] = (uint8_t) (front(text) - '0');
        step(&text);
        secret->to = text.pos;

        if (is_one_of(front(text), "- ")) {
            step(&text);
        }
    }

    return count != 0 && card_holds(digits, count);
}

bool
dp_redact_email(text_t text, int before, secret_t *secret)
{
    unsigned dots = 0;

    if (is_local_part(before) || !is_local_part(front(text))) {
        return false;
    }

    secret->from = text.pos;
    skip(&text, is_local_part);

    if (!pass(&text, "@#")) {
        return false;
    }

    while (is_alnum(front(text)) || is_one_of(front(text), "-.")) {
        dots += front(text) == '.';
        step(&text);
    }

    secret->to = text.pos;

    return dots != 0;
}
