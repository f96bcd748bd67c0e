/*
 * Options and arguments, each a row; the worker judges names and reasons.
 */

#include "options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_US UINT64_C(60000000)
#define SECOND_US UINT64_C(1000000)
#define DEFAULT_MODULE DP_MODULE_FOLDER "/ngx_http_devpilot_module.so"

typedef enum {
    OPTION_SOCKET = 1,
    OPTION_STATUS,
    OPTION_MODULE,
    OPTION_NGINX,
    OPTION_JSON,
    OPTION_TIMEOUT,
    OPTION_REASON,
    OPTION_EXPIRES,
    OPTION_CONFIRM,
    OPTION_DRY_RUN,
    OPTION_KEY,
    OPTION_MAC_KEY,
    OPTION_CHECKPOINT,
    OPTION_HELP,
    OPTION_VERSION,
} option_t;

static const struct option long_options[] = {
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"status", required_argument, NULL, OPTION_STATUS},
    {"module", required_argument, NULL, OPTION_MODULE},
    {"nginx", required_argument, NULL, OPTION_NGINX},
    {"json", no_argument, NULL, OPTION_JSON},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"reason", required_argument, NULL, OPTION_REASON},
    {"expires", required_argument, NULL, OPTION_EXPIRES},
    {"confirm", required_argument, NULL, OPTION_CONFIRM},
    {"dry-run", no_argument, NULL, OPTION_DRY_RUN},
    {"key", required_argument, NULL, OPTION_KEY},
    {"mac-key", required_argument, NULL, OPTION_MAC_KEY},
    {"checkpoint", required_argument, NULL, OPTION_CHECKPOINT},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: " DP_CTL " [OPTIONS] kill-switch list\n"
    "       " DP_CTL " [OPTIONS] kill-switch set NAME on|off --reason TEXT\n"
    "           [--expires 2h] [--confirm NAME] [--timeout 60s] [--dry-run]\n"
    "       " DP_CTL " [OPTIONS] kill-switch verify\n"
    "       " DP_CTL " [OPTIONS] abuse list\n"
    "       " DP_CTL " [OPTIONS] abuse show SUBJECT\n"
    "       " DP_CTL " [OPTIONS] abuse lift SUBJECT --reason TEXT\n"
    "       " DP_CTL " [OPTIONS] breakers list\n"
    "       " DP_CTL " [OPTIONS] breakers reset NAME --reason TEXT\n"
    "       " DP_CTL " [OPTIONS] keys list\n"
    "       " DP_CTL " [OPTIONS] keys rotate jwt|csrf --reason TEXT\n"
    "       " DP_CTL " [OPTIONS] keys revoke KID --reason TEXT\n"
    "       " DP_CTL " [OPTIONS] jobs list\n"
    "       " DP_CTL " [OPTIONS] jobs show ID\n"
    "       " DP_CTL " [OPTIONS] jobs requeue|cancel ID --reason TEXT\n"
    "       " DP_CTL " [OPTIONS] audit verify FILE|- --key TEXT\n"
    "           [--checkpoint FILE] [--mac-key FILE]\n"
    "       " DP_CTL " [OPTIONS] audit checkpoint [ORGANISATION]\n"
    "       " DP_CTL " [OPTIONS] doctor [--module PATH] [--nginx PATH]\n\n"
    "  list    shows each switch, who has it on and why, and every nginx "
    "process\n"
    "  set     turns the database's switch and waits until no write of its "
    "class is\n"
    "          under way any more, at every nginx process and in the "
    "database\n"
    "  verify  asks every nginx process anew; 0 only when all agree with "
    "the database\n"
    "  lift    makes an address or a credential's id NORMAL again, and waits "
    "until\n"
    "          every nginx process has heard of it\n"
    "  abuse list, abuse show\n"
    "          who is slowed down or blocked, until when, and which signals "
    "say so\n"
    "  breakers list, breakers reset\n"
    "          which providers are not called at present, and closing one by "
    "hand\n"
    "  rotate  makes a new signing key; the one before verifies for 7 days "
    "more\n"
    "  revoke  ends a signing key at once, for what it has signed, too\n"
    "  jobs list, jobs show\n"
    "          what waits, runs or is dead, the dead ones first\n"
    "  requeue gives a dead job all its attempts again\n"
    "  cancel  makes a job dead that waits\n"
    "  audit verify\n"
    "          checks an export of an audit trail, without any worker, and names "
    "what is\n"
    "          wrong first; 0 only when nothing is\n"
    "  audit checkpoint\n"
    "          shows the signed checkpoint of a chain, the platform's without a "
    "name\n"
    "  doctor  looks at nginx, worker and database; says what is wrong and "
    "how to mend it\n\n"
    "  --reason TEXT    why, for the audit trail; required\n"
    "  --expires TIME   turns it off by itself after 30s, 10m, 2h, 1d\n"
    "  --confirm NAME   the name once more, for GLOBAL_WRITE\n"
    "  --dry-run        says whether it would be done\n"
    "  --timeout TIME   how long to wait (60s)\n"
    "  --socket PATH    the worker's control socket; default\n"
    "                   $DEVPILOT_CONTROL_SOCKET or " DP_CTL_SOCKET "\n"
    "  --status PATH    nginx's status: a unix socket or a URL; default\n"
    "                   $DEVPILOT_STATUS_SOCKET or " DP_CTL_STATUS "\n"
    "  --module PATH    the module's file; default\n"
    "                   " DEFAULT_MODULE "\n"
    "  --nginx PATH     nginx's program, to test its configuration with\n"
    "  --key TEXT       the public key of checkpoints, from the worker's log\n"
    "  --checkpoint FILE  checkpoints that were kept\n"
    "  --mac-key FILE   the 32 bytes of the key of seals, to verify their MACs\n"
    "  --json           answers as JSON\n"
    "  --help, --version\n\n"
    "Exits with 0 when it is as asked, 1 when it is not (yet) or there is a "
    "problem, 64\n"
    "for a mistake on the command line, 69 when nginx, worker or database "
    "cannot be\n"
    "reached.  NO_COLOR is respected.\n";

