/*
 * Binding, with the care that libzmq does not take: it unlinks a socket's file
 * whether or not somebody listens there, and so would steal the clients of a
 * living worker, who would never learn of it.
 *
 * A lock that dies with its process says whether a worker lives, also a
 * stopped one; connecting says whether somebody listens who knows no lock.
 */

#include "endpoint.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>
#include <zmq.h>

#define IPC "ipc://"
#define FOLDER_MODE 0750
#define SOCKET_UMASK 0117 /* leaves 0660 */

static int
fail(int exit_code, const char *what, const char *where)
{
    dp_log(DP_LOG_CRITICAL, NULL, DP_OK, "%s %s: %s", what, where,
           strerror(errno));
    return exit_code;
}

static int
fail_in_use(const char *endpoint)
{
    dp_log(DP_LOG_CRITICAL, NULL, DP_OK,
           "another worker serves %s; stop it, or choose another endpoint",
           endpoint);
    return EX_TEMPFAIL;
}

/* Its parents exist: they belong to the installation. */
static int
make_folder(const char *path, char *folder, size_t capacity)
{
    const char *slash = strrchr(path, '/');

    snprintf(folder, capacity, "%.*s", slash == path ? 1 : (int) (slash - path),
             path);

    if (mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST) {
        return fail(EX_CANTCREAT, "cannot make the folder", folder);
    }

    return 0;
}

/* The descriptor stays open as long as the process lives. */
static int
lock_path(const char *path, const char *endpoint)
{
    char lock[PATH_MAX];
    int  fd;

    snprintf(lock, sizeof(lock), "%s.lock", path);
    fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        return fail(EX_CANTCREAT, "cannot open", lock);
    }

    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return errno == EWOULDBLOCK ? fail_in_use(endpoint)
                                    : fail(EX_CANTCREAT, "cannot lock", lock);
    }

    return 0;
}

/* Does anybody listen at `path`? */
static bool
is_served(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC
                                               | SOCK_NONBLOCK, 0);
    bool               served;

    memcpy(address.sun_path, path, strlen(path));
    served = connect(fd, (struct sockaddr *) &address, sizeof(address)) == 0
             || errno == EAGAIN;
    close(fd);

    return served;
}

/* nginx's processes run in the folder's group. */
static void
share_with_group(const char *path, const char *folder)
{
    struct stat status;

    if (stat(folder, &status) != 0
        || chown(path, (uid_t) -1, status.st_gid) != 0) {
        dp_log(DP_LOG_WARN, NULL, DP_OK,
               "cannot give %s to the group of its folder: %s", path,
               strerror(errno));
    }
}

static int
bind_any(void *socket, const char *endpoint)
{
    if (zmq_bind(socket, endpoint) == 0) {
        return 0;
    }

    return errno == EADDRINUSE ? fail_in_use(endpoint)
                               : fail(EX_CANTCREAT, "cannot bind", endpoint);
}

static int
bind_path(void *socket, const char *endpoint)
{
    const char *path = endpoint + strlen(IPC);
    char        folder[PATH_MAX];
    mode_t      mask;
    int         failure = make_folder(path, folder, sizeof(folder));

    if (failure == 0) {
        failure = lock_path(path, endpoint);
    }

    if (failure == 0 && is_served(path)) {
        failure = fail_in_use(endpoint);
    }

    if (failure != 0) {
        return failure;
    }

    mask = umask(SOCKET_UMASK);
    failure = bind_any(socket, endpoint);
    umask(mask);

    if (failure == 0) {
        share_with_group(path, folder);
    }

    return failure;
}

int
dp_endpoint_bind(void *socket, const char *endpoint)
{
    return strncmp(endpoint, IPC, strlen(IPC)) == 0
               ? bind_path(socket, endpoint)
               : bind_any(socket, endpoint);
}
