/*
 * Mails: what they say, how they are written, and that no value gets out of its
 * place.
 */

#define _GNU_SOURCE /* memmem */

#include "mail/mail_private.h"
#include "unit.h"

static const uint8_t id[16] = {0x11, 0x22, 0x33, 0x44};

static dp_arena_t *arena;

/* The rendered mail, terminated; "" when it was refused. */
static const char *
render(const char *to, const char *subject, const char *text)
{
    dp_message_t message = {
        .id = id,
        .date_us = UINT64_C(1792447938000000),
        .from = DP_SLICE("devpilot@example.com"),
        .to = dp_slice_text(to),
        .subject = dp_slice_text(subject),
        .text = dp_slice_text(text),
    };
    size_t       size = dp_message_size(&message);
    dp_writer_t  out = dp_writer(dp_arena_alloc(arena, size), size);

    if (!dp_message_render(&out, &message)) {
        ck_assert_uint_eq(dp_written(&out).len, 0);
        return "";
    }

    ck_assert(!out.failed);

    return (const char *) dp_arena_copy(arena, dp_written(&out)).data;
}

START_TEST(a_plain_mail_is_written_as_it_is)
{
    ck_assert_str_eq(render("ada@example.com", "Hello", "One line\n.\n"),
                     "Date: Mon, 19 Oct 2026 22:12:18 +0000\r\n"
                     "From: DevPilot <devpilot@example.com>\r\n"
                     "To: <ada@example.com>\r\n"
                     "Subject: Hello\r\n"
                     "Message-ID: <11223344-0000-0000-0000-000000000000"
                     "@example.com>\r\n"
                     "Auto-Submitted: auto-generated\r\n"
                     "MIME-Version: 1.0\r\n"
                     "Content-Type: text/plain; charset=utf-8\r\n"
                     "Content-Transfer-Encoding: 7bit\r\n"
                     "\r\n"
                     "One line\r\n.\r\n");
}
END_TEST

START_TEST(no_address_makes_a_header)
{
    static const char *const addresses[] = {
        "", "@", "a@", "@b", "ada", "a@b@c", "a b@c", "a@b\r\nBcc: x@y",
        "a@b\n", "a@b>", "<a@b", "a,b@c", "\"a\"@b", "a@b\x01", "\xc3\xa4@b",
    };

    for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
        ck_assert_str_eq(render(addresses[i], "s", "t"), "");
    }

    ck_assert_str_ne(render("o'neil+x=1@sub.example.com", "s", "t"), "");
}
END_TEST

START_TEST(no_subject_makes_a_header)
{
    const char *mail = render("a@b", "Hi\r\nBcc: x@y", "t");

    ck_assert_ptr_null(strstr(mail, "Bcc"));
    ck_assert_ptr_nonnull(strstr(mail, "\r\nSubject: =?UTF-8?B?"));
}
END_TEST

