/*
 * The console's thread.  Commands are short (what takes time is asked for
 * again), so they are answered one after the other.
 */

#define _GNU_SOURCE /* struct ucred, accept4, pthread_setname_np */

#include "console.h"

#include "commands.h"
#include "console_socket.h"
#include "log.h"
#include "witness.h"

#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#define TURN_MS 250 /* how often the sources are looked at */
#define CLIENT_LIMIT_S 2

struct dp_console_s {
    pthread_t            thread;
    atomic_bool          stopping;
    const dp_settings_t *settings;
    dp_peers_t        *peers;
    dp_health_t         *health;
    int                  listener;
    dp_db_t             *db;
    dp_witness_t        *witness;
    dp_survey_t          survey;
    uint8_t              packet[DP_COMMAND_PACKET_SIZE]; /* in and out */
    uint8_t              text[DP_COMMAND_PACKET_SIZE - 1024];
};

/* Who is at the other end, as the kernel says. */
static void
actor_find(int fd, char actor[DP_ACTOR_SIZE])
{
    char           buffer[1024];
    struct ucred   peer = {.uid = (uid_t) -1};
    socklen_t      size = sizeof(peer);
    struct passwd  entry;
    struct passwd *found = NULL;

    (void) getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    (void) getpwuid_r(peer.uid, &entry, buffer, sizeof(buffer), &found);

    if (found != NULL) {
        snprintf(actor, DP_ACTOR_SIZE, "%s", found->pw_name);
    } else {
        snprintf(actor, DP_ACTOR_SIZE, "uid %u", (unsigned) peer.uid);
    }
}

static bool
command_decode(dp_slice_t packet, dp_command_t *command)
{
    dp_wire_header_t header;
    dp_slice_t       fields;

    return dp_wire_open(packet, &header, &fields)
           && header.kind == dp_wire_kind(&dp_wire_command)
           && dp_wire_decode(&dp_wire_command, fields, command);
}

/* Reads a command and runs it; false when it was none. */
static bool
command_take(dp_console_t *console, int fd, dp_outcome_t *outcome)
{
    char         actor[DP_ACTOR_SIZE];
    dp_command_t command;
    dp_writer_t  text = dp_writer(console->text, sizeof(console->text));
    ssize_t      size = recv(fd, console->packet, sizeof(console->packet), 0);

    if (size <= 0
        || !command_decode(dp_slice(console->packet, (size_t) size), &command)) {
        return false;
    }

    actor_find(fd, actor);

    return dp_command_run(
        &(dp_errand_t) {
            .db = console->db,
            .peers = console->peers,
            .health = console->health,
            .survey = &console->survey,
            .actor = actor,
            .command = &command,
            .text = &text,
        },
        outcome);
}

static void
client_serve(dp_console_t *console)
{
    const struct timeval limit = {.tv_sec = CLIENT_LIMIT_S};
    dp_outcome_t         outcome;
    size_t               size;
    int                  fd = accept4(console->listener, NULL, NULL,
                                      SOCK_CLOEXEC);

    if (fd < 0) {
        return;
    }

    (void) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    (void) setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));

    if (command_take(console, fd, &outcome)) {
        size = dp_wire_encode(&dp_wire_outcome, 1, &outcome, console->packet,
                              sizeof(console->packet));
        (void) send(fd, console->packet, size, MSG_NOSIGNAL);
    }

    close(fd);
}

static void *
thread_main(void *data)
{
    dp_console_t *console = data;

    while (!atomic_load(&console->stopping)) {
        struct pollfd event = {.fd = console->listener, .events = POLLIN};

        if (poll(&event, 1, TURN_MS) > 0) {
            client_serve(console);
        }

        dp_witness_look(console->witness, console->peers, console->db);
    }

    return NULL;
}

static dp_console_t *
console_create(const dp_settings_t *settings, dp_peers_t *peers)
{
    dp_console_t *console = calloc(1, sizeof(*console));

    if (console == NULL) {
        return NULL;
    }

    console->settings = settings;
    console->peers = peers;
    console->survey.address = settings->endpoint;
    console->witness = dp_witness_create(settings->endpoint);

    if (console->witness == NULL) {
        free(console);
        return NULL;
    }

    console->db = dp_db_create(settings->database);

    return console;
}

static void
console_destroy(dp_console_t *console)
{
    dp_witness_destroy(console->witness);
    dp_db_destroy(console->db);
    free(console);
}

int
dp_console_start(const dp_settings_t *settings, dp_peers_t *peers,
                 dp_health_t *health, dp_console_t **created)
{
    dp_console_t *console = console_create(settings, peers);
    int           failure;

    if (console == NULL) {
        return EX_OSERR;
    }

    console->health = health;

    failure = dp_console_socket_open(settings, &console->listener);

    if (failure != 0) {
        console_destroy(console);
        return failure;
    }

    if (pthread_create(&console->thread, NULL, thread_main, console) != 0) {
        dp_log(DP_LOG_CRITICAL, NULL, DP_OK, "cannot start the console");
        dp_console_socket_close(settings, console->listener);
        console_destroy(console);
        return EX_OSERR;
    }

    pthread_setname_np(console->thread, "console");
    *created = console;

    return 0;
}

void
dp_console_stop(dp_console_t *console)
{
    atomic_store(&console->stopping, true);
    pthread_join(console->thread, NULL);
    dp_console_socket_close(console->settings, console->listener);
    console_destroy(console);
}
