/*
 * Secrets by their looks, one function for each kind.  See dp_redact.h.
 *
 * Each kind is asked at each character whether a secret of its kind begins
 * there.  None looks further than the next separator unless it finds one, so
 * the whole stays linear.
 */

#include "dp_redact.h"
#include "dp_hex.h"
#include "dp_id.h"

#define STARS 3
#define CARD_DIGITS_MIN 13
#define CARD_DIGITS_MAX 19 /* ISO/IEC 7812-1 */

typedef struct {
    const uint8_t *pos;
    const uint8_t *end;
} text_t;

/* What becomes stars; where both are the same, what leads to them is passed over. */
typedef struct {
    const uint8_t *from;
    const uint8_t *to;
} secret_t;

/* A secret of that kind begins at `text`; `before` is the character in front. */
typedef bool secret_fn(text_t text, int before, secret_t *secret);

/* What a %XX at the front stands for; or -1. */
static int
escaped(text_t text)
{
    int high, low;

    if (text.end - text.pos < 3 || *text.pos != '%') {
        return -1;
    }

    high = dp_hex_digit(text.pos[1]);
    low = dp_hex_digit(text.pos[2]);

    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* The character at the front, unescaped where it is escaped as in URLs; or -1. */
static int
front(text_t text)
{
    int c = escaped(text);

    if (c >= 0) {
        return c;
    }

    return text.pos == text.end ? -1 : *text.pos;
}

static void
step(text_t *text)
{
    text->pos += escaped(*text) >= 0 ? 3 : 1;
}

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool
is_alnum(int c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_one_of(int c, const char *list)
{
    return c > 0 && strchr(list, c) != NULL;
}

/* base64url, and what keys are made of */
static bool
is_token(int c)
{
    return is_alnum(c) || c == '_' || c == '-';
}

static bool
is_value(int c)
{
    return c > ' ' && !is_one_of(c, "\"'&;,()<>{}");
}

static bool
is_line(int c)
{
    return c >= ' ' && !is_one_of(c, "\"'");
}

static bool
is_local_part(int c)
{
    return is_token(c) || c == '.' || c == '+';
}

static void
skip(text_t *text, bool (*belongs)(int c))
{
    while (belongs(front(*text))) {
        step(text);
    }
}

static void
skip_blanks(text_t *text)
{
    while (front(*text) == ' ') {
        step(text);
    }
}

/*
 * Passes all of what the pattern describes, or nothing: # is a letter or digit, a
 * small letter also stands for its capital.
 */
static bool
pass(text_t *text, const char *pattern)
{
    text_t rest = *text;

    for (; *pattern != '\0'; pattern++) {
        int  c = front(rest);
        bool small = *pattern >= 'a' && *pattern <= 'z';

        if (*pattern == '#' ? !is_alnum(c)
                            : c != *pattern && !(small && c == *pattern - 32)) {
            return false;
        }

        step(&rest);
    }

    *text = rest;

    return true;
}

/* An id is none of the other kinds, though it may have a card's digits. */
static bool
id_passed(text_t text, int before, secret_t *secret)
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

/* What is kept, and what goes with all that belongs to it. */
static const struct {
    const char *kept;
    const char *gone;
    bool (*belongs)(int c);
} marks[] = {
    {"dp_", "########_", is_token},             /* our API keys */
    {"", "AKIA################", is_token},     /* AWS access key ids */
    {"", "ASIA################", is_token},
    {"AIza", "################", is_token},     /* Google API keys */
    {"bearer ", "", is_value},
    {"gh#_", "########", is_token},             /* GitHub tokens */
    {"github_pat_", "########", is_token},
    {"sk_", "####_########", is_token},         /* Stripe: live and test */
    {"rk_", "####_########", is_token},
    {"whsec_", "########", is_token},
};

static bool
mark_found(text_t text, int before, secret_t *secret)
{
    (void) before;

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        text_t rest = text;

        if (pass(&rest, marks[i].kept)) {
            secret->from = rest.pos;

            if (pass(&rest, marks[i].gone)) {
                skip(&rest, marks[i].belongs);
                secret->to = rest.pos;
                return true;
            }
        }
    }

    return false;
}

/* Names whose values are secret, by their ends: access_token, DB_PASSWORD. */
static const struct {
    const char *name;
    bool (*belongs)(int c);
} names[] = {
    {"token", is_value},       {"password", is_value},
    {"passwd", is_value},      {"pwd", is_value},
    {"passphrase", is_value},  {"secret", is_value},
    {"apikey", is_value},      {"api_key", is_value},
    {"api-key", is_value},     {"access_key", is_value},
    {"private_key", is_value}, {"authorization", is_line},
    {"cookie", is_line},
};

/* Passes  =  or  ": "  and the like. */
static bool
pass_assignment(text_t *text, int *quote)
{
    if (is_one_of(front(*text), "\"'")) {
        step(text);
    }

    skip_blanks(text);

    if (!is_one_of(front(*text), "=:")) {
        return false;
    }

    step(text);
    skip_blanks(text);
    *quote = front(*text);

    if (is_one_of(*quote, "\"'")) {
        step(text);
    } else {
        *quote = -1;
    }

    return true;
}

/* Up to the quote, which a backslash before it does not end. */
static void
skip_quoted(text_t *text, int quote)
{
    while (front(*text) != quote && front(*text) >= 0) {
        if (front(*text) == '\\') {
            step(text);
        }

        if (front(*text) >= 0) {
            step(text);
        }
    }
}

static bool
named_found(text_t text, int before, secret_t *secret)
{
    int quote;

    (void) before;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        text_t rest = text;

        if (!pass(&rest, names[i].name) || !pass_assignment(&rest, &quote)) {
            continue;
        }

        secret->from = rest.pos;

        if (quote >= 0) {
            skip_quoted(&rest, quote);
        } else {
            skip(&rest, names[i].belongs);
        }

        secret->to = rest.pos;

        return true;
    }

    return false;
}