void
dp_ctl_usage(void)
{
    fputs(usage, stdout);
}

static dp_ctl_parse_t
mistake(const char *what, const char *value)
{
    fprintf(stderr, DP_CTL ": %s%s%s\nTry \"" DP_CTL " --help\".\n", what,
            value == NULL ? "" : ": ", value == NULL ? "" : value);

    return DP_CTL_MISTAKE;
}

/* 30s, 10m, 2h, 1d; false for anything else, for 0 and for years. */
static bool
seconds_parse(const char *text, uint64_t *seconds)
{
    static const struct {
        char     unit;
        uint64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};

    char    *end;
    uint64_t number;

    if (!isdigit((unsigned char) text[0]) || strlen(text) > 8) {
        return false;
    }

    number = strtoull(text, &end, 10);

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (end[0] == units[i].unit && end[1] == '\0') {
            *seconds = number * units[i].seconds;
            return *seconds != 0 && *seconds <= 366 * UINT64_C(86400);
        }
    }

    return false;
}

static dp_ctl_parse_t
time_take(const char *name, const char *text, uint64_t *seconds)
{
    return seconds_parse(text, seconds)
               ? DP_CTL_RUN
               : mistake("not a time such as 30s, 10m, 2h or 1d", name);
}

static dp_ctl_parse_t
option_take(int option, dp_ctl_options_t *options)
{
    dp_ctl_parse_t parsed = DP_CTL_RUN;

    switch (option) {
    case OPTION_SOCKET:
        options->socket = optarg;
        break;
    case OPTION_STATUS:
        options->status = optarg;
        break;
    case OPTION_MODULE:
        options->module = optarg;
        break;
    case OPTION_NGINX:
        options->nginx = optarg;
        break;
    case OPTION_JSON:
        options->json = true;
        break;
    case OPTION_TIMEOUT:
        parsed = time_take("--timeout", optarg, &options->timeout_us);
        options->timeout_us *= SECOND_US;
        break;
    case OPTION_REASON:
        options->command.reason = dp_slice_text(optarg);
        break;
    case OPTION_EXPIRES:
        parsed = time_take("--expires", optarg, &options->command.expires_s);
        break;
    case OPTION_CONFIRM:
        options->command.confirmed = dp_slice_text(optarg);
        break;
    case OPTION_DRY_RUN:
        options->command.dry_run = 1;
        break;
    case OPTION_KEY:
        options->key = optarg;
        break;
    case OPTION_MAC_KEY:
        options->mac_key = optarg;
        break;
    case OPTION_CHECKPOINT:
        options->checkpoint = optarg;
        break;
    case OPTION_HELP:
        return DP_CTL_HELP;
    case OPTION_VERSION:
        return DP_CTL_VERSION;
    default:
        return mistake("that is no option", NULL);
    }

    return parsed;
}

