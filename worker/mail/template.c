/*
 * The table of mails; one pass over a text that replaces {words}.
 */

#include "template.h"

const dp_mail_row_t dp_mail_rows[DP_MAIL_TEMPLATES] = {
#define DP_MAIL(member, ...) {__VA_ARGS__},
#include "templates.def"
#undef DP_MAIL
};

const dp_mail_row_t *
dp_mail_row_find(dp_slice_t name)
{
    for (size_t i = 0; i < DP_MAIL_TEMPLATES; i++) {
        if (dp_slice_equal(name, dp_slice_text(dp_mail_rows[i].name))) {
            return &dp_mail_rows[i];
        }
    }

    return NULL;
}

static const dp_mail_value_t *
value_find(dp_mail_values_t values, dp_slice_t name)
{
    for (size_t i = 0; i < values.count; i++) {
        if (dp_slice_equal(values.items[i].name, name)) {
            return &values.items[i];
        }
    }

    return NULL;
}

/* Writes up to and with the next {word}; false: there is no value for it. */
static bool
piece_write(dp_writer_t *out, const char **text, dp_mail_values_t values)
{
    const dp_mail_value_t *value;
    size_t                 len = strcspn(*text, "{");
    size_t                 word;

    dp_write_bytes(out, dp_slice(*text, len));
    *text += len;

    if (**text == '\0') {
        return true;
    }

    word = strcspn(*text, "}");
    value = value_find(values, dp_slice(*text + 1, word - 1));
    *text += word + 1;

    if (value != NULL) {
        dp_write_bytes(out, value->value);
    }

    return value != NULL;
}

/* As if each word of the text were the longest value. */
static size_t
size_of(const char *text, dp_mail_values_t values)
{
    size_t longest = 0;
    size_t words = 0;

    for (size_t i = 0; i < values.count; i++) {
        size_t len = values.items[i].value.len;

        longest = len > longest ? len : longest;
    }

    for (const char *c = text; *c != '\0'; c++) {
        words += *c == '{';
    }

    return strlen(text) + words * longest;
}

bool
dp_template_fill(dp_slice_t *filled, dp_arena_t *arena, const char *text,
                 dp_mail_values_t values)
{
    size_t      size = size_of(text, values);
    dp_writer_t out = dp_writer(dp_arena_alloc(arena, size), size);

    while (*text != '\0') {
        if (!piece_write(&out, &text, values)) {
            return false;
        }
    }

    *filled = dp_written(&out);

    return true;
}
