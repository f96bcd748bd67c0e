/*
 * devpilotctl: what an operator tells a worker, over its local socket.
 *
 * A command is one message, the answer one message with the text to be shown;
 * what takes time is asked for again until the worker says that it is done.
 * Nothing of it needs HTTP, and most of it no database.
 */

#include "config.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

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

/* The socket, connected; -1 with errno. */
static int
worker_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval     limit = {.tv_sec = ANSWER_LIMIT_S};
    int                fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }

    memcpy(address.sun_path, path, strlen(path));
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }

    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0
        || connect(fd, (struct sockaddr *) &address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }

    return fd;
}

static bool
answer_decode(const uint8_t *frame, size_t size, dp_outcome_t *outcome)
{
    dp_wire_header_t header;
    dp_slice_t       fields;

    return dp_wire_open(dp_slice(frame, size), &header, &fields)
           && header.kind == dp_wire_kind(&dp_wire_outcome)
           && dp_wire_decode(&dp_wire_outcome, fields, outcome);
}

/* Sends the command and waits for its answer, which borrows from `frame`. */
static bool
exchange(int fd, const dp_command_t *command, uint8_t *frame,
         dp_outcome_t *outcome)
{
    size_t  size = dp_wire_encode(&dp_wire_command, 1, command, frame,
                                  DP_COMMAND_PACKET_SIZE);
    ssize_t received;

    if (send(fd, frame, size, MSG_NOSIGNAL) < 0) {
        return false;
    }

    received = recv(fd, frame, DP_COMMAND_PACKET_SIZE, 0);

    if (received > 0 && answer_decode(frame, (size_t) received, outcome)) {
        return true;
    }

    errno = received < 0 ? errno : EPROTO;
    return false;
}

static bool
ask(const dp_ctl_options_t *options, const dp_command_t *command,
    uint8_t *frame, dp_outcome_t *outcome)
{
    int  fd = worker_connect(options->socket);
    bool answered = fd >= 0 && exchange(fd, command, frame, outcome);
    int  reason = errno;

    if (fd >= 0) {
        close(fd);
    }

    errno = reason;
    return answered;
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
run(const dp_ctl_options_t *options)
{
    static uint8_t    frame[DP_COMMAND_PACKET_SIZE];
    dp_command_t command = options->command;
    dp_outcome_t outcome;
    uint64_t          until_us = monotonic_us() + options->timeout_us;

    for (;;) {
        if (!ask(options, &command, frame, &outcome)) {
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
