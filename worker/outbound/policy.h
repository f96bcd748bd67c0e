/*
 * What calls and mails share: one attempt behind its breakers, and what is told
 * of it.
 *
 * Private to this folder.
 */

#ifndef DP_OUTBOUND_POLICY_H
#define DP_OUTBOUND_POLICY_H

#include "breaker_store.h"
#include "outbound.h"
#include "transfer.h"

/* Whose attempt it is. */
typedef struct {
    const char         *operation; /* a label */
    dp_breaker_ticket_t ticket;
    const uint8_t      *trace_id;  /* NULL: none */
    bool                idempotent;

    /* What its result means. */
    dp_call_class_t (*classify)(const dp_transfer_result_t *result,
                                bool idempotent);
} dp_attempt_t;

/* The settings and peers that dp_outbound_start() was given. */
const dp_settings_t *dp_outbound_settings(void);

/* A ticket for the provider, or for one of its servers. */
void dp_attempt_begin(dp_attempt_t *attempt, dp_provider_id_t provider,
                      const char *instance);

/*
 * Makes one attempt, if it may be made, and reports it to the breakers by what
 * its classify() says of the result.  Fills error, class, status, retry_after_s and
 * correlation of the answer; the result's body is the caller's to free.
 */
void dp_attempt_make(dp_attempt_t *attempt, const dp_transfer_t *transfer,
                     dp_transfer_result_t *result, dp_answer_t *answer);

/* The time for one attempt before `until_us`; 0: there is none. */
uint64_t dp_attempt_time_us(uint64_t until_us);

#endif /* DP_OUTBOUND_POLICY_H */
