/*
 * list = list-member 0*31( OWS "," OWS list-member ), where a list-member is
 * key "=" value or nothing: W3C Trace Context, "tracestate Header Field Values".
 *
 * Members that are nothing do not count among the 32: headers that are combined
 * bring them along, and they are not passed on.
 */

#include "dp_tracestate.h"
#include "dp_headers.h"

#define KEY_MAX 256
#define VALUE_MAX 256

void
dp_tracestate_begin(dp_tracestate_t *state, void *buffer, size_t capacity)
{
    state->out = dp_writer(buffer, capacity);
    state->count = 0;
}

static bool
begins_key(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool
key_valid(dp_slice_t key)
{
    if (key.len == 0 || key.len > KEY_MAX || !begins_key(key.data[0])) {
        return false;
    }

    for (size_t i = 1; i < key.len; i++) {
        uint8_t byte = key.data[i];

        if (!begins_key(byte)
            && (byte == '\0' || strchr("_-*/@", byte) == NULL))
        {
            return false;
        }
    }

    return true;
}

/* No blank is behind it any more. */
static bool
value_valid(dp_slice_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = value.data[i];

        if (byte < 0x20 || byte > 0x7e || byte == ',' || byte == '=') {
            return false;
        }
    }

    return value.len != 0 && value.len <= VALUE_MAX;
}

static bool
key_repeats(const dp_tracestate_t *state, dp_slice_t key)
{
    for (size_t i = 0; i < state->count; i++) {
        if (dp_slice_equal(state->keys[i], key)) {
            return true;
        }
    }

    return false;
}

static void
member_add(dp_tracestate_t *state, dp_slice_t member)
{
    const uint8_t *equals = memchr(member.data, '=', member.len);
    size_t         key_len = equals == NULL ? 0
                                            : (size_t) (equals - member.data);
    dp_slice_t     key = dp_slice(member.data, key_len);
    bool           repeats;

    if (state->count == DP_TRACESTATE_MEMBERS || !key_valid(key)
        || !value_valid(dp_slice(equals + 1, member.len - key_len - 1)))
    {
        state->out.failed = true;
        return;
    }

    repeats = key_repeats(state, key);
    state->keys[state->count++] = key;

    if (!repeats) {
        dp_write_text(&state->out, dp_written(&state->out).len == 0 ? "" : ",");
        dp_write_bytes(&state->out, member);
    }
}

void
dp_tracestate_add(dp_tracestate_t *state, dp_slice_t value)
{
    dp_reader_t reader = dp_reader(value);

    while (dp_reader_left(&reader) != 0 && !state->out.failed) {
        const uint8_t *comma = memchr(reader.pos, ',', dp_reader_left(&reader));
        const uint8_t *end = comma == NULL ? reader.end : comma;
        dp_slice_t     text = dp_slice(reader.pos, (size_t) (end - reader.pos));
        dp_slice_t     member = dp_header_value_trim(text);

        if (member.len != 0) {
            member_add(state, member);
        }

        reader.pos = comma == NULL ? end : comma + 1;
    }
}

dp_slice_t
dp_tracestate_end(const dp_tracestate_t *state)
{
    return state->out.failed ? dp_slice(NULL, 0) : dp_written(&state->out);
}
