/*
 * Notifications, after sd_notify(3) and sd_watchdog_enabled(3).
 */

#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
dp_notify(const char *state)
{
    const char        *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t          size;
    int                fd;

    if (path == NULL || strlen(path) >= sizeof(address.sun_path)) {
        return;
    }

    memcpy(address.sun_path, path, strlen(path));
    size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + strlen(path));

    /* '@' is how an abstract socket's leading zero byte is written */
    if (path[0] == '@') {
        address.sun_path[0] = '\0';
    }

    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0) {
        sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
               (struct sockaddr *) &address, size);
        close(fd);
    }
}

uint64_t
dp_notify_interval_us(void)
{
    const char *interval = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");

    if (interval == NULL
        || (pid != NULL && strtol(pid, NULL, 10) != (long) getpid())) {
        return 0;
    }

    return strtoull(interval, NULL, 10) / 2;
}
