/*
 * What becomes of a message that has just been received: the router's judgement
 * before any thread is troubled.
 */

#ifndef DP_INTAKE_H
#define DP_INTAKE_H

#include "health.h"
#include "mailbox.h"

typedef enum {
    DP_INTAKE_EXECUTE, /* to its mailbox */
    DP_INTAKE_ANSWER,  /* `reply` is filled: send it now */
    DP_INTAKE_NOTE,    /* `asked.report` is for the publisher */
    DP_INTAKE_DROP,    /* malformed, or past its deadline */
} dp_intake_t;

/* What the judgement depends on beside the message. */
typedef struct {
    dp_health_t   *health;
    dp_mailboxes_t mailboxes;
    size_t         in_flight;
    bool           control_fresh; /* the control state was read lately */
    bool           draining;
} dp_intake_state_t;

/* Opens and decodes `message->frame` and says what to do; counts it. */
dp_intake_t dp_intake_judge(dp_message_t *message,
                            const dp_intake_state_t *state);

#endif /* DP_INTAKE_H */
