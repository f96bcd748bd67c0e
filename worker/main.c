/*
 * devpilot-worker: the command line.
 *
 * Reads options, settings and keys, says in one sentence what is wrong with
 * them, and runs the service.  Exit codes are those of sysexits.h: 64 for the
 * command line, 78 for the configuration.
 */

#include "audit/checkpoint.h"
#include "config.h"
#include "crypto/ids.h"
#include "crypto/keys.h"
#include "crypto/password.h"
#include "identity/captcha.h"
#include "identity/factor_new.h"
#include "identity/provider_file.h"
#include "log.h"
#include "mail/mail.h"
#include "own_switches.h"
#include "service.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>

#define PROGRAM "devpilot-worker"

typedef enum {
    ACTION_SERVE,
    ACTION_CHECK,
    ACTION_HELP,
    ACTION_VERSION,
    ACTION_EXAMPLE,
    ACTION_REFERENCE,
    ACTION_HASH,
    ACTION_FACTOR,
    ACTION_USAGE,
} action_t;

static const struct option long_options[] = {
    {"check-config", no_argument, NULL, ACTION_CHECK},
    {"help", no_argument, NULL, ACTION_HELP},
    {"version", no_argument, NULL, ACTION_VERSION},
    {"print-example", no_argument, NULL, ACTION_EXAMPLE},
    {"print-reference", no_argument, NULL, ACTION_REFERENCE},
    {"hash-password", no_argument, NULL, ACTION_HASH},
    {"new-factor", no_argument, NULL, ACTION_FACTOR},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: " PROGRAM " [-c FILE] [--check-config]\n"
    "       " PROGRAM " --help | --version | --print-example |"
    " --print-reference\n"
    "       " PROGRAM " [-c FILE] --hash-password | --new-factor\n";

static action_t
parse_options(int argc, char **argv, const char **path)
{
    action_t action = ACTION_SERVE;
    int      option;

    while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
        switch (option) {
        case 'c':
            *path = optarg;
            break;

        case 'h':
            action = ACTION_HELP;
            break;

        case '?':
            return ACTION_USAGE;

        default:
            action = (action_t) option;
        }
    }

    return optind == argc ? action : ACTION_USAGE;
}

static int
print_help(void)
{
    printf("%s\n"
           "  -c FILE            read settings from FILE\n"
           "  --check-config     check the settings and the master key; exit "
           "with 78 when they are wrong\n"
           "  --print-example    print a settings file with every default\n"
           "  --print-reference  print the settings' documentation\n"
           "  --hash-password    read a password from standard input and print "
           "its hash, of the cost that the settings say\n"
           "  --new-factor       print the id of a new second factor, its secret "
           "for the app, and the same sealed for the database\n\n"
           "Settings, each overruled by its variable in the environment:\n\n",
           usage);
    dp_settings_print_help(stdout);

    return EX_OK;
}

/* Where each master key is given. */
typedef struct {
    const char *name; /* of the setting; with "_file" behind it, the other's */
    size_t      text; /* offsets in dp_settings_t */
    size_t      path;
} master_source_t;

static const master_source_t master_sources[DP_MASTER_COUNT] = {
    [DP_MASTER_V1] = {"master_key", offsetof(dp_settings_t, master_key),
                      offsetof(dp_settings_t, master_key_file)},
    [DP_MASTER_V2] = {"master_key_v2", offsetof(dp_settings_t, master_key_v2),
                      offsetof(dp_settings_t, master_key_v2_file)},
};

static const char *const *
source_member(const dp_settings_t *settings, size_t offset)
{
    return (const char *const *) ((const char *) settings + offset);
}

static int
fail_config(const char *text)
{
    fprintf(stderr, PROGRAM ": %s\n", text);

    return EX_CONFIG;
}

/* Which setting it is that gives no key. */
static int
fail_key(const dp_settings_t *settings, dp_master_t master, const char *fault)
{
    const master_source_t *source = &master_sources[master];
    const char            *text = *source_member(settings, source->text);
    const char            *path = *source_member(settings, source->path);
    bool                   in_file = text[0] == '\0';

    fprintf(stderr, PROGRAM ": setting %s%s cannot be \"%s\": %s\n", source->name,
            in_file ? "_file" : "", in_file ? path : "(not shown)", fault);

    return EX_CONFIG;
}

/* Reads the master keys; EX_OK, or says what is wrong. */
static int
load_keys(const dp_settings_t *settings)
{
    for (int i = 0; i < DP_MASTER_COUNT; i++) {
        const char *text = *source_member(settings, master_sources[i].text);
        const char *path = *source_member(settings, master_sources[i].path);
        const char *fault;

        if (text[0] == '\0' && strcmp(path, "none") == 0) {
            continue;
        }

        fault = dp_keys_load((dp_master_t) i, path, text);

        if (fault != NULL) {
            return fail_key(settings, (dp_master_t) i, fault);
        }
    }

    return EX_OK;
}

