/*
 * The nginx processes that are connected, as their reports describe them.
 *
 * The router notes reports; any thread may read copies.  A process that has not
 * reported for five seconds is forgotten.
 */

#ifndef DP_PEERS_H
#define DP_PEERS_H

#include "dp_kill_switch.h"
#include "dp_wire.h"

#define DP_PEERS_MAX 1024
#define DP_PEER_ROUTE_MAX 32 /* bytes of a ROUTER's name for a connection */
#define DP_PEER_INSTANCE_MAX 64
#define DP_PEER_FILE_MAX 1024 /* bytes of its file of switches that are kept */

typedef struct {
    uint8_t  route[DP_PEER_ROUTE_MAX];
    size_t   route_len;
    char     instance[DP_PEER_INSTANCE_MAX + 1];
    uint32_t pid;
    uint64_t generation;  /* applied */
    uint64_t reported_us; /* CLOCK_MONOTONIC */
    bool     draining;
    uint32_t switches[DP_KILL_DATABASE];    /* by source, DP_KILL_* */
    uint32_t pending[DP_KILL_SWITCH_COUNT]; /* writes under way, by bit */
    uint32_t file_owner;  /* user id of its file of switches */
    size_t   file_len;
    uint8_t  file_text[DP_PEER_FILE_MAX]; /* that file's first lines */
} dp_peer_t;

typedef struct dp_peers_s dp_peers_t;

/* Aborts when memory is out. */
dp_peers_t *dp_peers_create(void);
void        dp_peers_destroy(dp_peers_t *peers);

typedef enum {
    DP_PEER_REFUSED, /* nothing a process of ours says, or one too many */
    DP_PEER_KNOWN,
    DP_PEER_NEW,
} dp_peer_news_t;

/* Notes what the connection `route` reported at `now_us`. */
dp_peer_news_t dp_peers_report(dp_peers_t *peers, dp_slice_t route,
                               const dp_wire_report_t *report, uint64_t now_us);

/* Forgets the connection. */
void dp_peers_forget(dp_peers_t *peers, dp_slice_t route);

/*
 * Copies those that have reported in the last five seconds, and forgets the
 * others.  Returns how many there are; `copies` has room for DP_PEERS_MAX.
 */
size_t dp_peers_copy(dp_peers_t *peers, uint64_t now_us, dp_peer_t *copies);

/* The newest generation that any of them has applied; 0: none. */
uint64_t dp_peers_generation(dp_peers_t *peers);

/* The kill switches that any of them has on by itself, DP_KILL_*. */
uint32_t dp_peers_switches(dp_peers_t *peers);

#endif /* DP_PEERS_H */
