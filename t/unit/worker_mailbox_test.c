/*
 * The mailbox and the way back: order, bounds, and nothing lost or doubled
 * between many threads.
 */

#include "runtime/mailbox.h"
#include "runtime/replies.h"
#include "unit.h"

#include <poll.h>
#include <pthread.h>

#define THREADS 8
#define MESSAGES 20000

static dp_mailbox_t *mailbox;
static dp_replies_t *replies;
static dp_message_t  messages[MESSAGES];

START_TEST(first_in_first_out_up_to_the_capacity)
{
    mailbox = dp_mailbox_create(2);

    ck_assert(dp_mailbox_put(mailbox, &messages[0]));
    ck_assert(dp_mailbox_put(mailbox, &messages[1]));
    ck_assert(!dp_mailbox_put(mailbox, &messages[2]));
    ck_assert_uint_eq(dp_mailbox_length(mailbox), 2);

    ck_assert_ptr_eq(dp_mailbox_take(mailbox), &messages[0]);
    ck_assert(dp_mailbox_put(mailbox, &messages[2]));
    ck_assert_ptr_eq(dp_mailbox_take(mailbox), &messages[1]);
    ck_assert_ptr_eq(dp_mailbox_take(mailbox), &messages[2]);

    dp_mailbox_destroy(mailbox);
}
END_TEST

START_TEST(only_a_late_head_is_taken_as_late)
{
    mailbox = dp_mailbox_create(2);
    messages[0].deadline_us = 100;
    messages[1].deadline_us = 50;
    ck_assert(dp_mailbox_put(mailbox, &messages[0]));
    ck_assert(dp_mailbox_put(mailbox, &messages[1]));

    ck_assert_ptr_null(dp_mailbox_take_late(mailbox, 100));
    ck_assert_ptr_eq(dp_mailbox_take_late(mailbox, 101), &messages[0]);
    ck_assert_ptr_eq(dp_mailbox_take_late(mailbox, 101), &messages[1]);
    ck_assert_ptr_null(dp_mailbox_take_late(mailbox, 101));

    dp_mailbox_destroy(mailbox);
}
END_TEST

START_TEST(a_closed_mailbox_is_emptied_first)
{
    mailbox = dp_mailbox_create(1);
    ck_assert(dp_mailbox_put(mailbox, &messages[0]));
    dp_mailbox_close(mailbox);

    ck_assert_ptr_eq(dp_mailbox_take(mailbox), &messages[0]);
    ck_assert_ptr_null(dp_mailbox_take(mailbox));

    dp_mailbox_destroy(mailbox);
}
END_TEST

static bool
is_readable(void)
{
    struct pollfd item = {.fd = dp_replies_fd(replies), .events = POLLIN};

    return poll(&item, 1, 0) == 1;
}

START_TEST(replies_come_in_order_and_wake_once)
{
    replies = dp_replies_create();
    ck_assert(!is_readable());
    ck_assert_ptr_null(dp_replies_take(replies));

    dp_replies_push(replies, &messages[0]);
    dp_replies_push(replies, &messages[1]);
    ck_assert(is_readable());

    ck_assert_ptr_eq(dp_replies_take(replies), &messages[0]);
    ck_assert_ptr_eq(messages[0].next, &messages[1]);
    ck_assert_ptr_null(messages[1].next);
    ck_assert(!is_readable());

    dp_replies_destroy(replies);
}
END_TEST

static void *
echo_main(void *data)
{
    dp_message_t *message;

    while ((message = dp_mailbox_take(mailbox)) != NULL) {
        message->received_us++;
        dp_replies_push(replies, message);
    }

    return data;
}

/* Collects what has come back; waits for something when `wait`. */
static size_t
collect(bool wait)
{
    struct pollfd item = {.fd = dp_replies_fd(replies), .events = POLLIN};
    size_t        count = 0;

    if (wait) {
        ck_assert_int_eq(poll(&item, 1, 3000), 1);
    }

    for (dp_message_t *message = dp_replies_take(replies); message != NULL;
         message = message->next) {
        count++;
    }

    return count;
}

START_TEST(many_threads_lose_nothing)
{
    pthread_t threads[THREADS];
    size_t    back = 0;

    mailbox = dp_mailbox_create(64);
    replies = dp_replies_create();

    for (size_t i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, echo_main, NULL);
    }

    for (size_t i = 0; i < MESSAGES; i++) {
        messages[i].received_us = 0;

        while (!dp_mailbox_put(mailbox, &messages[i])) {
            back += collect(true);
        }
    }

    while (back < MESSAGES) {
        back += collect(true);
    }

    dp_mailbox_close(mailbox);

    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }

    ck_assert_uint_eq(back, MESSAGES);
    ck_assert_uint_eq(collect(false), 0);

    for (size_t i = 0; i < MESSAGES; i++) {
        ck_assert_uint_eq(messages[i].received_us, 1);
    }

    dp_replies_destroy(replies);
    dp_mailbox_destroy(mailbox);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker mailbox", first_in_first_out_up_to_the_capacity,
                    only_a_late_head_is_taken_as_late,
                    a_closed_mailbox_is_emptied_first,
                    replies_come_in_order_and_wake_once,
                    many_threads_lose_nothing);
}
