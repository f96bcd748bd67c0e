/*
 * Questions about credentials: asked once per process, however many requests
 * wait for the answer.
 *
 * A question outlives the request that asked it: its answer is worth storing
 * even when nobody waits any more, and who breaks off and comes again does not
 * make the worker look twice.  Questions are exchanges, so there are never more
 * than may be in flight.
 */

#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_principals.h"

#define BUCKETS 256

/*
 * An answer that is older than a revocation is asked for again.  The database
 * that told of the revocation knows it by then; a third time is for revocations
 * that follow one another.
 */
#define ATTEMPTS 3

typedef struct {
    ngx_queue_t                    queue; /* of a bucket */
    ngx_queue_t                    waiters;
    ngx_http_devpilot_main_conf_t *mcf;
    ngx_http_devpilot_exchange_t   exchange;
    dp_wire_principal_t            reply;
    dp_principal_record_t          record;
    ngx_http_devpilot_credential_t credential;
    uint8_t                        request_id[DP_ID_SIZE];
    ngx_uint_t                     attempts;
} question_t;

static ngx_queue_t buckets[BUCKETS]; /* by the name of the credential */

void
ngx_http_devpilot_questions_open(void)
{
    for (ngx_uint_t i = 0; i < BUCKETS; i++) {
        ngx_queue_init(&buckets[i]);
    }
}

static ngx_http_devpilot_principal_counters_t *
counters(void)
{
    return &ngx_http_devpilot_metrics_process()->principals;
}

static question_t *
question_find(const uint64_t *name)
{
    ngx_queue_t *bucket = &buckets[name[0] % BUCKETS];

    for (ngx_queue_t *q = ngx_queue_head(bucket);
         q != ngx_queue_sentinel(bucket); q = ngx_queue_next(q))
    {
        question_t *question = ngx_queue_data(q, question_t, queue);

        if (question->record.name[0] == name[0]
            && question->record.name[1] == name[1])
        {
            return question;
        }
    }

    return NULL;
}

/* Each kind of question has its own fields; those that are zero are left out. */
static void
credential_say(const ngx_http_devpilot_credential_t *credential,
               dp_wire_authenticate_t               *message)
{
    message->kind = (uint16_t) credential->kind;
    message->principal = credential->principal;
    message->issuer = dp_slice(credential->issuer, credential->issuer_len);
    message->subject = dp_slice(credential->subject, credential->subject_len);

    if (credential->kind == DP_WIRE_ASK_API_KEY) {
        message->prefix = dp_slice(credential->prefix,
                                   sizeof(credential->prefix));
    }

    if (credential->kind == DP_WIRE_ASK_API_KEY
        || credential->kind == DP_WIRE_ASK_COOKIE)
    {
        message->digest = dp_slice(credential->digest,
                                   sizeof(credential->digest));
    }
}

static ngx_int_t
question_ask(question_t *question)
{
    ngx_http_devpilot_channels_t *channels = &question->mcf->channels;
    dp_wire_authenticate_t        message = {
        .deadline_us = ngx_http_devpilot_channels_deadline_us(channels),
    };

    credential_say(&question->credential, &message);
    ngx_memcpy(message.request_id, question->request_id, DP_ID_SIZE);
    question->record.asked_ms = ngx_current_msec;
    question->attempts++;

    return ngx_http_devpilot_exchange_send(channels, &question->exchange,
                                           &dp_wire_authenticate, &message);
}

static void
question_free(question_t *question)
{
    ngx_queue_remove(&question->queue);
    ngx_explicit_memzero(question, sizeof(*question));
    ngx_free(question);
}

void
ngx_http_devpilot_questions_close(void)
{
    for (ngx_uint_t i = 0; i < BUCKETS; i++) {
        while (!ngx_queue_empty(&buckets[i])) {
            question_free(ngx_queue_data(ngx_queue_head(&buckets[i]),
                                         question_t, queue));
        }
    }
}

/*
 * Each handler may end requests, that of another waiter too: the list is read
 * anew each time.  A question that is being answered is not in a bucket any
 * more, so nobody joins it.
 */
static void
question_answer(question_t *question, dp_error_t refused, dp_slice_t causes)
{
    question->record.refused = (uint16_t) refused;

    ngx_queue_remove(&question->queue);
    ngx_queue_init(&question->queue);

    while (!ngx_queue_empty(&question->waiters)) {
        ngx_queue_t *first = ngx_queue_head(&question->waiters);
        ngx_http_devpilot_waiter_t *waiter =
            ngx_queue_data(first, ngx_http_devpilot_waiter_t, queue);

        ngx_http_devpilot_question_leave(waiter);
        waiter->record = question->record;
        waiter->causes = causes;
        waiter->handler(waiter);
    }

    question_free(question);
}

