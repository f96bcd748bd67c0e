/*
 * One connection per command: the worker keeps nothing between two of them.
 */

#include "console_client.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* The socket, connected; -1 with errno. */
static int
worker_connect(const char *path, unsigned limit_s)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval     limit = {.tv_sec = (time_t) limit_s};
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
        || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0
        || connect(fd, (struct sockaddr *) &address, sizeof(address)) != 0) {
        int reason = errno;

        close(fd);
        errno = reason;
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

bool
dp_console_ask(const char *socket, unsigned limit_s,
               const dp_command_t *command, uint8_t *frame,
               dp_outcome_t *outcome)
{
    int  fd = worker_connect(socket, limit_s);
    bool answered = fd >= 0 && exchange(fd, command, frame, outcome);
    int  reason = errno;

    if (fd >= 0) {
        close(fd);
    }

    errno = reason;
    return answered;
}
