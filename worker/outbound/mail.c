/*
 * A mail: one exchange with the operator's own server.
 */

#include "policy.h"

#include <stdlib.h>

#define ANSWER_BYTES_MAX 65536

static dp_call_class_t
classify(const dp_transfer_result_t *result, bool idempotent)
{
    (void) idempotent;

    if (result->code == CURLE_OK) {
        return DP_CALL_ANSWERED;
    }

    if (result->code == CURLE_ABORTED_BY_CALLBACK && !result->sent) {
        return DP_CALL_NOT_MADE;
    }

    if (result->code == CURLE_URL_MALFORMAT
        || result->code == CURLE_UNSUPPORTED_PROTOCOL) {
        return DP_CALL_REFUSED;
    }

    if (result->status >= 400) {
        return result->status >= 500 ? DP_CALL_DECLINED : DP_CALL_THROTTLED;
    }

    return DP_CALL_FAILED;
}

bool
dp_outbound_mail(const dp_mail_t *mail, dp_answer_t *answer)
{
    dp_transfer_result_t result;
    dp_attempt_t         attempt = {
                .operation = "send",
                .classify = classify,
                .ticket = {
                    .db = mail->db,
                    .request_id = mail->request_id,
                    .until_us = mail->until_us,
        },
    };
    dp_transfer_t transfer = {
        .url = mail->url,
        .lines = curl_slist_append(NULL, mail->to),
        .sender = mail->from,
        .user = mail->user,
        .password = mail->password,
        .body = mail->message,
        .correlation = "",
        .anywhere = true,
        .timeout_us = dp_attempt_time_us(mail->until_us),
        .max_bytes = ANSWER_BYTES_MAX,
    };

    *answer = (dp_answer_t) {.correlation = ""};
    dp_attempt_begin(&attempt, DP_PROVIDER_mail, NULL);
    dp_attempt_make(&attempt, &transfer, &result, answer);
    curl_slist_free_all(transfer.lines);
    free(result.body);

    if (answer->class == DP_CALL_DECLINED) {
        answer->error = DP_ERR_INTEGRATION_MAIL_UNAVAILABLE;
    }

    return answer->error == DP_OK;
}
