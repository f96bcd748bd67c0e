/*
 * Where the control socket is, and taking that place from nobody who lives.
 */

#define _GNU_SOURCE /* SOCK_CLOEXEC with SOCK_SEQPACKET */

#include "console_socket.h"

#include "log.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#define IPC "ipc://"
#define SUFFIX ".control"
#define SOCKET_UMASK 0177 /* leaves 0600 */
#define BACKLOG 16

/* False where there is to be none; the path is empty when it is too long. */
static bool
place_find(const dp_settings_t *settings, struct sockaddr_un *address)
{
    const char *path = settings->control_socket;
    const char *suffix = "";
    int         length;

    if (strcmp(path, "none") == 0) {
        return false;
    }

    if (strcmp(path, "auto") == 0) {
        if (strncmp(settings->endpoint, IPC, strlen(IPC)) != 0) {
            return false;
        }

        path = settings->endpoint + strlen(IPC);
        suffix = SUFFIX;
    }

    *address = (struct sockaddr_un) {.sun_family = AF_UNIX};
    length = snprintf(address->sun_path, sizeof(address->sun_path), "%s%s",
                      path, suffix);

    if (length >= (int) sizeof(address->sun_path)) {
        address->sun_path[0] = '\0';
    }

    return true;
}

static int
fail(int fd, int code, const char *what, const struct sockaddr_un *address)
{
    dp_log(DP_LOG_CRITICAL, NULL, DP_OK, "%s the control socket %s: %s", what,
           address->sun_path, strerror(errno));

    if (fd >= 0) {
        close(fd);
    }

    return code;
}

/* Of a worker that was killed; one that answers keeps it. */
static bool
remains_remove(int fd, const struct sockaddr_un *address)
{
    if (connect(fd, (const struct sockaddr *) address, sizeof(*address)) == 0) {
        errno = EADDRINUSE;
        return false;
    }

    return errno == ENOENT
           || (errno == ECONNREFUSED && unlink(address->sun_path) == 0);
}

static bool
bind_private(int fd, const struct sockaddr_un *address)
{
    mode_t mask = umask(SOCKET_UMASK);
    bool   bound = bind(fd, (const struct sockaddr *) address,
                        sizeof(*address)) == 0;

    umask(mask);

    return bound && listen(fd, BACKLOG) == 0;
}

int
dp_console_socket_open(const dp_settings_t *settings, int *listener)
{
    struct sockaddr_un address;
    int                fd;

    *listener = -1;

    if (!place_find(settings, &address)) {
        return 0;
    }

    if (address.sun_path[0] == '\0') {
        dp_log(DP_LOG_CRITICAL, NULL, DP_OK,
               "the control socket's path is longer than 107 bytes; shorten "
               "control_socket or endpoint");
        return EX_CONFIG;
    }

    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    if (fd < 0 || !remains_remove(fd, &address)) {
        return fail(fd, EX_CANTCREAT, "cannot take", &address);
    }

    if (!bind_private(fd, &address)) {
        return fail(fd, EX_CANTCREAT, "cannot bind", &address);
    }

    *listener = fd;

    return 0;
}

void
dp_console_socket_close(const dp_settings_t *settings, int listener)
{
    struct sockaddr_un address;

    if (listener < 0) {
        return;
    }

    if (place_find(settings, &address)) {
        unlink(address.sun_path);
    }

    close(listener);
}
