/*
 * The table of settings, and how each type's value is written.
 *
 * A type is one row of `types`: how a text becomes the member, and the words
 * that say what is allowed.  Nothing here knows where a text came from.
 */

#include "settings_table.h"

#include "dp_kill_switch.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define DP_SETTING(member, TYPE, type, ...) \
    [DP_SETTING_ROW_##member] = {    \
        DP_SETTING_##TYPE,           \
        .offset = offsetof(dp_settings_t, member), __VA_ARGS__},

const dp_setting_row_t dp_setting_rows[DP_SETTING_COUNT] = {
#include "settings.def"
};

/* What a member holds. */
typedef union {
    uint64_t    number;
    const char *text;
} value_t;

typedef struct {
    const char *suffix;
    uint64_t    factor;
} unit_t;

static const unit_t no_unit[] = {{"", 1}, {NULL, 0}};

static const unit_t duration_units[] = {
    {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000},
    {NULL, 0},
};

static const unit_t byte_units[] = {
    {"", 1}, {"k", 1 << 10}, {"m", 1 << 20}, {NULL, 0},
};

/* Digits and one of `units`, within the row's bounds. */
static bool
quantity_parse(const dp_setting_row_t *row, const unit_t *units,
               const char *text, value_t *value)
{
    char    *suffix;
    uint64_t number;
    uint64_t product;

    if (!isdigit((unsigned char) text[0]) || strspn(text, "0123456789") > 12) {
        return false;
    }

    number = strtoull(text, &suffix, 10);

    while (units->suffix != NULL && strcmp(units->suffix, suffix) != 0) {
        units++;
    }

    if (units->suffix == NULL
        || __builtin_mul_overflow(number, units->factor, &product)
        || product < row->low || product > row->high) {
        return false;
    }

    value->number = product;
    return true;
}

/* In the largest unit that divides it. */
static void
quantity_format(const unit_t *units, uint64_t value, char *text,
                size_t capacity)
{
    const unit_t *best = units;

    for (const unit_t *unit = units; unit->suffix != NULL; unit++) {
        if (value != 0 && value % unit->factor == 0) {
            best = unit;
        }
    }

    snprintf(text, capacity, "%llu%s",
             (unsigned long long) (value / best->factor), best->suffix);
}

static void
quantity_allowed(const dp_setting_row_t *row, const unit_t *units,
                 const char *what, char *text, size_t capacity)
{
    char low[32], high[32];

    quantity_format(units, row->low, low, sizeof(low));
    quantity_format(units, row->high, high, sizeof(high));
    snprintf(text, capacity, "%s from %s to %s", what, low, high);
}

static bool
number_parse(const dp_setting_row_t *row, const char *text, value_t *value)
{
    return quantity_parse(row, no_unit, text, value);
}

static void
number_allowed(const dp_setting_row_t *row, char *text, size_t capacity)
{
    quantity_allowed(row, no_unit, "a number", text, capacity);
}

static bool
duration_parse(const dp_setting_row_t *row, const char *text, value_t *value)
{
    return quantity_parse(row, duration_units, text, value);
}

static void
duration_allowed(const dp_setting_row_t *row, char *text, size_t capacity)
{
    quantity_allowed(row, duration_units, "a duration (ms, s, m, h)", text,
                     capacity);
}

static bool
bytes_parse(const dp_setting_row_t *row, const char *text, value_t *value)
{
    return quantity_parse(row, byte_units, text, value);
}

static void
bytes_allowed(const dp_setting_row_t *row, char *text, size_t capacity)
{
    quantity_allowed(row, byte_units, "a size (k, m)", text, capacity);
}

/* The index of `text` among the row's choices, or -1. */
static int
choice_find(const dp_setting_row_t *row, const char *text)
{
    const char *word = row->choices == NULL ? "" : row->choices;
    size_t      len = strlen(text);

    for (int index = 0; *word != '\0'; index++) {
        size_t word_len = strcspn(word, " ");

        if (word_len == len && memcmp(word, text, len) == 0) {
            return index;
        }

        word += word_len;
        word += strspn(word, " ");
    }

    return -1;
}

static bool
choice_parse(const dp_setting_row_t *row, const char *text, value_t *value)
{
    int index = choice_find(row, text);

    if (index < 0) {
        return false;
    }

    value->number = (uint64_t) index;
    return true;
}

static void
choice_allowed(const dp_setting_row_t *row, char *text, size_t capacity)
{
    snprintf(text, capacity, "one of %s", row->choices);
}

