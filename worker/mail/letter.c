/*
 * From a job's payload to a mail.
 */

#include "dp_json_check.h"
#include "json/render.h"
#include "mail_private.h"

#define TOKENS 64
#define VALUES 8 /* of a payload */

static dp_slice_t
text_of(const dp_json_t *json, uint32_t token, dp_arena_t *arena)
{
    size_t size = json->tokens[token].len;

    return token == 0 || json->tokens[token].type != DP_JSON_STRING
               ? dp_slice(NULL, 0)
               : dp_json_text(json, token, dp_arena_alloc(arena, size + 1),
                              size);
}

/* Behind the object's token stand name, value, name, value. */
static dp_mail_values_t
values_read(const dp_json_t *json, uint32_t object, dp_arena_t *arena)
{
    dp_mail_value_t *items = dp_arena_alloc(arena, VALUES * sizeof(*items));
    size_t           count = 0;
    uint32_t         token = object + 1;

    while (count < VALUES && token < json->tokens[object].next) {
        uint32_t value = json->tokens[token].next;

        items[count].name = text_of(json, token, arena);
        items[count++].value = text_of(json, value, arena);
        token = json->tokens[value].next;
    }

    return (dp_mail_values_t) {items, count};
}

bool
dp_mail_letter_read(dp_mail_letter_t *letter, dp_arena_t *arena,
                    dp_slice_t payload)
{
    dp_json_token_t tokens[TOKENS];
    dp_json_t       json = {.tokens = tokens, .capacity = TOKENS};
    uint32_t        values;

    if (dp_json_check(&json, payload) != DP_JSON_OK
        || tokens[0].type != DP_JSON_OBJECT) {
        return false;
    }

    values = dp_json_member(&json, 0, DP_SLICE("values"));

    if (values == 0 || tokens[values].type != DP_JSON_OBJECT) {
        return false;
    }

    letter->row = dp_mail_row_find(
        text_of(&json, dp_json_member(&json, 0, DP_SLICE("template")), arena));
    letter->to = text_of(&json, dp_json_member(&json, 0, DP_SLICE("to")), arena);
    letter->values = values_read(&json, values, arena);

    return letter->row != NULL;
}

static dp_mail_values_t
values_complete(dp_mail_values_t values, dp_arena_t *arena)
{
    dp_mail_value_t *items = dp_arena_alloc(arena, (values.count + 1)
                                                       * sizeof(*items));

    for (size_t i = 0; i < values.count; i++) {
        items[i] = values.items[i];
    }

    items[values.count] = (dp_mail_value_t) {
        DP_SLICE("public_url"), dp_slice_text(dp_mail_config()->public_url),
    };

    return (dp_mail_values_t) {items, values.count + 1};
}

bool
dp_mail_letter_render(dp_slice_t *message, dp_arena_t *arena,
                      const dp_mail_letter_t *letter, const uint8_t *id,
                      uint64_t now_us)
{
    dp_mail_values_t values = values_complete(letter->values, arena);
    dp_message_t     parts = {
        .id = id,
        .date_us = now_us,
        .from = dp_slice_text(dp_mail_config()->from),
        .to = letter->to,
    };
    dp_writer_t out;

    if (!dp_template_fill(&parts.subject, arena, letter->row->subject, values)
        || !dp_template_fill(&parts.text, arena, letter->row->text, values)) {
        return false;
    }

    out = dp_render_begin(arena, dp_message_size(&parts));

    if (!dp_message_render(&out, &parts)) {
        return false;
    }

    *message = dp_render_end(&out);

    return true;
}
