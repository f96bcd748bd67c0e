/*
 * Formats: what each accepts, and what looks like it.
 */

#include "dp_format.h"
#include "unit.h"

#include <stdlib.h>

typedef struct {
    dp_format_t format;
    bool        accepted;
    const char *text;
} row_t;

static void
assert_rows(const row_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dp_slice_t copy = unit_copy(dp_slice_text(rows[i].text));

        ck_assert_msg(dp_format_check(rows[i].format, copy) == rows[i].accepted,
                      "%s", rows[i].text);
        free((void *) copy.data);
    }
}

#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof(rows[0]))

START_TEST(a_uuid_is_36_characters)
{
    static const row_t rows[] = {
        {DP_FORMAT_UUID, true, "2eb8aa08-aa98-11ea-b4aa-73b441d16380"},
        {DP_FORMAT_UUID, true, "2EB8AA08-AA98-11EA-B4AA-73B441D16380"},
        {DP_FORMAT_UUID, false, ""},
        {DP_FORMAT_UUID, false, "2eb8aa08-aa98-11ea-b4aa-73b441d1638"},
        {DP_FORMAT_UUID, false, "2eb8aa08-aa98-11ea-b4aa-73b441d163800"},
        {DP_FORMAT_UUID, false, "2eb8aa08aa98-11ea-b4aa73b441d16380----"},
        {DP_FORMAT_UUID, false, "2eb8aa08-aa98-11ea-b4aa-73b441d1638g"},
        {DP_FORMAT_UUID, false, "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}"},
    };

    ASSERT_ROWS(rows);
}
END_TEST

START_TEST(a_date_time_is_RFC_3339s)
{
    static const row_t rows[] = {
        {DP_FORMAT_DATE_TIME, true, "1963-06-19T08:30:06.283185Z"},
        {DP_FORMAT_DATE_TIME, true, "1963-06-19t08:30:06z"},
        {DP_FORMAT_DATE_TIME, true, "1937-01-01T12:00:27.87+00:20"},
        {DP_FORMAT_DATE_TIME, true, "1990-12-31T15:59:50.123-08:00"},
        {DP_FORMAT_DATE_TIME, true, "1998-12-31T23:59:60Z"},
        {DP_FORMAT_DATE_TIME, true, "1998-12-31T15:59:60.123-08:00"},
        {DP_FORMAT_DATE_TIME, true, "1999-01-01T01:29:60+01:30"},
        {DP_FORMAT_DATE_TIME, true, "2000-02-29T00:00:00Z"},
        {DP_FORMAT_DATE_TIME, false, "1900-02-29T00:00:00Z"},
        {DP_FORMAT_DATE_TIME, false, "2027-02-29T00:00:00Z"},
        {DP_FORMAT_DATE_TIME, false, "1998-12-31T22:59:60Z"},
        {DP_FORMAT_DATE_TIME, false, "1998-12-31T23:58:60Z"},
        {DP_FORMAT_DATE_TIME, false, "1998-12-31T23:59:61Z"},
        {DP_FORMAT_DATE_TIME, false, "1990-02-31T15:59:59Z"},
        {DP_FORMAT_DATE_TIME, false, "1990-13-01T15:59:59Z"},
        {DP_FORMAT_DATE_TIME, false, "1990-00-01T15:59:59Z"},
        {DP_FORMAT_DATE_TIME, false, "1990-01-00T15:59:59Z"},
        {DP_FORMAT_DATE_TIME, false, "1990-01-01T24:00:00Z"},
        {DP_FORMAT_DATE_TIME, false, "1990-01-01T00:60:00Z"},
        {DP_FORMAT_DATE_TIME, false, "1990-12-31T15:59:59-24:00"},
        {DP_FORMAT_DATE_TIME, false, "1990-12-31T15:59:59+00:60"},
        {DP_FORMAT_DATE_TIME, false, "1963-06-19T08:30:06"},
        {DP_FORMAT_DATE_TIME, false, "1963-06-19T08:30:06.Z"},
        {DP_FORMAT_DATE_TIME, false, "1963-06-19 08:30:06Z"},
        {DP_FORMAT_DATE_TIME, false, "1963-06-19T08:30:06Z "},
        {DP_FORMAT_DATE_TIME, false, "1963-6-19T08:30:06Z"},
        {DP_FORMAT_DATE_TIME, false, "+11963-06-19T08:30:06Z"},
        {DP_FORMAT_DATE_TIME, false, "1963-06-1\xe0\xa7\xaaT00:00:00Z"},
        {DP_FORMAT_DATE_TIME, false, ""},
    };

    ASSERT_ROWS(rows);
}
END_TEST

