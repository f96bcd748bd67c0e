/*
 * The mailbox: a list under a mutex.
 *
 * Putting wakes one thread, and one that takes while more is left wakes the
 * next: short work is then done by the few threads that are awake already,
 * and long work still reaches all of them.
 */

#include "mailbox.h"

#include <pthread.h>
#include <stdlib.h>

struct dp_mailbox_s {
    pthread_mutex_t mutex;
    pthread_cond_t  filled;
    dp_message_t   *first;
    dp_message_t  **last; /* where the next one is linked */
    size_t          length;
    size_t          capacity;
    size_t          waiting; /* threads in take() */
    bool            waking;  /* a signalled thread has not yet run */
    bool            closed;
};

dp_mailbox_t *
dp_mailbox_create(size_t capacity)
{
    dp_mailbox_t *mailbox = calloc(1, sizeof(*mailbox));

    if (mailbox == NULL) {
        abort();
    }

    pthread_mutex_init(&mailbox->mutex, NULL);
    pthread_cond_init(&mailbox->filled, NULL);
    mailbox->last = &mailbox->first;
    mailbox->capacity = capacity;

    return mailbox;
}

void
dp_mailbox_destroy(dp_mailbox_t *mailbox)
{
    pthread_cond_destroy(&mailbox->filled);
    pthread_mutex_destroy(&mailbox->mutex);
    free(mailbox);
}

/* Under the mutex. */
static void
wake_one(dp_mailbox_t *mailbox)
{
    if (mailbox->waiting > 0 && !mailbox->waking) {
        mailbox->waking = true;
        pthread_cond_signal(&mailbox->filled);
    }
}

/* Under the mutex. */
static dp_message_t *
unlink_first(dp_mailbox_t *mailbox)
{
    dp_message_t *message = mailbox->first;

    mailbox->first = message->next;
    mailbox->length--;

    if (mailbox->first == NULL) {
        mailbox->last = &mailbox->first;
    }

    return message;
}

bool
dp_mailbox_put(dp_mailbox_t *mailbox, dp_message_t *message)
{
    bool room;

    pthread_mutex_lock(&mailbox->mutex);
    room = mailbox->length < mailbox->capacity;

    if (room) {
        message->next = NULL;
        *mailbox->last = message;
        mailbox->last = &message->next;
        mailbox->length++;
        wake_one(mailbox);
    }

    pthread_mutex_unlock(&mailbox->mutex);

    return room;
}

/* Under the mutex. */
static void
wait_filled(dp_mailbox_t *mailbox)
{
    mailbox->waiting++;
    pthread_cond_wait(&mailbox->filled, &mailbox->mutex);
    mailbox->waiting--;
    mailbox->waking = false;
}

dp_message_t *
dp_mailbox_take(dp_mailbox_t *mailbox)
{
    dp_message_t *message = NULL;

    pthread_mutex_lock(&mailbox->mutex);

    while (mailbox->first == NULL && !mailbox->closed) {
        wait_filled(mailbox);
    }

    if (mailbox->first != NULL) {
        message = unlink_first(mailbox);
    }

    if (mailbox->first != NULL) {
        wake_one(mailbox);
    }

    pthread_mutex_unlock(&mailbox->mutex);

    return message;
}

dp_message_t *
dp_mailbox_take_late(dp_mailbox_t *mailbox, uint64_t now_us)
{
    dp_message_t *message = NULL;

    pthread_mutex_lock(&mailbox->mutex);

    if (mailbox->first != NULL && mailbox->first->deadline_us < now_us) {
        message = unlink_first(mailbox);
    }

    pthread_mutex_unlock(&mailbox->mutex);

    return message;
}

void
dp_mailbox_close(dp_mailbox_t *mailbox)
{
    pthread_mutex_lock(&mailbox->mutex);
    mailbox->closed = true;
    pthread_cond_broadcast(&mailbox->filled);
    pthread_mutex_unlock(&mailbox->mutex);
}

size_t
dp_mailbox_length(dp_mailbox_t *mailbox)
{
    size_t length;

    pthread_mutex_lock(&mailbox->mutex);
    length = mailbox->length;
    pthread_mutex_unlock(&mailbox->mutex);

    return length;
}
