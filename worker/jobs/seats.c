/*
 * A table of seats under a mutex that is held for the length of a loop.
 */

#include "seats.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    bool           held;
    dp_job_lease_t claim;
    uint64_t       renewed_us; /* CLOCK_MONOTONIC */
    atomic_bool    lost;
} seat_t;

struct dp_seats_s {
    pthread_mutex_t mutex;
    seat_t          seats[DP_JOB_LEASES_MAX]; /* under the mutex, but for .lost */
};

dp_seats_t *
dp_seats_create(void)
{
    dp_seats_t *seats = calloc(1, sizeof(*seats));

    if (seats == NULL) {
        abort();
    }

    pthread_mutex_init(&seats->mutex, NULL);

    return seats;
}

void
dp_seats_destroy(dp_seats_t *seats)
{
    pthread_mutex_destroy(&seats->mutex);
    free(seats);
}

void
dp_seat_take(dp_seats_t *seats, size_t index, dp_job_t *job, uint64_t now_us)
{
    seat_t *seat = &seats->seats[index];

    pthread_mutex_lock(&seats->mutex);
    seat->held = true;
    memcpy(seat->claim.id, job->id, DP_JOB_ID_SIZE);
    seat->claim.fence = job->fence;
    seat->renewed_us = now_us;
    atomic_store(&seat->lost, false);
    pthread_mutex_unlock(&seats->mutex);

    job->lost = &seat->lost;
}

void
dp_seat_leave(dp_seats_t *seats, size_t index)
{
    pthread_mutex_lock(&seats->mutex);
    seats->seats[index].held = false;
    pthread_mutex_unlock(&seats->mutex);
}

void
dp_seats_copy(dp_seats_t *seats, dp_job_leases_t *claims)
{
    claims->count = 0;

    pthread_mutex_lock(&seats->mutex);

    for (size_t i = 0; i < DP_JOB_LEASES_MAX; i++) {
        if (seats->seats[i].held) {
            claims->items[claims->count++] = seats->seats[i].claim;
        }
    }

    pthread_mutex_unlock(&seats->mutex);
}

static bool
is_among(const dp_job_lease_t *claim, const dp_job_leases_t *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].fence == claim->fence
            && memcmp(list->items[i].id, claim->id, DP_JOB_ID_SIZE) == 0) {
            return true;
        }
    }

    return false;
}

void
dp_seats_renewed(dp_seats_t *seats, const dp_job_leases_t *claims,
                 const dp_job_leases_t *leases, uint64_t now_us)
{
    pthread_mutex_lock(&seats->mutex);

    for (size_t i = 0; i < DP_JOB_LEASES_MAX; i++) {
        seat_t *seat = &seats->seats[i];

        if (!seat->held || !is_among(&seat->claim, claims)) {
            continue;
        }

        if (is_among(&seat->claim, leases)) {
            seat->renewed_us = now_us;
        } else {
            atomic_store(&seat->lost, true);
        }
    }

    pthread_mutex_unlock(&seats->mutex);
}

void
dp_seats_doubt(dp_seats_t *seats, uint64_t since_us)
{
    pthread_mutex_lock(&seats->mutex);

    for (size_t i = 0; i < DP_JOB_LEASES_MAX; i++) {
        seat_t *seat = &seats->seats[i];

        if (seat->held && seat->renewed_us < since_us) {
            atomic_store(&seat->lost, true);
        }
    }

    pthread_mutex_unlock(&seats->mutex);
}
