/*
 * Settings: precedence, the file's syntax, what each type refuses and says,
 * and the documents made from the table.
 */

#include "log.h"
#include "settings_table.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char file_path[64];

/* The machine's environment and the last test's are not ours. */
static void
clear_environment(void)
{
    for (size_t i = 0; i < DP_SETTING_COUNT; i++) {
        unsetenv(dp_setting_rows[i].environment);
    }
}

static const char *
file_with(const char *text)
{
    int fd;

    snprintf(file_path, sizeof(file_path), "/tmp/worker_settings.XXXXXX");
    fd = mkstemp(file_path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t) strlen(text));
    close(fd);

    return file_path;
}

/* Loads what must be right. */
static dp_settings_t *
load(const char *path)
{
    dp_settings_error_t error = {""};
    dp_settings_t      *settings = dp_settings_load(path, &error);

    ck_assert_msg(settings != NULL, "%s", error.text);
    return settings;
}

/* Loads what must be wrong, and looks for parts of the sentence. */
static void
assert_refused(const char *path, const char *first, const char *second)
{
    dp_settings_error_t error = {""};

    ck_assert_ptr_null(dp_settings_load(path, &error));
    ck_assert_msg(strstr(error.text, first) != NULL
                      && strstr(error.text, second) != NULL,
                  "\"%s\" lacks \"%s\" or \"%s\"", error.text, first, second);
}

START_TEST(defaults_are_valid)
{
    dp_settings_t *settings;

    clear_environment();
    settings = load(NULL);

    ck_assert_uint_eq(settings->transaction_threads, 16);
    ck_assert_uint_eq(settings->drain_timeout_us, 10000000);
    ck_assert_uint_eq(settings->max_message_bytes, 2 << 20);
    ck_assert_uint_eq(settings->app_env, DP_ENV_PRODUCTION);
    ck_assert_uint_eq(settings->log_level, DP_LOG_INFO);
    ck_assert_str_eq(settings->log_file, "stderr");

    dp_settings_destroy(settings);
}
END_TEST

START_TEST(the_environment_wins_over_the_file_over_the_default)
{
    dp_settings_t *settings;

    clear_environment();
    setenv("DEVPILOT_QUEUE_DEPTH", "3", 1);
    settings = load(file_with("queue_depth = 2\n"
                              "transaction_threads = 2\n"));

    ck_assert_uint_eq(settings->queue_depth, 3);
    ck_assert_uint_eq(settings->transaction_threads, 2);
    ck_assert_uint_eq(settings->drain_timeout_us, 10000000);

    dp_settings_destroy(settings);
    unlink(file_path);
}
END_TEST

START_TEST(the_file_has_comments_blanks_and_long_values)
{
    dp_settings_t *settings;

    clear_environment();
    settings = load(file_with("# comment\n"
                              "\n"
                              "  database =  host=/x password='a # b = c'  \r\n"
                              "  # another\n"
                              "drain_timeout=250ms"));

    ck_assert_str_eq(settings->database, "host=/x password='a # b = c'");
    ck_assert_uint_eq(settings->drain_timeout_us, 250000);

    dp_settings_destroy(settings);
    unlink(file_path);
}
END_TEST

static const struct {
    const char *text;
    const char *says;
    const char *and_says;
} bad_files[] = {
    {"queue_depth\n", ":1: ", "expected name = value"},
    {"\nqueue_dept = 1\n", ":2: ", "no setting \"queue_dept\""},
    {"queue_depth = 1\nqueue_depth = 2\n", ":2: ", "second value"},
    {"queue_depth = 0\n", "queue_depth cannot be \"0\"", "from 1 to 65536"},
};

START_TEST(bad_lines)
{
    for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
        clear_environment();
        assert_refused(file_with(bad_files[i].text), bad_files[i].says,
                       bad_files[i].and_says);
        unlink(file_path);
    }

    assert_refused("/nonexistent", "/nonexistent", "cannot be opened");
}
END_TEST

static const struct {
    const char *variable;
    const char *good;
    const char *bad;
    const char *allowed;
} values[] = {
    {"DEVPILOT_QUEUE_DEPTH", "1", "-1", "a number from 1 to 65536"},
    {"DEVPILOT_QUEUE_DEPTH", "65536", "65537", "a number from 1 to 65536"},
    {"DEVPILOT_QUEUE_DEPTH", "7", "7k", "a number"},
    {"DEVPILOT_QUEUE_DEPTH", "007", "99999999999999999999", "a number"},
    {"DEVPILOT_DRAIN_TIMEOUT", "10m", "11m", "from 0ms to 10m"},
    {"DEVPILOT_DRAIN_TIMEOUT", "10s", "10", "(ms, s, m, h)"},
    {"DEVPILOT_DRAIN_TIMEOUT", "1ms", "1 s", "a duration"},
    {"DEVPILOT_MAX_MESSAGE_BYTES", "4k", "4095", "from 4k to 64m"},
    {"DEVPILOT_MAX_MESSAGE_BYTES", "1m", "1g", "a size"},
    {"DEVPILOT_LOG_FILE", "/x", "x", "an absolute path or stderr"},
    {"DEVPILOT_LOG_FILE", "stderr", "", "an absolute path or stderr"},
    {"DEVPILOT_LOG_LEVEL", "critical", "crit", "one of debug info"},
    {"APP_ENV", "local", "prod", "one of local development"},
    {"DEVPILOT_ENDPOINT", "ipc:///x", "ipc://x", "ipc:///path"},
    {"DEVPILOT_ENDPOINT", "ipc:///x", "ipc:///", "ipc:///path"},
    {"DEVPILOT_ENDPOINT", "tcp://127.0.0.1:1", "tcp://127.0.0.1", "a port"},
    {"DEVPILOT_ENDPOINT", "tcp://[::1]:1", "tcp://*:1", "127.0.0.1"},
    {"DEVPILOT_ENDPOINT", "tcp://localhost:1", "tcp://10.0.0.1:1", "localhost"},
    {"DEVPILOT_DATABASE", "dbname=x", "", "from 1 to 2048"},
};

