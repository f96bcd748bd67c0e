/*
 * The walk over a text: where a secret begins, which kind it is of, what becomes
 * of it.  See dp_redact.h.
 */

#include "dp_redact.h"

#include "dp_redact_text.h"

#define STARS 3

/* What a kind begins with; most characters begin none. */
enum {
    MARK = 1,
    NAME = 2,
    JWT = 4,
    URL = 8,
    PEM = 16,
    WORD = 32, /* anything behind what is no letter or digit */
};

static const uint8_t openers[256] = {
    ['A'] = MARK | NAME, ['a'] = NAME,        ['B'] = MARK, ['b'] = MARK,
    ['C'] = NAME,        ['c'] = NAME,        ['D'] = MARK, ['d'] = MARK,
    ['E'] = JWT,         ['e'] = JWT,         ['G'] = MARK, ['g'] = MARK,
    ['P'] = NAME,        ['p'] = NAME,        ['R'] = MARK, ['r'] = MARK,
    ['S'] = MARK | NAME, ['s'] = MARK | NAME, ['T'] = NAME, ['t'] = NAME,
    ['W'] = MARK,        ['w'] = MARK,        [':'] = URL,  ['-'] = PEM,
};

static const struct {
    dp_redact_fn *found;
    unsigned      opener;
} kinds[] = {
    {dp_redact_id, WORD},    {dp_redact_mark, MARK}, {dp_redact_named, NAME},
    {dp_redact_jwt, JWT},    {dp_redact_url, URL},   {dp_redact_pem, PEM},
    {dp_redact_card, WORD},  {dp_redact_email, WORD},
};

static bool
secret_found(text_t text, int before, secret_t *secret)
{
    unsigned opener = openers[(uint8_t) front(text)];

    opener |= is_alnum(before) ? 0 : WORD;

    for (size_t i = 0; opener != 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if ((kinds[i].opener & opener) != 0
            && kinds[i].found(text, before, secret)) {
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

#define CARD_ROW 13 /* digits at least */

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

        if (look == SUSPECT || row == CARD_ROW) {
            return true;
        }
    }

    return false;
}