/* RFC 7519: three parts in base64url, the first a JSON object. */
static bool
jwt_found(text_t text, int before, secret_t *secret)
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
static bool
userinfo_found(text_t text, int before, secret_t *secret)
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
static bool
pem_found(text_t text, int before, secret_t *secret)
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

static bool
card_found(text_t text, int before, secret_t *secret)
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

static bool
email_found(text_t text, int before, secret_t *secret)
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

static secret_fn *const kinds[] = {
    id_passed,  mark_found, named_found, jwt_found,
    userinfo_found, pem_found, card_found, email_found,
};

static bool
secret_found(text_t text, int before, secret_t *secret)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i](text, before, secret)) {
            return true;
        }
    }

    return false;
}

/* Moves what is kept, and writes the stars; what is written is never longer. */
static uint8_t *
secret_hide(uint8_t *out, text_t *text, secret_t secret)
{
    size_t kept = (size_t) (secret.from - text->pos);
    size_t len = (size_t) (secret.to - secret.from);
    size_t stars = len < STARS ? len : STARS;

    memmove(out, text->pos, kept);
    memset(out + kept, '*', stars);
    text->pos = secret.to;

    return out + kept + stars;
}

size_t
dp_redact(uint8_t *text, size_t len)
{
    uint8_t *out = text;
    text_t   rest = {text, text + len};
    int      before = -1;

    while (rest.pos < rest.end) {
        text_t   next = rest;
        secret_t secret;

        if (secret_found(rest, before, &secret)) {
            out = secret_hide(out, &rest, secret);
            before = '*';
            continue;
        }

        before = front(rest);
        step(&next);
        memmove(out, rest.pos, (size_t) (next.pos - rest.pos));
        out += next.pos - rest.pos;
        rest = next;
    }

    return (size_t) (out - text);
}

/*
 * Every secret has one of these: e-mails an @; names a = or :; the marks a blank,
 * an I or a _; JWTs a J; cards a row of digits.  A % may stand for any.
 */
enum {
    PLAIN,
    CARD,
    SUSPECT,
};

static const uint8_t looks[256] = {
    ['0' ... '9'] = CARD, ['-'] = CARD,
    [' '] = SUSPECT, ['%'] = SUSPECT, [':'] = SUSPECT, ['='] = SUSPECT,
    ['@'] = SUSPECT, ['I'] = SUSPECT, ['J'] = SUSPECT, ['_'] = SUSPECT,
};

bool
dp_redact_suspects(dp_slice_t text)
{
    unsigned row = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t look = looks[text.data[i]];

        row = look == CARD ? row + 1 : 0;

        if (look == SUSPECT || row == CARD_DIGITS_MIN) {
            return true;
        }
    }

    return false;
}