/* The earlier one; 0 is never. */
static uint64_t
expiry_min(uint64_t a, uint64_t b)
{
    return a == 0 || b == 0 ? a | b : ngx_min(a, b);
}

/*
 * A message without a field is well-formed, and says nobody's name.  A token may do
 * less than whom it was issued to, and not for as long.
 */
static dp_error_t
reply_read(const dp_wire_principal_t            *reply,
           const ngx_http_devpilot_credential_t *credential,
           dp_principal_record_t                *record)
{
    record->generation = reply->generation;
    record->expires_us = expiry_min(reply->expires_us, credential->expires_us);
    record->scopes = reply->scopes & credential->scopes;
    record->principal = reply->principal;
    record->plan = reply->plan;

    if (reply->code.len != 0) {
        return dp_error_find(reply->code);
    }

    return reply->principal.kind == DP_PRINCIPAL_NONE ? DP_ERR_INTERNAL : DP_OK;
}

static dp_error_t
asked_again(question_t *question)
{
    counters()->asked_again++;

    if (question->attempts >= ATTEMPTS) {
        return DP_ERR_WORKER_UNAVAILABLE;
    }

    switch (question_ask(question)) {
    case NGX_OK:
        return DP_OK;
    case NGX_BUSY:
        return DP_ERR_WORKER_BUSY;
    case NGX_DECLINED:
        return DP_ERR_WORKER_UNAVAILABLE;
    default:
        return DP_ERR_INTERNAL;
    }
}

static void
answered(ngx_http_devpilot_exchange_t *exchange, dp_error_t outcome)
{
    question_t            *question = exchange->data;
    dp_principal_record_t *record = &question->record;
    dp_slice_t             causes = dp_slice(NULL, 0);

    if (outcome == DP_OK) {
        outcome = reply_read(&question->reply, &question->credential,
                             record);
        causes = question->reply.causes;
    }

    record->refused = (uint16_t) outcome;

    /* what else may be wrong is not the credential's fault */
    if ((outcome == DP_OK || ngx_http_devpilot_credential_refused(outcome))
        && !ngx_http_devpilot_principals_keep(question->mcf, record))
    {
        outcome = asked_again(question);
        if (outcome == DP_OK) {
            return;
        }
    }

    question_answer(question, outcome, causes);
}

static question_t *
question_make(ngx_http_devpilot_main_conf_t *mcf, const uint64_t *name,
              const ngx_http_devpilot_credential_t *credential,
              const uint8_t request_id[DP_ID_SIZE])
{
    question_t *question = ngx_calloc(sizeof(*question), ngx_cycle->log);

    if (question == NULL) {
        return NULL;
    }

    question->mcf = mcf;
    question->exchange.handler = answered;
    question->exchange.data = question;
    question->exchange.reply_spec = &dp_wire_principal;
    question->exchange.reply = &question->reply;
    question->exchange.repeatable = 1;
    question->record.name[0] = name[0];
    question->record.name[1] = name[1];
    question->credential = *credential;
    ngx_memcpy(question->request_id, request_id, DP_ID_SIZE);
    ngx_queue_init(&question->waiters);
    ngx_queue_insert_tail(&buckets[name[0] % BUCKETS], &question->queue);

    return question;
}

static void
waiter_add(question_t *question, ngx_http_devpilot_waiter_t *waiter)
{
    ngx_queue_insert_tail(&question->waiters, &waiter->queue);
    waiter->waiting = 1;
}

ngx_int_t
ngx_http_devpilot_question_join(ngx_http_devpilot_main_conf_t *mcf,
                                ngx_http_devpilot_waiter_t *waiter,
                                const ngx_http_devpilot_credential_t *credential,
                                const uint8_t request_id[DP_ID_SIZE])
{
    ngx_int_t   rc;
    question_t *question = question_find(waiter->record.name);

    if (question != NULL) {
        counters()->joined++;
        waiter_add(question, waiter);
        return NGX_OK;
    }

    question = question_make(mcf, waiter->record.name, credential, request_id);
    if (question == NULL) {
        return NGX_ERROR;
    }

    rc = question_ask(question);
    if (rc != NGX_OK) {
        question_free(question);
        return rc;
    }

    counters()->asked++;
    waiter_add(question, waiter);

    return NGX_AGAIN;
}

void
ngx_http_devpilot_question_leave(ngx_http_devpilot_waiter_t *waiter)
{
    if (waiter->waiting) {
        ngx_queue_remove(&waiter->queue);
        waiter->waiting = 0;
    }
}