static dp_ctl_parse_t
set_take(char **words, int count, dp_ctl_options_t *options)
{
    dp_command_t *command = &options->command;

    if (count != 2) {
        return mistake("set takes a name, and on or off", NULL);
    }

    command->name = dp_slice_text(words[0]);
    command->on = strcmp(words[1], "on") == 0;

    if (!command->on && strcmp(words[1], "off") != 0) {
        return mistake("neither on nor off", words[1]);
    }

    if (command->reason.len == 0) {
        return mistake("say why: --reason TEXT", NULL);
    }

    return DP_CTL_RUN;
}

static dp_ctl_parse_t
subject_take(char **words, int count, dp_ctl_options_t *options)
{
    if (count != 1) {
        return mistake("expected: an address, or the id of a credential", NULL);
    }

    options->subject = dp_slice_text(words[0]);

    return DP_CTL_RUN;
}

static dp_ctl_parse_t
lift_take(char **words, int count, dp_ctl_options_t *options)
{
    if (count != 1) {
        return mistake("lift takes an address, or the id of a credential", NULL);
    }

    options->command.name = dp_slice_text(words[0]);

    return options->command.reason.len == 0
               ? mistake("say why: --reason TEXT", NULL)
               : DP_CTL_RUN;
}

/* Whatever it is called: the worker judges the name. */
static dp_ctl_parse_t
name_take(char **words, int count, dp_ctl_options_t *options)
{
    if (count != 1) {
        return mistake("expected: what it is about, and nothing else", NULL);
    }

    options->command.name = dp_slice_text(words[0]);

    return DP_CTL_RUN;
}

/* Likewise, and why. */
static dp_ctl_parse_t
change_take(char **words, int count, dp_ctl_options_t *options)
{
    dp_ctl_parse_t taken = name_take(words, count, options);

    return taken == DP_CTL_RUN && options->command.reason.len == 0
               ? mistake("say why: --reason TEXT", NULL)
               : taken;
}

static dp_ctl_parse_t
export_take(char **words, int count, dp_ctl_options_t *options)
{
    if (count != 1) {
        return mistake("audit verify takes a file, or - for standard input", NULL);
    }

    options->file = words[0];

    return options->key == NULL
               ? mistake("give the public key of checkpoints: --key TEXT", NULL)
               : DP_CTL_RUN;
}

/* Whose chain; without an organisation it is the platform's. */
static dp_ctl_parse_t
chain_take(char **words, int count, dp_ctl_options_t *options)
{
    if (count > 1) {
        return mistake("audit checkpoint takes the id of one organisation", NULL);
    }

    options->command.name = count == 1 ? dp_slice_text(words[0])
                                       : dp_slice(NULL, 0);

    return DP_CTL_RUN;
}

static dp_ctl_parse_t
nothing_take(char **words, int count, dp_ctl_options_t *options)
{
    (void) options;

    return count == 0 ? DP_CTL_RUN : mistake("that is too much", words[0]);
}

typedef struct {
    const char       *area;
    const char       *word; /* NULL: the area is the whole command */
    dp_ctl_task_t     task;
    dp_command_verb_t verb;
    dp_ctl_parse_t  (*take)(char **words, int count, dp_ctl_options_t *options);
} phrase_t;

