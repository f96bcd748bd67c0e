/*
 * Endpoints: a living worker's is never taken, a dead one's is.
 */

#include "runtime/endpoint.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#include <zmq.h>

static char  folder[64]; /* of the test */
static char  path[80];   /* of the socket, in a folder that does not exist */
static char  endpoint[100];
static void *context;
static void *ears;

static void
begin(void)
{
    snprintf(folder, sizeof(folder), "/tmp/worker_endpoint.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/sock/w", folder);
    snprintf(endpoint, sizeof(endpoint), "ipc://%s", path);
}

static void
open_socket(void)
{
    context = zmq_ctx_new();
    ears = zmq_socket(context, ZMQ_ROUTER);
    ck_assert_ptr_nonnull(ears);
}

static void
close_socket(void)
{
    zmq_close(ears);
    zmq_ctx_term(context);
}

static void
end(void)
{
    char name[100];

    close_socket();
    unlink(path);
    snprintf(name, sizeof(name), "%s.lock", path);
    unlink(name);
    snprintf(name, sizeof(name), "%s/sock", folder);
    rmdir(name);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* Binds in a process of its own and returns its exit code. */
static int
bind_elsewhere(void)
{
    static void *other; /* still reachable when valgrind counts */
    int          status;
    pid_t        child = fork();

    if (child == 0) {
        other = zmq_socket(zmq_ctx_new(), ZMQ_ROUTER);
        _exit(dp_endpoint_bind(other, endpoint));
    }

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));

    return WEXITSTATUS(status);
}

static unsigned
mode_of(const char *name)
{
    struct stat status;

    ck_assert_int_eq(stat(name, &status), 0);
    return status.st_mode & 0777;
}

START_TEST(the_socket_is_for_its_group_only)
{
    char name[80];

    begin();
    open_socket();
    ck_assert_int_eq(dp_endpoint_bind(ears, endpoint), 0);
    snprintf(name, sizeof(name), "%s/sock", folder);
    ck_assert_uint_eq(mode_of(name), 0750);
    ck_assert_uint_eq(mode_of(path), 0660);
    end();
}
END_TEST

START_TEST(a_living_workers_endpoint_is_not_taken)
{
    begin();
    open_socket();
    ck_assert_int_eq(dp_endpoint_bind(ears, endpoint), 0);
    ck_assert_int_eq(bind_elsewhere(), EX_TEMPFAIL);
    ck_assert_int_eq(access(path, F_OK), 0);
    end();
}
END_TEST

START_TEST(a_dead_workers_endpoint_is_taken)
{
    begin();
    ck_assert_int_eq(bind_elsewhere(), 0);
    ck_assert_int_eq(access(path, F_OK), 0);
    open_socket();
    ck_assert_int_eq(dp_endpoint_bind(ears, endpoint), 0);
    end();
}
END_TEST

START_TEST(a_strangers_socket_is_not_taken)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char               name[80];
    int                stranger = socket(AF_UNIX, SOCK_STREAM, 0);

    begin();
    snprintf(name, sizeof(name), "%s/sock", folder);
    ck_assert_int_eq(mkdir(name, 0750), 0);
    memcpy(address.sun_path, path, strlen(path));
    ck_assert_int_eq(bind(stranger, (struct sockaddr *) &address,
                          sizeof(address)), 0);
    ck_assert_int_eq(listen(stranger, 1), 0);

    open_socket();
    ck_assert_int_eq(dp_endpoint_bind(ears, endpoint), EX_TEMPFAIL);
    close(stranger);
    end();
}
END_TEST

START_TEST(a_tcp_port_that_is_taken_is_refused)
{
    char   taken[64];
    size_t len = sizeof(taken);

    begin();
    open_socket();
    ck_assert_int_eq(zmq_bind(ears, "tcp://127.0.0.1:*"), 0);
    ck_assert_int_eq(zmq_getsockopt(ears, ZMQ_LAST_ENDPOINT, taken, &len), 0);
    snprintf(endpoint, sizeof(endpoint), "%s", taken);
    ck_assert_int_eq(bind_elsewhere(), EX_TEMPFAIL);
    end();
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_refused)
{
    begin();
    snprintf(endpoint, sizeof(endpoint), "ipc://%s/none/sock/w", folder);
    ck_assert_int_eq(bind_elsewhere(), EX_CANTCREAT);
    open_socket();
    end();
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker endpoint", the_socket_is_for_its_group_only,
                    a_living_workers_endpoint_is_not_taken,
                    a_dead_workers_endpoint_is_taken,
                    a_strangers_socket_is_not_taken,
                    a_tcp_port_that_is_taken_is_refused,
                    a_folder_that_cannot_be_made_is_refused);
}
