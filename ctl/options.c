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

typedef enum {
    OPTION_SOCKET = 1,
    OPTION_JSON,
    OPTION_TIMEOUT,
    OPTION_REASON,
    OPTION_EXPIRES,
    OPTION_CONFIRM,
    OPTION_DRY_RUN,
    OPTION_HELP,
    OPTION_VERSION,
} option_t;

static const struct option long_options[] = {
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"json", no_argument, NULL, OPTION_JSON},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"reason", required_argument, NULL, OPTION_REASON},
    {"expires", required_argument, NULL, OPTION_EXPIRES},
    {"confirm", required_argument, NULL, OPTION_CONFIRM},
    {"dry-run", no_argument, NULL, OPTION_DRY_RUN},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

void
dp_ctl_usage(void)
{
    fputs(
        "usage: " DP_CTL " [OPTIONS] kill-switch list\n"
        "       " DP_CTL " [OPTIONS] kill-switch set NAME on|off --reason TEXT\n"
        "           [--expires 2h] [--confirm NAME] [--timeout 60s] [--dry-run]\n"
        "       " DP_CTL " [OPTIONS] kill-switch verify\n"
        "       " DP_CTL " [OPTIONS] abuse lift SUBJECT --reason TEXT\n\n"
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
        "          every nginx process has heard of it\n\n"
        "  --reason TEXT    why, for the audit trail; required\n"
        "  --expires TIME   turns it off by itself after 30s, 10m, 2h, 1d\n"
        "  --confirm NAME   the name once more, for GLOBAL_WRITE\n"
        "  --dry-run        says whether it would be done\n"
        "  --timeout TIME   how long to wait (60s)\n"
        "  --socket PATH    the worker's control socket; default\n"
        "                   $DEVPILOT_CONTROL_SOCKET or " DP_CTL_SOCKET "\n"
        "  --json           answers as JSON\n"
        "  --help, --version\n\n"
        "Exits with 0 when it is as asked, 1 when it is not (yet), 64 for a "
        "mistake on the\n"
        "command line, 69 when worker or database cannot be reached.  NO_COLOR "
        "is respected.\n",
        stdout);
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
set_take(char **words, int count, dp_command_t *command)
{
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
lift_take(char **words, int count, dp_command_t *command)
{
    if (count != 1) {
        return mistake("lift takes an address, or the id of a credential", NULL);
    }

    command->name = dp_slice_text(words[0]);

    return command->reason.len == 0 ? mistake("say why: --reason TEXT", NULL)
                                    : DP_CTL_RUN;
}

static dp_ctl_parse_t
nothing_take(char **words, int count, dp_command_t *command)
{
    (void) command;

    return count == 0 ? DP_CTL_RUN : mistake("that is too much", words[0]);
}

static dp_ctl_parse_t
words_take(char **words, int count, dp_command_t *command)
{
    static const struct {
        const char       *area;
        const char       *word;
        dp_command_verb_t verb;
        dp_ctl_parse_t  (*take)(char **words, int count, dp_command_t *command);
    } verbs[] = {
        {"kill-switch", "list", DP_COMMAND_LIST, nothing_take},
        {"kill-switch", "set", DP_COMMAND_SET, set_take},
        {"kill-switch", "verify", DP_COMMAND_VERIFY, nothing_take},
        {"abuse", "lift", DP_COMMAND_LIFT, lift_take},
    };

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]) && count >= 2; i++) {
        if (strcmp(words[0], verbs[i].area) == 0
            && strcmp(words[1], verbs[i].word) == 0) {
            command->verb = (uint16_t) verbs[i].verb;
            return verbs[i].take(words + 2, count - 2, command);
        }
    }

    return mistake("expected: kill-switch list, set or verify, or abuse lift",
                   NULL);
}

dp_ctl_parse_t
dp_ctl_options(int argc, char **argv, dp_ctl_options_t *options)
{
    const char    *socket = getenv("DEVPILOT_CONTROL_SOCKET");
    const char    *no_color = getenv("NO_COLOR");
    dp_ctl_parse_t parsed;
    int            option;

    *options = (dp_ctl_options_t) {
        .socket = socket == NULL || *socket == '\0' ? DP_CTL_SOCKET : socket,
        .timeout_us = DEFAULT_TIMEOUT_US,
    };

    opterr = 0;

    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        parsed = option_take(option, options);
        if (parsed != DP_CTL_RUN) {
            return parsed;
        }
    }

    options->command.json = options->json;
    options->command.color = !options->json && isatty(STDOUT_FILENO)
                             && (no_color == NULL || *no_color == '\0');

    return words_take(argv + optind, argc - optind, &options->command);
}
