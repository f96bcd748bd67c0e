/*
 * The job mail.send: one mail, handed to the operator's server.
 *
 * A mail may go out twice, when its server took it and nobody could say so; both
 * have one Message-ID.
 */

#include "mail_private.h"

#include "jobs/handlers.h"
#include "jobs/payload.h"
#include "outbound/outbound.h"
#include "runtime/deadline.h"

#define SEND_LIMIT_US 30000000

static dp_job_outcome_t
hopeless(dp_job_t *job, const char *note)
{
    job->note = note;
    (void) dp_job_fail(job, DP_ERR_INTERNAL);

    return DP_JOB_HOPELESS;
}

static dp_job_outcome_t
send(dp_job_t *job, const char *to, dp_slice_t message)
{
    const dp_mail_config_t *config = dp_mail_config();
    dp_answer_t             answer;
    dp_mail_t               mail = {
                      .url = config->url,
                      .user = config->user,
                      .password = config->password,
                      .from = config->from,
                      .to = to,
                      .message = message,
                      .request_id = job->request_id,
                      .until_us = dp_monotonic_us() + SEND_LIMIT_US,
                      .db = job->db,
                      .arena = job->arena,
    };

    if (dp_outbound_mail(&mail, &answer)) {
        return DP_JOB_DONE;
    }

    if (answer.class == DP_CALL_DECLINED) {
        job->note = "the mail server does not want it";
        (void) dp_job_fail(job, answer.error);
        return DP_JOB_HOPELESS;
    }

    return dp_outbound_job_outcome(job, &answer);
}

/* What a letter comes to. */
static dp_job_outcome_t
letter_send(dp_job_t *job, const dp_mail_letter_t *letter)
{
    dp_slice_t message;

    if (!dp_mail_letter_render(&message, job->arena, letter, job->id,
                               dp_now_us())) {
        return hopeless(job, "its recipient or its values cannot be written");
    }

    if (dp_mail_config()->url[0] == '\0') {
        job->note = "mail_url is not set";
        return dp_job_fail(job, DP_ERR_INTEGRATION_MAIL_UNAVAILABLE);
    }

    return send(job, (const char *) dp_arena_copy(job->arena, letter->to).data,
                message);
}

dp_job_outcome_t
dp_mail_deliver(dp_job_t *job, dp_mail_template_t mail, dp_slice_t to,
                dp_mail_values_t values)
{
    return letter_send(job, &(dp_mail_letter_t) {
                                .row = &dp_mail_rows[mail],
                                .to = to,
                                .values = values,
                            });
}

dp_job_outcome_t
dp_job_mail_send(dp_job_t *job)
{
    dp_mail_letter_t letter;
    dp_slice_t       payload;

    return dp_payload_open(job, &payload)
                   && dp_mail_letter_read(&letter, job->arena, payload)
               ? letter_send(job, &letter)
               : hopeless(job, "its payload cannot be read");
}