static bool
text_parse(const dp_setting_row_t *row, const char *text, value_t *value)
{
    size_t len = strlen(text);

    value->text = text;
    return len >= row->low && len <= row->high;
}

static void
text_allowed(const dp_setting_row_t *row, char *text, size_t capacity)
{
    quantity_allowed(row, no_unit, "a text with a length", text, capacity);
}

static bool
path_parse(const dp_setting_row_t *row, const char *text, value_t *value)
{
    value->text = text;
    return text[0] == '/' || choice_find(row, text) >= 0;
}

static void
path_allowed(const dp_setting_row_t *row, char *text, size_t capacity)
{
    snprintf(text, capacity, "an absolute path%s%s",
             row->choices == NULL ? "" : " or ",
             row->choices == NULL ? "" : row->choices);
}

/* Whoever can connect can forge a principal: no address beyond this host. */
static bool
tcp_is_loopback(const char *address)
{
    static const char *const hosts[] = {"127.0.0.1:", "[::1]:", "localhost:"};

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        size_t      len = strlen(hosts[i]);
        const char *port = address + len;

        if (strncmp(address, hosts[i], len) == 0) {
            return *port != '\0' && strlen(port) <= 5
                   && port[strspn(port, "0123456789")] == '\0';
        }
    }

    return false;
}

static bool
endpoint_parse(const dp_setting_row_t *row, const char *text, value_t *value)
{
    (void) row;
    value->text = text;

    if (strncmp(text, "ipc:///", 7) == 0) {
        return text[7] != '\0'
               && strlen(text + 6) < sizeof(((struct sockaddr_un *) 0)->sun_path);
    }

    return strncmp(text, "tcp://", 6) == 0 && tcp_is_loopback(text + 6);
}

static void
endpoint_allowed(const dp_setting_row_t *row, char *text, size_t capacity)
{
    (void) row;
    snprintf(text, capacity,
             "ipc:///path of at most 107 bytes, or tcp:// with 127.0.0.1, "
             "[::1] or localhost and a port");
}

static bool
switches_parse(const dp_setting_row_t *row, const char *text, value_t *value)
{
    uint32_t   switches;
    dp_slice_t unknown;

    (void) row;

    if (!dp_kill_switch_list(dp_slice_text(text), &switches, &unknown)) {
        return false;
    }

    value->number = switches;
    return true;
}

static void
switches_allowed(const dp_setting_row_t *row, char *text, size_t capacity)
{
    (void) row;
    snprintf(text, capacity, "names separated by commas, of %s",
             DP_KILL_SWITCH_NAMES);
}

static const struct {
    bool (*parse)(const dp_setting_row_t *row, const char *text, value_t *value);
    void (*allowed)(const dp_setting_row_t *row, char *text, size_t capacity);
} types[] = {
    [DP_SETTING_TEXT] = {text_parse, text_allowed},
    [DP_SETTING_PATH] = {path_parse, path_allowed},
    [DP_SETTING_ENDPOINT] = {endpoint_parse, endpoint_allowed},
    [DP_SETTING_NUMBER] = {number_parse, number_allowed},
    [DP_SETTING_DURATION] = {duration_parse, duration_allowed},
    [DP_SETTING_BYTES] = {bytes_parse, bytes_allowed},
    [DP_SETTING_CHOICE] = {choice_parse, choice_allowed},
    [DP_SETTING_SWITCHES] = {switches_parse, switches_allowed},
};

bool
dp_setting_assign(dp_settings_t *settings, const dp_setting_row_t *row,
                  const char *text)
{
    size_t   index = (size_t) (row - dp_setting_rows);
    char    *copy = strdup(text);
    value_t  value;

    _Static_assert(sizeof(value) == sizeof(char *), "every member is as wide");

    if (copy == NULL || !types[row->type].parse(row, copy, &value)) {
        free(copy);
        return false;
    }

    memcpy((char *) settings + row->offset, &value, sizeof(value));
    free(settings->texts[index]);
    settings->texts[index] = copy;

    return true;
}

void
dp_setting_allowed(const dp_setting_row_t *row, char *text, size_t capacity)
{
    types[row->type].allowed(row, text, capacity);
}

const dp_setting_row_t *
dp_setting_find(const char *name)
{
    for (size_t i = 0; i < DP_SETTING_COUNT; i++) {
        if (strcmp(dp_setting_rows[i].name, name) == 0) {
            return &dp_setting_rows[i];
        }
    }

    return NULL;
}
