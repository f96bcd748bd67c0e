/*
 * Signals through a signalfd.
 */

#include "signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

int
dp_signals_open(void)
{
    sigset_t handled;

    sigemptyset(&handled);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGHUP);
    sigaddset(&handled, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &handled, NULL);
    signal(SIGPIPE, SIG_IGN);

    return signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
dp_signals_next(int fd)
{
    struct signalfd_siginfo signal_info;

    if (read(fd, &signal_info, sizeof(signal_info)) != sizeof(signal_info)) {
        return 0;
    }

    return (int) signal_info.ssi_signo;
}
