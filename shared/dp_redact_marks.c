/*
 * Secrets by what stands in front of them: the marks of keys, and names whose
 * values are secret.
 */

#include "dp_redact_text.h"

static void
skip_blanks(text_t *text)
{
    while (front(*text) == ' ') {
        step(text);
    }
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

bool
dp_redact_mark(text_t text, int before, secret_t *secret)
{
    int c = front(text);

    (void) before;

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        text_t rest = text;

        if (!matches(marks[i].kept[0] != '\0' ? marks[i].kept[0]
                                              : marks[i].gone[0], c)
            || !pass(&rest, marks[i].kept)) {
            continue;
        }

        secret->from = rest.pos;

        if (pass(&rest, marks[i].gone)) {
            skip(&rest, marks[i].belongs);
            secret->to = rest.pos;
            return true;
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

bool
dp_redact_named(text_t text, int before, secret_t *secret)
{
    int quote, c = front(text);

    (void) before;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        text_t rest = text;

        if (!matches(names[i].name[0], c) || !pass(&rest, names[i].name)
            || !pass_assignment(&rest, &quote)) {
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
