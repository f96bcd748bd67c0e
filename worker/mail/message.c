/*
 * Headers by hand, the text in one of two encodings.
 */

#include "message.h"

#include "dp_id.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <time.h>

#define LINE_MAX_7BIT 998 /* RFC 5322, 2.1.1 */
#define LINE_MAX_QP 76    /* RFC 2045, 6.7, with the soft break's "=" */
#define WORD_BYTES 45     /* of an encoded word of 75 characters, RFC 2047, 2 */
#define WORD_TEXT_SIZE (WORD_BYTES / 3 * 4 + 1)
#define HEADERS_SIZE 1024 /* all but addresses and subject */

/* --- addresses -------------------------------------------------------------- */

static bool
is_address_char(uint8_t c)
{
    return c > ' ' && c < 0x7f && memchr("()<>[]\\,;:\"", c, 11) == NULL;
}

bool
dp_address_is_plain(dp_slice_t address)
{
    size_t ats = 0;

    if (address.len < 3 || address.len > DP_ADDRESS_MAX
        || address.data[0] == '@' || address.data[address.len - 1] == '@') {
        return false;
    }

    for (size_t i = 0; i < address.len; i++) {
        if (!is_address_char(address.data[i])) {
            return false;
        }

        ats += address.data[i] == '@';
    }

    return ats == 1;
}

static dp_slice_t
domain_of(dp_slice_t address)
{
    const uint8_t *at = memchr(address.data, '@', address.len);

    return dp_slice(at + 1, (size_t) (dp_slice_end(address) - at - 1));
}

/* --- headers ---------------------------------------------------------------- */

/* Lines of at most `longest` bytes of ASCII that prints. */
static bool
is_plain(dp_slice_t text, size_t longest)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        len = c == '\n' ? 0 : len + 1;

        if ((c != '\n' && (c < ' ' || c > '~')) || len > longest) {
            return false;
        }
    }

    return true;
}

/* As many bytes as fit an encoded word without cutting a character. */
static size_t
word_len(dp_slice_t text)
{
    size_t len = text.len < WORD_BYTES ? text.len : WORD_BYTES;

    while (len < text.len && len > WORD_BYTES - 4
           && (text.data[len] & 0xc0) == 0x80) {
        len--;
    }

    return len;
}

static void
encoded_words_write(dp_writer_t *out, dp_slice_t text)
{
    uint8_t word[WORD_TEXT_SIZE];

    while (text.len != 0) {
        size_t len = word_len(text);
        int    size = EVP_EncodeBlock(word, text.data, (int) len);

        dp_write_text(out, "=?UTF-8?B?");
        dp_write_bytes(out, dp_slice(word, (size_t) size));
        dp_write_text(out, "?=");
        text = dp_slice(text.data + len, text.len - len);
        dp_write_text(out, text.len == 0 ? "" : "\r\n ");
    }
}

static void
subject_write(dp_writer_t *out, dp_slice_t subject)
{
    bool plain = is_plain(subject, LINE_MAX_QP - strlen("Subject: "))
                 && memchr(subject.data, '\n', subject.len) == NULL
                 && memchr(subject.data, '=', subject.len) == NULL;

    dp_write_text(out, "Subject: ");

    if (plain) {
        dp_write_bytes(out, subject);
    } else {
        encoded_words_write(out, subject);
    }

    dp_write_text(out, "\r\n");
}

/* In the names of the C locale, whatever the process's is. */
static void
date_write(dp_writer_t *out, uint64_t date_us)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t            seconds = (time_t) (date_us / 1000000);
    struct tm         date;
    char              text[64];

    gmtime_r(&seconds, &date);
    snprintf(text, sizeof(text),
             "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000\r\n",
             days + 3 * date.tm_wday, date.tm_mday, months + 3 * date.tm_mon,
             date.tm_year + 1900, date.tm_hour, date.tm_min, date.tm_sec);
    dp_write_text(out, text);
}

static void
headers_write(dp_writer_t *out, const dp_message_t *message, bool plain)
{
    char id[DP_ID_TEXT_SIZE + 1] = "";

    dp_id_format(id, message->id);
    date_write(out, message->date_us);
    dp_write_text(out, "From: DevPilot <");
    dp_write_bytes(out, message->from);
    dp_write_text(out, ">\r\nTo: <");
    dp_write_bytes(out, message->to);
    dp_write_text(out, ">\r\n");
    subject_write(out, message->subject);
    dp_write_text(out, "Message-ID: <");
    dp_write_text(out, id);
    dp_write_text(out, "@");
    dp_write_bytes(out, domain_of(message->from));
    dp_write_text(out, ">\r\nAuto-Submitted: auto-generated\r\n"
                       "MIME-Version: 1.0\r\n"
                       "Content-Type: text/plain; charset=utf-8\r\n"
                       "Content-Transfer-Encoding: ");
    dp_write_text(out, plain ? "7bit" : "quoted-printable");
    dp_write_text(out, "\r\n\r\n");
}

/* --- text ------------------------------------------------------------------- */

static void
plain_write(dp_writer_t *out, dp_slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n') {
            dp_write_text(out, "\r\n");
        } else {
            dp_write_u8(out, text.data[i]);
        }
    }
}

/* A blank at the end of a line would be lost on the way. */
static bool
is_kept(dp_slice_t text, size_t i)
{
    uint8_t c = text.data[i];
    bool    last = i + 1 == text.len || text.data[i + 1] == '\n';

    return c >= ' ' && c <= '~' && c != '=' && !(c == ' ' && last);
}

static void
quoted_write(dp_writer_t *out, dp_slice_t text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t            column = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool    kept = is_kept(text, i);
        char    quoted[] = {'=', digits[c >> 4], digits[c & 15], '\0'};

        if (c == '\n') {
            dp_write_text(out, "\r\n");
            column = 0;
            continue;
        }

        if (column + (kept ? 1 : 3) > LINE_MAX_QP - 1) {
            dp_write_text(out, "=\r\n");
            column = 0;
        }

        dp_write_bytes(out, kept ? dp_slice(&c, 1) : dp_slice(quoted, 3));
        column += kept ? 1 : 3;
    }
}

/* --- all of it -------------------------------------------------------------- */

size_t
dp_message_size(const dp_message_t *message)
{
    size_t words = message->subject.len / (WORD_BYTES - 4) + 1;

    return HEADERS_SIZE + 2 * message->from.len + message->to.len
           + words * (LINE_MAX_QP + 3) + 4 * message->text.len;
}

bool
dp_message_render(dp_writer_t *out, const dp_message_t *message)
{
    bool plain = is_plain(message->text, LINE_MAX_7BIT);

    if (!dp_address_is_plain(message->from)
        || !dp_address_is_plain(message->to)) {
        return false;
    }

    headers_write(out, message, plain);

    if (plain) {
        plain_write(out, message->text);
    } else {
        quoted_write(out, message->text);
    }

    return true;
}
