/*
 * A semaphore of the process in an eventfd, since job threads wait in poll().
 */

#include "wake.h"

#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* -1: no thread of this process runs jobs */
static atomic_int opened = -1;

int
dp_wake_open(void)
{
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);

    atomic_store(&opened, wake);

    return wake;
}

void
dp_wake_close(int wake)
{
    if (wake >= 0) {
        atomic_store(&opened, -1);
        close(wake);
    }
}

void
dp_wake_jobs(unsigned count)
{
    int wake = atomic_load(&opened);

    if (count != 0 && wake >= 0) {
        eventfd_write(wake, count);
    }
}

void
dp_wake_take(int wake)
{
    eventfd_t one;

    /* another thread may have been faster */
    (void) eventfd_read(wake, &one);
}
