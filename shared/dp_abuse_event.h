/*
 * What happened to a subject of abuse detection: the event that the edge raises,
 * keeps until a worker has stored it, and the audit trail shows.
 *
 * Tiers and signals have numbers for ever: events are kept in files, and edge and
 * worker are upgraded one after the other.
 */

#ifndef DP_ABUSE_EVENT_H
#define DP_ABUSE_EVENT_H

#include <stdint.h>

#include "dp_principal.h"

typedef enum {
    DP_ABUSE_NORMAL,
    DP_ABUSE_WARN,
    DP_ABUSE_THROTTLE,
    DP_ABUSE_BLOCK,
    DP_ABUSE_TIERS,
} dp_abuse_tier_t;

typedef enum {
    DP_ABUSE_AUTH,     /* a credential that was none */
    DP_ABUSE_BURST,    /* far above the refill, sustained */
    DP_ABUSE_PROBE,    /* a path that failed and had not failed before */
    DP_ABUSE_HONEYPOT, /* a path that nobody has a reason to ask for */
    DP_ABUSE_SIGNALS,
} dp_abuse_signal_t;

typedef enum {
    DP_ABUSE_ADDRESS = 1,    /* IPv4-mapped, or an IPv6 /64 */
    DP_ABUSE_CREDENTIAL = 2, /* its id */
} dp_abuse_subject_t;

typedef enum {
    DP_EVENT_ESCALATED = 1,
    DP_EVENT_ENFORCED = 2, /* the first refusal of a block or a throttling */
    DP_EVENT_EXPIRED = 3,  /* the time of a tier is over */
} dp_event_kind_t;

typedef struct {
    uint8_t  id[DP_ID_SIZE]; /* the edge's; a worker stores an id once */
    uint64_t at_us;          /* since 1970 */
    uint16_t kind;           /* dp_event_kind_t */
    uint16_t subject_kind;   /* dp_abuse_subject_t */
    uint8_t  subject[DP_ID_SIZE];
    uint8_t  org_id[DP_ID_SIZE]; /* of a credential; zeros: none */
    uint16_t from;               /* dp_abuse_tier_t */
    uint16_t to;
    uint16_t signal;             /* dp_abuse_signal_t that decided */
    uint32_t score;
    uint32_t signals[DP_ABUSE_SIGNALS]; /* how often each was noted */
    uint64_t until_us; /* since 1970: the end of a block */
    uint16_t level;    /* of a block: how often its time was doubled */
    uint16_t shadow;   /* 1: nothing was refused */
    uint8_t  request_id[DP_ID_SIZE]; /* that caused it; zeros: none did */
} dp_abuse_event_t;

#endif /* DP_ABUSE_EVENT_H */