START_TEST(a_subject_in_UTF_8_is_encoded_words)
{
    /* 23 of two bytes: a word ends before the last one, not within it */
    const char *mail = render("a@b", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                                     "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                                     "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                                     "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                                     "\xc3\xa4\xc3\xa4\xc3\xa4", "t");

    ck_assert_ptr_nonnull(strstr(mail, "?=\r\n =?UTF-8?B?w6Q=?=\r\n"));
}
END_TEST

START_TEST(a_text_in_UTF_8_is_quoted_printable)
{
    const char *mail = render("a@b", "s", "caf\xc3\xa9 = 1 \nx\n");

    ck_assert_ptr_nonnull(strstr(mail, "quoted-printable\r\n"));
    ck_assert_ptr_nonnull(strstr(mail, "\r\n\r\ncaf=C3=A9 =3D 1=20\r\nx\r\n"));
}
END_TEST

START_TEST(a_long_line_is_broken)
{
    char        text[3001];
    const char *mail;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    mail = render("a@b", "s", text);

    for (const char *line = mail; line != NULL;
         line = strstr(line, "\r\n") == NULL ? NULL : strstr(line, "\r\n") + 2) {
        ck_assert_uint_le(strcspn(line, "\r"), 76);
    }
}
END_TEST

/* --- templates -------------------------------------------------------------- */

#define TOKEN "dpo_0123456789012345678901234567890123456789abc"

START_TEST(every_mail_can_be_filled_in)
{
    dp_mail_values_t values = DP_MAIL_VALUES(
        {DP_SLICE("token"), DP_SLICE(TOKEN)},
        {DP_SLICE("time"), DP_SLICE("2026-11-20T10:00:00Z")},
        {DP_SLICE("left"), DP_SLICE("9")},
        {DP_SLICE("organization"), DP_SLICE("Example Ltd")},
        {DP_SLICE("public_url"), DP_SLICE("https://devpilot.example.com")});

    for (size_t i = 0; i < DP_MAIL_TEMPLATES; i++) {
        dp_slice_t text;

        ck_assert(dp_template_fill(&text, arena, dp_mail_rows[i].subject,
                                   values));
        ck_assert(dp_template_fill(&text, arena, dp_mail_rows[i].text, values));
        ck_assert_ptr_null(memchr(text.data, '{', text.len));
        ck_assert_uint_eq(text.data[text.len - 1], '\n');
        ck_assert_ptr_eq(dp_mail_row_find(dp_slice_text(dp_mail_rows[i].name)),
                         &dp_mail_rows[i]);
    }
}
END_TEST

START_TEST(a_value_is_not_filled_in_itself)
{
    dp_mail_value_t  value = {DP_SLICE("token"), DP_SLICE("{token}{x}")};
    dp_mail_values_t values = {&value, 1};
    dp_slice_t       text;

    ck_assert(dp_template_fill(&text, arena, "a {token} b", values));
    ck_assert(dp_slice_equal(text, DP_SLICE("a {token}{x} b")));
    ck_assert(!dp_template_fill(&text, arena, "{other}", values));
}
END_TEST

/* --- payloads --------------------------------------------------------------- */

START_TEST(a_payload_becomes_a_mail)
{
    dp_mail_letter_t letter;

    ck_assert(dp_mail_letter_read(
        &letter, arena,
        DP_SLICE("{\"template\":\"reset_password\",\"to\":\"a\\u0040b\","
                 "\"values\":{\"token\":\"" TOKEN "\"}}")));
    ck_assert_ptr_eq(letter.row, &dp_mail_rows[DP_MAIL_RESET_PASSWORD]);
    ck_assert(dp_slice_equal(letter.to, DP_SLICE("a@b")));
    ck_assert_uint_eq(letter.values.count, 1);
    ck_assert(dp_slice_equal(letter.values.items[0].value, DP_SLICE(TOKEN)));
}
END_TEST

START_TEST(what_is_no_payload_is_none)
{
    static const char *const payloads[] = {
        "", "[]", "{}", "{\"template\":\"none\",\"to\":\"a@b\",\"values\":{}}",
        "{\"template\":\"reset_password\",\"to\":\"a@b\",\"values\":[]}",
        "{\"template\":7,\"to\":\"a@b\",\"values\":{}}",
    };

    for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads); i++) {
        dp_mail_letter_t letter;

        ck_assert(!dp_mail_letter_read(&letter, arena,
                                       dp_slice_text(payloads[i])));
    }
}
END_TEST

int
main(void)
{
    int failed;

    arena = dp_arena_create();
    failed = UNIT_RUN("mail", a_plain_mail_is_written_as_it_is,
                      no_address_makes_a_header, no_subject_makes_a_header,
                      a_subject_in_UTF_8_is_encoded_words,
                      a_text_in_UTF_8_is_quoted_printable,
                      a_long_line_is_broken, every_mail_can_be_filled_in,
                      a_value_is_not_filled_in_itself, a_payload_becomes_a_mail,
                      what_is_no_payload_is_none);
    dp_arena_destroy(arena);

    return failed;
}
