/*
 * Signals as events of the router's loop: every thread blocks them, and a
 * descriptor delivers them one by one.
 */

#ifndef DP_SIGNALS_H
#define DP_SIGNALS_H

/*
 * Blocks TERM, INT, HUP and USR1 for this thread and those it starts, and
 * ignores PIPE.  Returns the descriptor, or -1 with errno.  To be called before
 * any thread is started.
 */
int dp_signals_open(void) __attribute__((warn_unused_result));

/* The number of the next pending signal; 0: none. */
int dp_signals_next(int fd);

#endif /* DP_SIGNALS_H */
