/*
 * What the job threads hold: a seat each, with the claim it works on.
 *
 * A thread takes and leaves its seat; the keeper compares all seats with the
 * leases that the database still knows, and tells those that lost theirs.
 */

#ifndef DP_SEATS_H
#define DP_SEATS_H

#include "queue.h"

typedef struct dp_seats_s dp_seats_t;

/* Aborts when memory is out. */
dp_seats_t *dp_seats_create(void);
void        dp_seats_destroy(dp_seats_t *seats);

/*
 * From now on this seat holds the job's claim, until it is left; `now_us` is
 * CLOCK_MONOTONIC from before the claim.  Sets job->lost.
 */
void dp_seat_take(dp_seats_t *seats, size_t seat, dp_job_t *job,
                  uint64_t now_us);
void dp_seat_leave(dp_seats_t *seats, size_t seat);

/* Copies the claims that are held now. */
void dp_seats_copy(dp_seats_t *seats, dp_job_leases_t *claims);

/*
 * `claims` were held before `leases` were renewed at `now_us`: those that are
 * not among them are lost.
 */
void dp_seats_renewed(dp_seats_t *seats, const dp_job_leases_t *claims,
                      const dp_job_leases_t *leases, uint64_t now_us);

/* Claims that were not renewed since `since_us` are taken for lost. */
void dp_seats_doubt(dp_seats_t *seats, uint64_t since_us);

#endif /* DP_SEATS_H */
