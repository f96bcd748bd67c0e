/*
 * Mails to people, each a job of the kind mail.send.
 *
 * A mail is queued in the transaction that it follows from, so there is none
 * about what did not happen.  Its job's payload is sealed: it has one-time tokens.
 */

#ifndef DP_MAIL_H
#define DP_MAIL_H

#include "db/transaction.h"
#include "jobs/job.h"
#include "settings.h"
#include "template.h"

/*
 * Takes over the settings and reads the password of mail_password_file; called
 * once, by main, before any thread.  NULL, or a sentence that says what is wrong.
 */
const char *dp_mail_open(const dp_settings_t *settings)
    __attribute__((warn_unused_result));

/* Queues a mail with the values that the template names, but for {public_url}. */
void dp_mail_queue(dp_op_t *op, dp_mail_template_t mail, dp_slice_t to,
                   dp_mail_values_t values);

/*
 * Sends a mail now, for a job: what the job ends with.  The Message-ID is made of
 * the job's id.
 */
dp_job_outcome_t dp_mail_deliver(dp_job_t *job, dp_mail_template_t mail,
                                 dp_slice_t to, dp_mail_values_t values);

/* The values of one mail: DP_MAIL_VALUES({DP_SLICE("token"), token}, ...). */
#define DP_MAIL_VALUES(...)                                      \
    ((dp_mail_values_t) {(const dp_mail_value_t[]) {__VA_ARGS__}, \
                         sizeof((const dp_mail_value_t[]) {__VA_ARGS__}) \
                             / sizeof(dp_mail_value_t)})

/* Now, for people: "2026-11-20 10:00 UTC", in the arena. */
dp_slice_t dp_mail_now(dp_arena_t *arena);

#endif /* DP_MAIL_H */
