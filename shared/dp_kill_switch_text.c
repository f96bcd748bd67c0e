/*
 * Kill switches as operators write them: the list of the environment, and the
 * lines of a file.  See dp_kill_switch.h.
 */

#include "dp_kill_switch.h"
#include "dp_utf8.h"

static bool
is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Without the blanks at both ends. */
static dp_slice_t
trim(dp_slice_t text)
{
    while (text.len != 0 && is_blank(text.data[0])) {
        text = dp_slice(text.data + 1, text.len - 1);
    }

    while (text.len != 0 && is_blank(text.data[text.len - 1])) {
        text.len--;
    }

    return text;
}

static bool
text_has(dp_slice_t text, uint8_t byte)
{
    return text.len != 0 && memchr(text.data, byte, text.len) != NULL;
}

/* Takes what stands before `separator`, which goes with it, off `text`. */
static dp_slice_t
piece_take(dp_slice_t *text, uint8_t separator)
{
    dp_slice_t piece = *text;

    if (!text_has(*text, separator)) {
        *text = dp_slice(NULL, 0);
        return piece;
    }

    piece.len = (size_t) ((const uint8_t *) memchr(text->data, separator, text->len)
                          - text->data);
    *text = dp_slice(text->data + piece.len + 1, text->len - piece.len - 1);

    return piece;
}

bool
dp_kill_switch_list(dp_slice_t text, uint32_t *switches, dp_slice_t *unknown)
{
    bool more = trim(text).len != 0;

    *switches = 0;

    while (more) {
        dp_slice_t name;
        uint32_t   bit;

        more = text_has(text, ',');
        name = trim(piece_take(&text, ','));
        bit = dp_kill_switch_bit(name);

        if (bit == 0) {
            *unknown = name;
            return false;
        }

        *switches |= bit;
    }

    return true;
}

bool
dp_kill_switch_reason_valid(dp_slice_t reason)
{
    size_t characters;

    for (size_t i = 0; i < reason.len; i++) {
        if (reason.data[i] < 0x20 || reason.data[i] == 0x7f) {
            return false;
        }
    }

    return reason.len <= DP_KILL_REASON_MAX
           && dp_utf8_count(reason, &characters);
}

/* "NAME", "NAME why" or "NAME # why". */
static bool
line_read(dp_slice_t line, dp_kill_switch_file_t *file)
{
    dp_slice_t reason;
    size_t     name_len = 0;
    uint32_t   bit;

    while (name_len < line.len && !is_blank(line.data[name_len])) {
        name_len++;
    }

    bit = dp_kill_switch_bit(dp_slice(line.data, name_len));
    reason = trim(dp_slice(line.data + name_len, line.len - name_len));

    if (reason.len != 0 && reason.data[0] == '#') {
        reason = trim(dp_slice(reason.data + 1, reason.len - 1));
    }

    if (bit == 0 || !dp_kill_switch_reason_valid(reason)) {
        return false;
    }

    file->switches |= bit;
    file->reasons[__builtin_ctz(bit)] = reason;

    return true;
}

bool
dp_kill_switch_file(dp_slice_t text, dp_kill_switch_file_t *file)
{
    *file = (dp_kill_switch_file_t) {0};

    while (text.len != 0) {
        dp_slice_t line = trim(piece_take(&text, '\n'));

        file->line++;

        if (line.len != 0 && line.data[0] != '#' && !line_read(line, file)) {
            return false;
        }
    }

    return true;
}