/* Reads what mails need; EX_OK, or says what is wrong. */
static int
open_mail(const dp_settings_t *settings)
{
    const char *fault = dp_mail_open(settings);

    return fault == NULL ? EX_OK : fail_config(fault);
}

/* EX_OK, or says what is wrong with their file. */
static int
load_identity_providers(const dp_settings_t *settings)
{
    dp_provider_fault_t fault;

    if (!dp_identity_providers_load(settings->identity_providers, &fault)) {
        fprintf(stderr, PROGRAM ": setting identity_providers: %s\n", fault.text);
        return EX_CONFIG;
    }

    return EX_OK;
}

/* libzmq aborts when it cannot accept a connection for want of descriptors. */
static void
raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* A core dump would hold the master key. */
static void
forbid_core(void)
{
    const struct rlimit none = {0, 0};

    (void) setrlimit(RLIMIT_CORE, &none);
    (void) prctl(PR_SET_DUMPABLE, 0);
}

static int
run(dp_settings_t *settings, const char *path)
{
    const char *fault;

    dp_service_observe(settings);

    if (!dp_log_open(settings->log_file)) {
        fprintf(stderr, PROGRAM ": cannot open the log %s: %s\n",
                settings->log_file, strerror(errno));
        return EX_CANTCREAT;
    }

    if (settings->deterministic_test_ids) {
        dp_ids_follow_requests();
    }

    fault = dp_checkpoints_open(settings->audit_origin,
                                settings->audit_checkpoint_file);

    if (fault != NULL) {
        fprintf(stderr, PROGRAM ": setting audit_origin cannot be \"%s\": %s\n",
                settings->audit_origin, fault);
        return EX_CONFIG;
    }

    dp_own_switches_set((uint32_t) settings->kill_switch);
    raise_file_limit();

    return dp_service_run(settings, path);
}

static int
load_and_run(const char *path, bool check_only)
{
    dp_settings_error_t error;
    dp_settings_t      *settings = dp_settings_load(path, &error);
    const char         *fault;
    int                 code;

    if (settings == NULL) {
        return fail_config(error.text);
    }

    if (settings->app_env == DP_ENV_PRODUCTION) {
        forbid_core();
    }

    code = load_keys(settings);

    if (code == EX_OK) {
        code = open_mail(settings);
    }

    if (code == EX_OK) {
        code = load_identity_providers(settings);
    }

    if (code == EX_OK && (fault = dp_captcha_open(settings)) != NULL) {
        code = fail_config(fault);
    }

    if (code == EX_OK && check_only) {
        printf(PROGRAM ": the settings are valid\n");

    } else if (code == EX_OK) {
        code = run(settings, path);
    }

    dp_settings_destroy(settings);

    return code;
}

/* For who makes an account by hand: the line of standard input, hashed. */
static int
hash_password(const char *path)
{
    dp_settings_error_t error;
    dp_settings_t      *settings = dp_settings_load(path, &error);
    dp_arena_t         *arena = dp_arena_create();
    char                line[1024];
    dp_slice_t          hash;
    int                 code = EX_NOINPUT;

    if (settings == NULL) {
        code = fail_config(error.text);

    } else if (fgets(line, sizeof(line), stdin) != NULL
               && dp_password_open((unsigned) settings->password_passes,
                                   settings->password_memory_bytes)) {
        line[strcspn(line, "\n")] = '\0';
        hash = dp_password_hash(arena, dp_slice_text(line));
        printf("%.*s\n", (int) hash.len, hash.data);
        code = EX_OK;
    }

    dp_arena_destroy(arena);
    dp_settings_destroy(settings);

    return code;
}

/* Likewise: a second factor, sealed with the master key. */
static int
new_factor(const char *path)
{
    dp_settings_error_t error;
    dp_settings_t      *settings = dp_settings_load(path, &error);
    int                 code;

    if (settings == NULL) {
        return fail_config(error.text);
    }

    code = load_keys(settings);

    if (code == EX_OK) {
        dp_factor_print_new(stdout);
    }

    dp_settings_destroy(settings);

    return code;
}

int
main(int argc, char **argv)
{
    const char *path = NULL;

    switch (parse_options(argc, argv, &path)) {
    case ACTION_SERVE:
        return load_and_run(path, false);

    case ACTION_CHECK:
        return load_and_run(path, true);

    case ACTION_HELP:
        return print_help();

    case ACTION_VERSION:
        printf(PROGRAM " " DP_VERSION "\n");
        return EX_OK;

    case ACTION_EXAMPLE:
        dp_settings_print_example(stdout);
        return EX_OK;

    case ACTION_REFERENCE:
        dp_settings_print_reference(stdout);
        return EX_OK;

    case ACTION_HASH:
        return hash_password(path);

    case ACTION_FACTOR:
        return new_factor(path);

    case ACTION_USAGE:
        break;
    }

    fputs(usage, stderr);

    return EX_USAGE;
}
