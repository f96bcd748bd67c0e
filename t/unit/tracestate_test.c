/*
 * tracestate: headers that are combined, the grammar of their members, and what
 * becomes of a list that breaks it.
 */

#include "dp_tracestate.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#define Z16 "zzzzzzzzzzzzzzzz"
#define Z64 Z16 Z16 Z16 Z16
#define Z256 Z64 Z64 Z64 Z64

/* The list made of headers, up to NULL; the caller frees data. */
static dp_slice_t
combined(const char *const *headers)
{
    dp_tracestate_t state;
    dp_slice_t      list, copies[8];
    size_t          count = 0;
    size_t          capacity = 0;
    void           *buffer;

    for ( ; headers[count] != NULL; count++) {
        copies[count] = unit_copy(dp_slice_text(headers[count]));
        capacity += copies[count].len + 1;
    }

    buffer = malloc(capacity + 1);
    dp_tracestate_begin(&state, buffer, capacity);

    for (size_t i = 0; i < count; i++) {
        dp_tracestate_add(&state, copies[i]);
    }

    list = unit_copy(dp_tracestate_end(&state));
    free(buffer);

    for (size_t i = 0; i < count; i++) {
        free((void *) copies[i].data);
    }

    return list;
}

static void
combined_is(const char *const *headers, const char *wanted)
{
    dp_slice_t list = combined(headers);

    unit_assert_text(list, wanted);
    free((void *) list.data);
}

START_TEST(OBS_16_a_tracestate_by_the_grammar)
{
    static const struct {
        const char *header;
        const char *list; /* NULL: as it came */
    } rows[] = {
        {"foo=1", NULL},
        {"foo=1,bar=2", NULL},
        {"foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"},
        {"\t foo=1 \t", "foo=1"},
        {",foo=1,, \t,bar=2,", "foo=1,bar=2"},
        {"foo= 1", NULL},
        {"foo=  1 2  ", "foo=  1 2"},
        {"abcdefghijklmnopqrstuvwxyz0123456789_-*/@a-z=1", NULL},
        {"0=1", NULL},
        {"foo@=1,foo@@bar=2,foo@bar@baz=3", NULL},
        {"foo= !\"#$%&'()*+-./0123456789:;<>?@AZ[\\]^_`az{|}~", NULL},
        {Z256 "=" Z256, NULL},
        {"foo=1,foo=1", "foo=1"},
        {"foo=2,bar=3,foo=1", "foo=2,bar=3"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const headers[] = {rows[i].header, NULL};

        combined_is(headers, rows[i].list == NULL ? rows[i].header
                                                  : rows[i].list);
    }
}
END_TEST

START_TEST(OBS_16_a_wrong_member_spoils_the_list)
{
    static const char *const rows[] = {
        "",          " \t",        ",",           ", ,",
        "foo",       "=1",         "foo=",        "foo= ",
        "foo =1",    "FOO=1",      "foo.bar=1",   "@foo=1",
        "_foo=1",    "-foo=1",     "*=1",         "/=1",
        "foo=bar=2", "foo=\x01",   "foo=\x7f",    "foo=\xc3\xa9",
        "f\xc3\xa9=1", "foo=1\t2", "foo;bar=1",   "foo=1;2,\v",
        Z256 "z=1",  "foo=" Z256 "z",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const alone[] = {rows[i], NULL};

        combined_is(alone, "");
    }

    for (size_t i = 4; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const first[] = {rows[i], "bar=2", NULL};
        const char *const last[] = {"bar=2", rows[i], NULL};

        combined_is(first, "");
        combined_is(last, "");
    }
}
END_TEST

START_TEST(OBS_16_a_zero_byte_is_in_no_member)
{
    static const dp_slice_t rows[] = {
        DP_SLICE("f\0o=1"),
        DP_SLICE("\0=1"),
        DP_SLICE("foo=1\0"),
    };
    char buffer[32];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dp_tracestate_t state;

        dp_tracestate_begin(&state, buffer, sizeof(buffer));
        dp_tracestate_add(&state, rows[i]);
        ck_assert_uint_eq(dp_tracestate_end(&state).len, 0);
    }
}
END_TEST

START_TEST(OBS_16_headers_are_combined_in_their_order)
{
    combined_is((const char *const[]) {
        "foo=1,bar=2", "rojo=1,congo=2", "baz=3", NULL,
    }, "foo=1,bar=2,rojo=1,congo=2,baz=3");
    combined_is((const char *const[]) {"foo=1", "", NULL}, "foo=1");
    combined_is((const char *const[]) {"", " , ", "foo=1", NULL}, "foo=1");
    combined_is((const char *const[]) {"foo=2", "bar=1,foo=1", NULL},
                "foo=2,bar=1");
}
END_TEST

/* `count` members with keys of their own, and `more` behind them. */
static const char *
members(size_t count, const char *more)
{
    static char text[1024];
    size_t      len = 0;

    for (size_t i = 0; i < count; i++) {
        len += (size_t) snprintf(text + len, sizeof(text) - len, "%sk%zu=%zu",
                                 i == 0 ? "" : ",", i, i);
    }

    (void) snprintf(text + len, sizeof(text) - len, "%s", more);

    return text;
}

START_TEST(OBS_16_a_list_has_at_most_32_members)
{
    const char *most = members(DP_TRACESTATE_MEMBERS, "");

    combined_is((const char *const[]) {most, NULL}, most);
    combined_is((const char *const[]) {most, ",,", NULL}, most);
    combined_is((const char *const[]) {most, "foo=1", NULL}, "");
    combined_is((const char *const[]) {most, "k0=again", NULL}, "");
    combined_is((const char *const[]) {
        members(DP_TRACESTATE_MEMBERS, ",foo=1"), NULL,
    }, "");
}
END_TEST

START_TEST(OBS_16_a_list_that_has_no_room_is_none)
{
    dp_tracestate_t state;
    char            buffer[8];

    dp_tracestate_begin(&state, buffer, sizeof(buffer));
    dp_tracestate_add(&state, DP_SLICE("foo=1"));
    dp_tracestate_add(&state, DP_SLICE("bar=2"));
    ck_assert_uint_eq(dp_tracestate_end(&state).len, 0);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("tracestate", OBS_16_a_tracestate_by_the_grammar,
                    OBS_16_a_wrong_member_spoils_the_list,
                    OBS_16_a_zero_byte_is_in_no_member,
                    OBS_16_headers_are_combined_in_their_order,
                    OBS_16_a_list_has_at_most_32_members,
                    OBS_16_a_list_that_has_no_room_is_none);
}
