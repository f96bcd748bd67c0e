/*
 * Publishing the control state: each nginx process is sent the newest record,
 * with the revocations that are newer than what it has reported.
 *
 * Of the router's thread alone, on its socket.  A report is the subscription:
 * a new process is answered at once, all of them whenever the control thread has
 * read the state, which is at least twice a second.
 */

#ifndef DP_PUBLISHER_H
#define DP_PUBLISHER_H

#include "feed.h"
#include "peers.h"

typedef struct dp_publisher_s dp_publisher_t;

/* Feed and peers stay the caller's.  Aborts when memory is out. */
dp_publisher_t *dp_publisher_create(dp_feed_t *feed, dp_peers_t *peers);
void            dp_publisher_destroy(dp_publisher_t *publisher);

/* Readable when dp_publisher_turn() has something to send. */
int dp_publisher_fd(const dp_publisher_t *publisher);

/* Takes the newest record and sends it to all, over the ROUTER `socket`. */
void dp_publisher_turn(dp_publisher_t *publisher, void *socket);

/*
 * Notes the report of the connection that the ROUTER calls `route`, and sends
 * it the record if it is new or behind.  False: the report is malformed.
 */
bool dp_publisher_report(dp_publisher_t *publisher, void *socket,
                         dp_slice_t route, const dp_wire_report_t *report);

/* The record is no older than what edges still believe by default. */
bool dp_publisher_fresh(const dp_publisher_t *publisher);

#endif /* DP_PUBLISHER_H */
