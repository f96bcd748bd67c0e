/*
 * A wall clock that a test can step: loaded before libc, it adds the seconds
 * that the file CLOCK_STEP_FILE holds (an int64_t) to what libc says.  Clocks
 * that are no wall clock are left alone.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static const volatile int64_t *step_s;

__attribute__((constructor)) static void
step_map(void)
{
    static const int64_t none;

    const char *path = getenv("CLOCK_STEP_FILE");
    int         fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void       *file = MAP_FAILED;

    if (fd >= 0) {
        file = mmap(NULL, sizeof(*step_s), PROT_READ, MAP_SHARED, fd, 0);
    }

    step_s = file == MAP_FAILED ? &none : file;
}

int
gettimeofday(struct timeval *now, void *zone)
{
    static int (*libc)(struct timeval *, void *);
    int result;

    if (libc == NULL) {
        libc = dlsym(RTLD_NEXT, "gettimeofday");
    }

    result = libc(now, zone);
    now->tv_sec += *step_s;

    return result;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*libc)(clockid_t, struct timespec *);
    int result;

    if (libc == NULL) {
        libc = dlsym(RTLD_NEXT, "clock_gettime");
    }

    result = libc(clock, now);

    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        now->tv_sec += *step_s;
    }

    return result;
}
