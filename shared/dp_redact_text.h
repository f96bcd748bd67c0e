/*
 * Walking over a text that is about to be redacted: its characters, as they are
 * meant where they are escaped as in URLs, and what they may belong to.
 *
 * Private to the dp_redact*.c files.
 */

#ifndef DP_REDACT_TEXT_H
#define DP_REDACT_TEXT_H

#include "dp_bytes.h"
#include "dp_hex.h"

typedef struct {
    const uint8_t *pos;
    const uint8_t *end;
} text_t;

/* What becomes stars; where both are the same, what leads to them is passed over. */
typedef struct {
    const uint8_t *from;
    const uint8_t *to;
} secret_t;

/* What a %XX at the front stands for; or -1. */
static inline int
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
static inline int
front(text_t text)
{
    int c = escaped(text);

    if (c >= 0) {
        return c;
    }

    return text.pos == text.end ? -1 : *text.pos;
}

static inline void
step(text_t *text)
{
    text->pos += escaped(*text) >= 0 ? 3 : 1;
}

static inline bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static inline bool
is_alnum(int c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline bool
is_one_of(int c, const char *list)
{
    return c > 0 && strchr(list, c) != NULL;
}

/* base64url, and what keys are made of */
static inline bool
is_token(int c)
{
    return is_alnum(c) || c == '_' || c == '-';
}

static inline bool
is_value(int c)
{
    return c > ' ' && !is_one_of(c, "\"'&;,()<>{}");
}

static inline bool
is_line(int c)
{
    return c >= ' ' && !is_one_of(c, "\"'");
}

static inline bool
is_local_part(int c)
{
    return is_token(c) || c == '.' || c == '+';
}

static inline void
skip(text_t *text, bool (*belongs)(int c))
{
    while (belongs(front(*text))) {
        step(text);
    }
}

/* A pattern's # is a letter or digit, a small letter also stands for its capital. */
static inline bool
matches(char pattern, int c)
{
    if (pattern == '#') {
        return is_alnum(c);
    }

    return c == pattern || (pattern >= 'a' && pattern <= 'z' && c == pattern - 32);
}

/* Passes all of what the pattern describes, or nothing. */
static inline bool
pass(text_t *text, const char *pattern)
{
    text_t rest = *text;

    for (; *pattern != '\0'; pattern++) {
        if (!matches(*pattern, front(rest))) {
            return false;
        }

        step(&rest);
    }

    *text = rest;

    return true;
}

/*
 * Each says whether a secret of its kind begins at `text`; `before` is the
 * character in front, or -1.
 */
typedef bool dp_redact_fn(text_t text, int before, secret_t *secret);

/* dp_redact_marks.c: by what stands in front of it, by its name */
dp_redact_fn dp_redact_mark;
dp_redact_fn dp_redact_named;

/* dp_redact_shapes.c: by its shape; an id is none, and is passed over */
dp_redact_fn dp_redact_id;
dp_redact_fn dp_redact_jwt;
dp_redact_fn dp_redact_url;
dp_redact_fn dp_redact_pem;
dp_redact_fn dp_redact_card;
dp_redact_fn dp_redact_email;

#endif /* DP_REDACT_TEXT_H */
