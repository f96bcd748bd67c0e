/*
 * devpilotctl: what an operator tells a worker, over its local socket, and what
 * nginx says of itself.
 *
 * A command is one message, the answer one message with the text to be shown;
 * what takes time is asked for again until the worker says that it is done.
 * Nothing of it needs HTTP, and most of it no database.
 */

#include "abuse.h"
#include "audit.h"
#include "config.h"
#include "console_client.h"
#include "doctor.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>

#define ANSWER_LIMIT_S 15
#define PAUSE_MS 100

static int
fail(const dp_ctl_options_t *options, const char *what)
{
    bool denied = errno == EACCES || errno == EPERM;

    fprintf(stderr, DP_CTL ": %s %s: %s\n%s\n", what, options->socket,
            strerror(errno),
            denied ? "The socket is for root and the worker's user; run this "
                     "as one of them."
                   : "Is the worker running?  A directive or a file of nginx "
                     "turns a switch on without it.");

    return denied ? EX_NOPERM : EX_UNAVAILABLE;
}

static uint64_t
monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

/* News on the way go to stderr, so that --json prints one document. */
static void
show(const dp_outcome_t *outcome)
{
    FILE *out = outcome->again || outcome->exit >= EX__BASE ? stderr : stdout;

    if (outcome->text.len != 0) {
        fwrite(outcome->text.data, 1, outcome->text.len, out);
        fflush(out);
    }
}

static void
rest(void)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

    nanosleep(&pause, NULL);
}

static int
command_run(const dp_ctl_options_t *options)
{
    static uint8_t    frame[DP_COMMAND_PACKET_SIZE];
    dp_command_t command = options->command;
    dp_outcome_t outcome;
    uint64_t          until_us = monotonic_us() + options->timeout_us;

    for (;;) {
        if (!dp_console_ask(options->socket, ANSWER_LIMIT_S, &command, frame,
                            &outcome)) {
            return fail(options, "no answer from");
        }

        show(&outcome);

        if (!outcome.again) {
            return outcome.exit;
        }

        /* what the next question goes on from */
        command.verb = outcome.again;
        command.generation = outcome.generation;
        command.since_us = outcome.since_us;
        command.state = outcome.state;
        command.last = monotonic_us() >= until_us;
        rest();
    }
}

static int
run(const dp_ctl_options_t *options)
{
    static int (*const tasks[])(const dp_ctl_options_t *options) = {
        [DP_CTL_COMMAND] = command_run,
        [DP_CTL_ABUSE_LIST] = dp_abuse_list,
        [DP_CTL_ABUSE_SHOW] = dp_abuse_show,
        [DP_CTL_DOCTOR] = dp_doctor,
        [DP_CTL_AUDIT_VERIFY] = dp_audit_verify,
    };

    return tasks[options->task](options);
}

int
main(int argc, char **argv)
{
    dp_ctl_options_t options;

    switch (dp_ctl_options(argc, argv, &options)) {
    case DP_CTL_RUN:
        return run(&options);

    case DP_CTL_HELP:
        dp_ctl_usage();
        return EX_OK;

    case DP_CTL_VERSION:
        printf(DP_CTL " " DP_VERSION "\n");
        return EX_OK;

    case DP_CTL_MISTAKE:
        break;
    }

    return EX_USAGE;
}