static const phrase_t phrases[] = {
    {"kill-switch", "list", DP_CTL_COMMAND, DP_COMMAND_LIST, nothing_take},
    {"kill-switch", "set", DP_CTL_COMMAND, DP_COMMAND_SET, set_take},
    {"kill-switch", "verify", DP_CTL_COMMAND, DP_COMMAND_VERIFY, nothing_take},
    {"abuse", "lift", DP_CTL_COMMAND, DP_COMMAND_LIFT, lift_take},
    {"abuse", "list", DP_CTL_ABUSE_LIST, 0, nothing_take},
    {"abuse", "show", DP_CTL_ABUSE_SHOW, 0, subject_take},
    {"breakers", "list", DP_CTL_COMMAND, DP_COMMAND_BREAKERS, nothing_take},
    {"breakers", "reset", DP_CTL_COMMAND, DP_COMMAND_BREAKER_RESET, change_take},
    {"keys", "list", DP_CTL_COMMAND, DP_COMMAND_KEYS_LIST, nothing_take},
    {"keys", "rotate", DP_CTL_COMMAND, DP_COMMAND_KEYS_ROTATE, change_take},
    {"keys", "revoke", DP_CTL_COMMAND, DP_COMMAND_KEYS_REVOKE, change_take},
    {"jobs", "list", DP_CTL_COMMAND, DP_COMMAND_JOBS_LIST, nothing_take},
    {"jobs", "show", DP_CTL_COMMAND, DP_COMMAND_JOBS_SHOW, name_take},
    {"jobs", "requeue", DP_CTL_COMMAND, DP_COMMAND_JOBS_REQUEUE, change_take},
    {"jobs", "cancel", DP_CTL_COMMAND, DP_COMMAND_JOBS_CANCEL, change_take},
    {"audit", "verify", DP_CTL_AUDIT_VERIFY, 0, export_take},
    {"audit", "checkpoint", DP_CTL_COMMAND, DP_COMMAND_CHECKPOINT, chain_take},
    {"doctor", NULL, DP_CTL_DOCTOR, 0, nothing_take},
};

static dp_ctl_parse_t
words_take(char **words, int count, dp_ctl_options_t *options)
{
    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
        const phrase_t *phrase = &phrases[i];
        int             len = phrase->word == NULL ? 1 : 2;

        if (count >= len && strcmp(words[0], phrase->area) == 0
            && (len == 1 || strcmp(words[1], phrase->word) == 0)) {
            options->task = phrase->task;
            options->command.verb = (uint16_t) phrase->verb;
            return phrase->take(words + len, count - len, options);
        }
    }

    return mistake("expected: kill-switch list, set or verify, abuse list, show "
                   "or lift, breakers list or reset, keys list, rotate or "
                   "revoke, jobs list, show, requeue or cancel, audit verify or "
                   "checkpoint, or doctor",
                   NULL);
}

/* The variable's value, or what is taken where it is missing or empty. */
static const char *
environment(const char *name, const char *fallback)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? fallback : value;
}

dp_ctl_parse_t
dp_ctl_options(int argc, char **argv, dp_ctl_options_t *options)
{
    dp_ctl_parse_t parsed;
    int            option;

    *options = (dp_ctl_options_t) {
        .socket = environment("DEVPILOT_CONTROL_SOCKET", DP_CTL_SOCKET),
        .status = environment("DEVPILOT_STATUS_SOCKET", DP_CTL_STATUS),
        .module = DEFAULT_MODULE,
        .timeout_us = DEFAULT_TIMEOUT_US,
    };

    opterr = 0;

    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        parsed = option_take(option, options);
        if (parsed != DP_CTL_RUN) {
            return parsed;
        }
    }

    options->color = !options->json && isatty(STDOUT_FILENO)
                     && environment("NO_COLOR", NULL) == NULL;
    options->command.json = options->json;
    options->command.color = options->color;

    return words_take(argv + optind, argc - optind, options);
}