START_TEST(a_bad_value_is_named_with_what_is_allowed)
{
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        clear_environment();
        setenv(values[i].variable, values[i].good, 1);
        dp_settings_destroy(load(NULL));

        setenv(values[i].variable, values[i].bad, 1);
        assert_refused(NULL, values[i].variable, values[i].allowed);
    }
}
END_TEST

START_TEST(a_socket_path_has_107_bytes_at_most)
{
    char endpoint[200] = "ipc:///";

    clear_environment();
    memset(endpoint + 7, 'x', 106);
    setenv("DEVPILOT_ENDPOINT", endpoint, 1);
    dp_settings_destroy(load(NULL));

    endpoint[7 + 106] = 'x';
    setenv("DEVPILOT_ENDPOINT", endpoint, 1);
    assert_refused(NULL, "DEVPILOT_ENDPOINT", "107 bytes");
}
END_TEST

START_TEST(SEC_10_a_secret_is_not_shown)
{
    dp_settings_error_t error = {""};
    char                key[100] = "";

    memset(key, 'k', sizeof(key) - 1);
    clear_environment();
    setenv("CM_ENC_MASTER_V1", key, 1);

    ck_assert_ptr_null(dp_settings_load(NULL, &error));
    ck_assert_ptr_null(strstr(error.text, "kkk"));
    ck_assert_ptr_nonnull(strstr(error.text, "CM_ENC_MASTER_V1"));
}
END_TEST

START_TEST(production_refuses_debug)
{
    clear_environment();
    setenv("DEVPILOT_LOG_LEVEL", "debug", 1);
    assert_refused(NULL, "log_level", "production");

    setenv("APP_ENV", "local", 1);
    dp_settings_destroy(load(NULL));
}
END_TEST

START_TEST(a_reload_takes_what_is_reloadable_and_names_the_rest)
{
    dp_settings_error_t error;
    dp_settings_t      *settings;
    char                restart[256];

    clear_environment();
    settings = load(NULL);
    setenv("DEVPILOT_DRAIN_TIMEOUT", "1s", 1);
    setenv("DEVPILOT_LOG_FILE", "/x", 1);
    setenv("DEVPILOT_QUEUE_DEPTH", "5", 1);
    setenv("DEVPILOT_ENDPOINT", "ipc:///x", 1);

    ck_assert(dp_settings_reload(settings, NULL, restart, sizeof(restart),
                                 &error));
    ck_assert_str_eq(restart, "endpoint queue_depth");
    ck_assert_uint_eq(settings->drain_timeout_us, 1000000);
    ck_assert_str_eq(settings->log_file, "/x");
    ck_assert_uint_eq(settings->queue_depth, 1024);

    dp_settings_destroy(settings);
}
END_TEST

START_TEST(a_bad_reload_changes_nothing)
{
    dp_settings_error_t error;
    dp_settings_t      *settings;
    char                restart[256];

    clear_environment();
    settings = load(NULL);
    setenv("DEVPILOT_DRAIN_TIMEOUT", "1s", 1);
    setenv("DEVPILOT_QUEUE_DEPTH", "x", 1);

    ck_assert(!dp_settings_reload(settings, NULL, restart, sizeof(restart),
                                  &error));
    ck_assert_uint_eq(settings->drain_timeout_us, 10000000);

    dp_settings_destroy(settings);
}
END_TEST

static void
assert_document(void (*print)(FILE *out), const char *path)
{
    dp_slice_t file = unit_file(path);
    char      *text = NULL;
    size_t     len = 0;
    FILE      *out = open_memstream(&text, &len);

    print(out);
    fclose(out);
    ck_assert_msg(dp_slice_equal(file, dp_slice(text, len)),
                  "%s is not what the table says", path);
    free(text);
    free((void *) file.data);
}

START_TEST(documents_are_made_from_the_table)
{
    assert_document(dp_settings_print_reference, "docs/settings.md");
    assert_document(dp_settings_print_example, "conf/devpilot-worker.conf");
}
END_TEST

START_TEST(the_example_with_its_comments_taken_off_is_valid)
{
    dp_slice_t file = unit_file("conf/devpilot-worker.conf");
    char      *text = (char *) file.data;

    for (size_t i = 0; i + 1 < file.len; i++) {
        if (text[i] == '#' && text[i + 1] != ' ') {
            text[i] = ' ';
        }
    }

    text[file.len - 1] = '\0';
    clear_environment();
    dp_settings_destroy(load(file_with(text)));
    unlink(file_path);
    free(text);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker settings", defaults_are_valid,
                    the_environment_wins_over_the_file_over_the_default,
                    the_file_has_comments_blanks_and_long_values, bad_lines,
                    a_bad_value_is_named_with_what_is_allowed,
                    a_socket_path_has_107_bytes_at_most,
                    SEC_10_a_secret_is_not_shown, production_refuses_debug,
                    a_reload_takes_what_is_reloadable_and_names_the_rest,
                    a_bad_reload_changes_nothing,
                    documents_are_made_from_the_table,
                    the_example_with_its_comments_taken_off_is_valid);
}
