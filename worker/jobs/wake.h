/*
 * Waking this worker's job threads when a transaction of its own has queued jobs.
 *
 * Other workers find such a job when they look for one by themselves
 * (job_poll_interval): a NOTIFY in every transaction would make COMMITs wait for
 * each other.  A wake that nobody hears loses no time but that interval.
 */

#ifndef DP_WAKE_H
#define DP_WAKE_H

/*
 * From now on, until dp_wake_close(), jobs are woken for: a descriptor that is
 * readable as long as there are any that no thread took.  -1 with errno: it
 * cannot be opened.
 */
int  dp_wake_open(void);
void dp_wake_close(int wake);

/* `count` jobs were queued and committed; any thread may say so. */
void dp_wake_jobs(unsigned count);

/* Takes one of them, if there is one: the caller looks for a job now. */
void dp_wake_take(int wake);

#endif /* DP_WAKE_H */
