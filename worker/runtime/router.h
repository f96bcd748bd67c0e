/*
 * The worker's only ear: a ZeroMQ ROUTER socket, and the loop around it.
 *
 * The router takes frames from nginx, answers at once what needs no thread,
 * hands the rest to the mailboxes, and sends what comes back as replies.  It
 * never waits for anything but its poll.  A full mailbox is answered
 * WORKER_BUSY; a frame past its deadline is dropped.
 *
 * One thread, the one that created it, calls all of this: a ZeroMQ socket must
 * not be shared.
 */

#ifndef DP_ROUTER_H
#define DP_ROUTER_H

#include "control/publisher.h"
#include "health.h"
#include "mailbox.h"
#include "replies.h"
#include "settings.h"

typedef struct dp_router_s dp_router_t;

/*
 * Makes the socket and binds it.  Returns 0, or a code of sysexits.h after
 * logging the reason.  Mailboxes and replies stay the caller's.
 */
int dp_router_create(const dp_settings_t *settings, dp_mailboxes_t mailboxes,
                     dp_replies_t *replies, dp_router_t **created)
    __attribute__((warn_unused_result));

/*
 * Whom to ask about the database, and who speaks with edges about the control
 * state; to be called before the first turn.
 */
void dp_router_set_helpers(dp_router_t *router, dp_health_t *health,
                           dp_publisher_t *publisher);

/*
 * Waits for at most `timeout_ms` (-1: for ever) and does all that has come up.
 * True when `fd`, which is the caller's, is readable.
 */
bool dp_router_turn(dp_router_t *router, int fd, long timeout_ms);

/* From now on what would need a thread is answered WORKER_UNAVAILABLE. */
void dp_router_drain(dp_router_t *router);

/*
 * Refuses what has come in and was not read yet, before the router is closed:
 * a request that dies unread is one whose outcome its client cannot know.
 * Ends when nothing is left, or at `until_us` (CLOCK_MONOTONIC).
 */
void dp_router_refuse_rest(dp_router_t *router, uint64_t until_us);

/* Messages given to a mailbox and not yet come back. */
size_t dp_router_in_flight(const dp_router_t *router);

/* Closes the socket; waits up to a second until sent replies have left. */
void dp_router_close(dp_router_t *router);

/* Frees a closed router that has nothing in flight. */
void dp_router_destroy(dp_router_t *router);

#endif /* DP_ROUTER_H */