START_TEST(an_email_address_has_a_dot_string_and_a_domain)
{
    static const row_t rows[] = {
        {DP_FORMAT_EMAIL, true, "joe.bloggs@example.com"},
        {DP_FORMAT_EMAIL, true, "te~st+tag@example.co.uk"},
        {DP_FORMAT_EMAIL, true, "a@b"},
        {DP_FORMAT_EMAIL, true, "a@xn--bcher-kva.example"},
        {DP_FORMAT_EMAIL, false, "2962"},
        {DP_FORMAT_EMAIL, false, "@example.com"},
        {DP_FORMAT_EMAIL, false, "joe@"},
        {DP_FORMAT_EMAIL, false, ".test@example.com"},
        {DP_FORMAT_EMAIL, false, "test.@example.com"},
        {DP_FORMAT_EMAIL, false, "te..st@example.com"},
        {DP_FORMAT_EMAIL, false, "joe@-example.com"},
        {DP_FORMAT_EMAIL, false, "joe@example-.com"},
        {DP_FORMAT_EMAIL, false, "joe@example..com"},
        {DP_FORMAT_EMAIL, false, "joe@example.com."},
        {DP_FORMAT_EMAIL, false, "joe bloggs@example.com"},
        {DP_FORMAT_EMAIL, false, "joe@exam_ple.com"},
        {DP_FORMAT_EMAIL, false, "a@b@example.com"},
        {DP_FORMAT_EMAIL, false, "a@example.com\n"},
        {DP_FORMAT_EMAIL, false,
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b"},
    };

    ASSERT_ROWS(rows);
}
END_TEST

START_TEST(a_uri_has_a_scheme)
{
    static const row_t rows[] = {
        {DP_FORMAT_URI, true, "http://foo.bar/?baz=qux#quux"},
        {DP_FORMAT_URI, true, "http://foo.bar/?q=Test%20URL-encoded%20stuff"},
        {DP_FORMAT_URI, true, "http://user:pass@[2001:db8::7]:8080/a"},
        {DP_FORMAT_URI, true, "ftp://ftp.is.co.za/rfc/rfc1808.txt"},
        {DP_FORMAT_URI, true, "mailto:John.Doe@example.com"},
        {DP_FORMAT_URI, true, "urn:oasis:names:specification:docbook:dtd"},
        {DP_FORMAT_URI, true, "tel:+1-816-555-1212"},
        {DP_FORMAT_URI, true, "a:"},
        {DP_FORMAT_URI, false, "//foo.bar/?baz=qux"},
        {DP_FORMAT_URI, false, "/abc"},
        {DP_FORMAT_URI, false, "\\\\WINDOWS\\fileshare"},
        {DP_FORMAT_URI, false, "abc"},
        {DP_FORMAT_URI, false, "http:// shouldfail.com"},
        {DP_FORMAT_URI, false, ":// should fail"},
        {DP_FORMAT_URI, false, "1http://a"},
        {DP_FORMAT_URI, false, "bar,baz://foo"},
        {DP_FORMAT_URI, false, "http://a/%2"},
        {DP_FORMAT_URI, false, "http://a/%"},
        {DP_FORMAT_URI, false, "http://a/%zz"},
        {DP_FORMAT_URI, false, "http://a/[b]"},
        {DP_FORMAT_URI, false, "http://a/#b#c"},
        {DP_FORMAT_URI, false, "http://a/\xc3\xa9"},
        {DP_FORMAT_URI, false, "https://a/<b>"},
        {DP_FORMAT_URI, false, ""},
    };

    ASSERT_ROWS(rows);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("format", a_uuid_is_36_characters, a_date_time_is_RFC_3339s,
                    an_email_address_has_a_dot_string_and_a_domain,
                    a_uri_has_a_scheme);
}
