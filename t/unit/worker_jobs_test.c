/*
 * Jobs without a database: kinds, delays, and who still holds what.
 */

#define _GNU_SOURCE /* memmem */

#include "jobs/kinds.h"
#include "jobs/seats.h"
#include "jobs/wake.h"
#include "unit.h"

#include <poll.h>
#include <string.h>

START_TEST(delays_double_up_to_ten_minutes)
{
    static const struct {
        uint32_t attempt, longest_ms;
    } rows[] = {
        {1, 1000}, {2, 2000}, {3, 4000}, {10, 512000}, {11, 600000},
        {1000000, 600000},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint32_t longest = rows[i].longest_ms;

        ck_assert_uint_eq(dp_job_delay_ms(rows[i].attempt, 0), longest / 2);
        ck_assert_uint_eq(dp_job_delay_ms(rows[i].attempt, longest / 2),
                          longest);
        ck_assert_uint_le(dp_job_delay_ms(rows[i].attempt, UINT32_MAX),
                          longest);
    }
}
END_TEST

START_TEST(kinds_are_found_by_their_names)
{
    for (size_t i = 0; i < DP_JOB_KIND_COUNT; i++) {
        const dp_job_kind_t *kind = &dp_job_kinds[i];

        ck_assert_ptr_eq(dp_job_kind_find(dp_slice_text(kind->name)), kind);
        ck_assert(kind->run != NULL && kind->version > 0);
        ck_assert(kind->max_attempts > 0);
    }

    ck_assert_ptr_null(dp_job_kind_find(DP_SLICE("job")));
    ck_assert_ptr_null(dp_job_kind_find(DP_SLICE("")));
}
END_TEST

START_TEST(what_a_worker_knows_is_an_object_of_versions)
{
    char        text[DP_JOB_KINDS_TEXT_SIZE];
    dp_writer_t out = dp_writer(text, sizeof(text));

    dp_job_kinds_render(&out);
    ck_assert(!out.failed);
    ck_assert(memmem(text, dp_written(&out).len, "\"job.prune\":1", 13) != NULL);
    ck_assert_int_eq(text[0], '{');
    ck_assert_int_eq(text[dp_written(&out).len - 1], '}');
}
END_TEST

static dp_peers_t *peers;
static atomic_bool stopping;

/* Seats 0 and 1 hold claims; returns them as the database would. */
static dp_seats_t *
seats_with(dp_job_t jobs[2], dp_job_leases_t *claims)
{
    dp_seats_t *seats = dp_seats_create();

    peers = peers == NULL ? dp_peers_create() : peers;

    for (size_t i = 0; i < 2; i++) {
        jobs[i] = (dp_job_t) {
            .kind = &dp_job_kinds[0], .fence = 7 + i, .peers = peers,
            .stopping = &stopping,
        };
        memset(jobs[i].id, 'a', DP_JOB_ID_SIZE);
        dp_seat_take(seats, i, &jobs[i], 1000);
    }

    dp_seats_copy(seats, claims);
    ck_assert_uint_eq(claims->count, 2);

    return seats;
}

START_TEST(a_claim_that_was_not_renewed_is_lost)
{
    dp_job_t        jobs[2];
    dp_job_leases_t claims;
    dp_seats_t     *seats = seats_with(jobs, &claims);
    dp_job_leases_t leases = {.items = {claims.items[1]}, .count = 1};

    dp_seats_renewed(seats, &claims, &leases, 2000);
    ck_assert(!dp_job_may_go_on(&jobs[0]));
    ck_assert(dp_job_may_go_on(&jobs[1]));
    dp_seats_destroy(seats);
}
END_TEST

START_TEST(KS_02_a_switch_of_an_nginx_ends_it)
{
    dp_job_t         jobs[2];
    dp_job_leases_t  claims;
    dp_seats_t      *seats = seats_with(jobs, &claims);
    dp_wire_report_t report = {.instance = DP_SLICE("edge"), .pid = 7};

    report.directive = DP_KILL_AI;
    dp_peers_report(peers, DP_SLICE("route"), &report, 1);
    ck_assert(dp_job_may_go_on(&jobs[0]));
    report.directive = DP_KILL_BACKGROUND_JOBS;
    dp_peers_report(peers, DP_SLICE("route"), &report, 2);
    ck_assert(!dp_job_may_go_on(&jobs[0]));
    dp_peers_forget(peers, DP_SLICE("route"));
    ck_assert(dp_job_may_go_on(&jobs[0]));
    dp_seats_destroy(seats);
}
END_TEST

START_TEST(a_claim_made_meanwhile_is_not)
{
    dp_job_t        jobs[2];
    dp_job_leases_t claims;
    dp_seats_t     *seats = seats_with(jobs, &claims);
    dp_job_leases_t leases = {.items = {claims.items[1]}, .count = 1};

    dp_seat_leave(seats, 0);
    jobs[0].fence++;
    dp_seat_take(seats, 0, &jobs[0], 1500);
    dp_seats_renewed(seats, &claims, &leases, 2000);
    ck_assert(!atomic_load(jobs[0].lost));
    dp_seats_destroy(seats);
}
END_TEST

START_TEST(a_claim_is_doubted_when_it_was_not_renewed_for_long)
{
    dp_job_t        jobs[2];
    dp_job_leases_t claims;
    dp_seats_t     *seats = seats_with(jobs, &claims);
    dp_job_leases_t leases = {.items = {claims.items[0]}, .count = 1};

    dp_seats_doubt(seats, 1000);
    ck_assert(!atomic_load(jobs[0].lost));
    dp_seats_renewed(seats, &claims, &leases, 2000);
    dp_seats_doubt(seats, 1001);
    ck_assert(!atomic_load(jobs[0].lost));
    ck_assert(atomic_load(jobs[1].lost));
    dp_seat_leave(seats, 1);
    dp_seats_copy(seats, &claims);
    ck_assert_uint_eq(claims.count, 1);
    dp_seats_destroy(seats);
}
END_TEST

static bool
is_woken(int wake)
{
    return poll(&(struct pollfd) {.fd = wake, .events = POLLIN}, 1, 0) == 1;
}

START_TEST(INT_11_a_thread_is_woken_for_each_job)
{
    int wake = dp_wake_open();

    ck_assert(!is_woken(wake));
    dp_wake_jobs(0);
    ck_assert(!is_woken(wake));
    dp_wake_jobs(2);
    dp_wake_take(wake);
    ck_assert(is_woken(wake));
    dp_wake_take(wake);
    ck_assert(!is_woken(wake));
    dp_wake_take(wake);
    dp_wake_close(wake);
}
END_TEST

START_TEST(where_no_thread_runs_jobs_nobody_is_woken)
{
    int wake = dp_wake_open();

    dp_wake_close(wake);
    dp_wake_jobs(1);
    wake = dp_wake_open();
    ck_assert(!is_woken(wake));
    dp_wake_close(wake);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker jobs", delays_double_up_to_ten_minutes,
                    kinds_are_found_by_their_names,
                    what_a_worker_knows_is_an_object_of_versions,
                    a_claim_that_was_not_renewed_is_lost,
                    KS_02_a_switch_of_an_nginx_ends_it,
                    a_claim_made_meanwhile_is_not,
                    a_claim_is_doubted_when_it_was_not_renewed_for_long,
                    INT_11_a_thread_is_woken_for_each_job,
                    where_no_thread_runs_jobs_nobody_is_woken);
}
