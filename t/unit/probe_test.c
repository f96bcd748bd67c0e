/*
 * Probe patterns: the file's form, what is found, and that nothing takes long.
 */

#include "dp_probe.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static bool
probe_open(dp_probe_t *probe, const char *file, dp_probe_fault_t *fault)
{
    dp_slice_t  bytes = unit_copy(dp_slice_text(file));
    size_t      size = dp_probe_text_size(bytes);
    uint8_t    *buffer = malloc(size);
    dp_writer_t text = dp_writer(buffer, size);
    bool        opened = dp_probe_open(probe, bytes, &text, fault);

    free(buffer);
    free((void *) bytes.data);

    return opened;
}

static bool
finds(const dp_probe_t *probe, const char *path)
{
    return dp_probe_match(probe, dp_slice_text(path));
}

START_TEST(ABU_03_a_pattern_per_line)
{
    dp_probe_t       probe;
    dp_probe_fault_t fault;

    ck_assert(probe_open(&probe, "# not this\n\n/wp-admin\r\n\\.env$\na|b",
                         &fault));
    ck_assert_uint_eq(probe.count, 3);
    ck_assert(finds(&probe, "/WP-Admin/x"));
    ck_assert(finds(&probe, "/.env"));
    ck_assert(finds(&probe, "/b"));
    ck_assert(!finds(&probe, "/.env/x"));
    ck_assert(!finds(&probe, "/not this"));
    ck_assert(!finds(&probe, ""));
    dp_probe_close(&probe);
    ck_assert(!finds(&probe, "/wp-admin"));
}
END_TEST

START_TEST(a_file_without_a_pattern_finds_nothing)
{
    dp_probe_t       probe;
    dp_probe_fault_t fault;

    ck_assert(probe_open(&probe, "", &fault));
    ck_assert(!finds(&probe, "/"));
    ck_assert(probe_open(&probe, "#\n", &fault));
    ck_assert(!finds(&probe, "/"));
}
END_TEST

START_TEST(a_fault_has_a_line)
{
    dp_probe_t       probe;
    dp_probe_fault_t fault;

    ck_assert(!probe_open(&probe, "# x\na\nb)|(c\n", &fault));
    ck_assert_uint_eq(fault.line, 3);
    ck_assert(fault.message[0] != '\0');
    ck_assert(!probe_open(&probe, "(", &fault));
    ck_assert_uint_eq(fault.line, 1);
}
END_TEST

START_TEST(ABU_03_no_line_reaches_into_another)
{
    static const char *const reaching[] = {
        "a\\1", "(a)|\\2", "\\Qa", "(?x)a#", "(?#", "(*UTF)a", "(*ANYCRLF)a",
        "(?<name>a)\\k<name>", "a)|(?:b", "(?R)?a\\", "[a",
    };
    dp_probe_t       probe;
    dp_probe_fault_t fault;
    char             file[64];

    for (size_t i = 0; i < sizeof(reaching) / sizeof(reaching[0]); i++) {
        (void) snprintf(file, sizeof(file), "(b)\n%s\n(c)]\\E\n", reaching[i]);
        ck_assert_msg(!probe_open(&probe, file, &fault), "%s", reaching[i]);
        ck_assert_msg(fault.line == 2, "%s: %u", reaching[i], fault.line);
        ck_assert(fault.message[0] != '\0');
    }

    ck_assert(probe_open(&probe, "(a|b)c\n\\(*x\n(?i-i)D", &fault));
    ck_assert(finds(&probe, "/bc"));
    ck_assert(finds(&probe, "/((x"));
    ck_assert(!finds(&probe, "/d"));
    dp_probe_close(&probe);
}
END_TEST

START_TEST(what_takes_too_long_counts_as_found)
{
    dp_probe_t       probe;
    dp_probe_fault_t fault;
    char             path[2000];

    ck_assert(probe_open(&probe, "^/(?:a|aa)+$", &fault));
    ck_assert(!finds(&probe, "/aab"));
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[100] = 'b';

    ck_assert(dp_probe_match(&probe, dp_slice(path, sizeof(path))));
    dp_probe_close(&probe);
}
END_TEST

START_TEST(any_bytes_are_a_path)
{
    dp_probe_t       probe;
    dp_probe_fault_t fault;
    const uint8_t    bytes[] = {'/', 0xff, 0, '.', 'e', 'n', 'v', 0xc3};
    dp_slice_t       path = unit_copy(dp_slice(bytes, sizeof(bytes)));

    ck_assert(probe_open(&probe, "\\x00\\.env", &fault));
    ck_assert(dp_probe_match(&probe, path));
    dp_probe_close(&probe);
    free((void *) path.data);
}
END_TEST

/* Those that an API of ours is asked for, or may be by mistake. */
START_TEST(ABU_03_the_shipped_patterns_find_no_honest_path)
{
    static const char *const honest[] = {
        "/", "/favicon.ico", "/robots.txt", "/apple-touch-icon.png", "/health",
        "/health/ready", "/metrics", "/errors/RESOURCE_NOT_FOUND", "/projects",
        "/project", "/projects/123", "/api/v1/projects", "/docs",
        "/projects/8d2a1c90-1111-4222-8333-444455556666/environments",
        "/openapi.json", "/.well-known/security.txt", "/auth/login",
        "/org/members", "/me", "/webhooks/stripe", "/chat/sessions",
        "/specs/1", "/billing/invoices", "/sitemap.xml",
    };
    static const char *const probing[] = {
        "/.env", "/.git/config", "/wp-login.php", "/phpmyadmin/index.php",
        "/../../etc/passwd", "/backup.sql", "/id_rsa", "/web.config",
        "/actuator/env", "/cgi-bin/luci", "/.DS_Store", "/vendor/phpunit/x",
    };
    dp_probe_t       probe;
    dp_probe_fault_t fault;
    dp_slice_t       file = unit_file("conf/devpilot-probes");
    char            *text = strndup((const char *) file.data, file.len);

    ck_assert_msg(probe_open(&probe, text, &fault), "line %u: %s", fault.line,
                  fault.message);

    for (size_t i = 0; i < sizeof(honest) / sizeof(honest[0]); i++) {
        ck_assert_msg(!finds(&probe, honest[i]), "%s", honest[i]);
    }

    for (size_t i = 0; i < sizeof(probing) / sizeof(probing[0]); i++) {
        ck_assert_msg(finds(&probe, probing[i]), "%s", probing[i]);
    }

    dp_probe_close(&probe);
    free(text);
    free((void *) file.data);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("probe", ABU_03_a_pattern_per_line,
                    ABU_03_the_shipped_patterns_find_no_honest_path,
                    a_file_without_a_pattern_finds_nothing, a_fault_has_a_line,
                    ABU_03_no_line_reaches_into_another,
                    what_takes_too_long_counts_as_found, any_bytes_are_a_path);
}
