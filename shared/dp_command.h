/*
 * What devpilotctl and a worker say to each other over the control socket.
 *
 * A command is one packet (SOCK_SEQPACKET) and so is its outcome, both in the
 * form of dp_wire.h.  Where `again` is not 0 the caller asks again, with that
 * verb and with generation, time and state of the outcome, until it is 0: the
 * worker keeps nothing between two commands.
 */

#ifndef DP_COMMAND_H
#define DP_COMMAND_H

#include "dp_wire.h"

/* Bytes of the largest packet; Linux takes it with its default buffers. */
#define DP_COMMAND_PACKET_SIZE (160 * 1024)

typedef enum {
    DP_COMMAND_LIST = 1,
    DP_COMMAND_SET,
    DP_COMMAND_VERIFY,
    DP_COMMAND_AWAIT, /* what SET began */
    DP_COMMAND_LIFT,  /* the block of a subject */
    DP_COMMAND_LIFT_AWAIT, /* likewise */
    DP_COMMAND_HEALTH, /* the newest probe; the text is JSON */
    DP_COMMAND_BREAKERS,
    DP_COMMAND_BREAKER_RESET,
    DP_COMMAND_KEYS_LIST,
    DP_COMMAND_KEYS_ROTATE, /* of a purpose */
    DP_COMMAND_KEYS_REVOKE, /* by its kid */
    DP_COMMAND_KEYS_AWAIT,  /* what these two began */
    DP_COMMAND_JOBS_LIST,
    DP_COMMAND_JOBS_SHOW, /* by its id, as those that follow */
    DP_COMMAND_JOBS_REQUEUE,
    DP_COMMAND_JOBS_CANCEL,
    DP_COMMAND_CHECKPOINT, /* of the audit trail of an organisation */
} dp_command_verb_t;

typedef struct {
    uint16_t   verb;      /* dp_command_verb_t; required */
    dp_slice_t name; /* of a switch, a breaker, a subject, a key, a job */
    uint16_t   on;        /* 1 or 0 */
    dp_slice_t reason;
    dp_slice_t confirmed; /* the name once more */
    uint64_t   expires_s; /* from now; 0: never */
    uint16_t   json;      /* 1: the text is a JSON document */
    uint16_t   color;     /* 1: it may have colours */
    uint16_t   dry_run;   /* 1: judge it only */
    uint16_t   last;      /* 1: the caller's patience is at its end */
    uint64_t   generation;
    uint64_t   since_us;
    uint16_t   state;
} dp_command_t;

typedef struct {
    uint16_t   again; /* dp_command_verb_t; 0: done */
    uint16_t   exit;  /* for the caller's process, 1 or of sysexits.h */
    uint64_t   generation;
    uint64_t   since_us; /* CLOCK_MONOTONIC */
    uint16_t   state;
    dp_slice_t text;
} dp_outcome_t;

extern const dp_wire_spec_t dp_wire_command;
extern const dp_wire_spec_t dp_wire_outcome;

#endif /* DP_COMMAND_H */
