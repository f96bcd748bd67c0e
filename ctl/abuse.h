/*
 * devpilotctl abuse list and show: whom nginx slows down or blocks, and why.
 */

#ifndef DP_CTL_ABUSE_H
#define DP_CTL_ABUSE_H

#include "options.h"

/* Prints every subject above NORMAL, worst first.  Returns the exit code. */
int dp_abuse_list(const dp_ctl_options_t *options);

/* Prints one of them; 1 when nothing is held against it. */
int dp_abuse_show(const dp_ctl_options_t *options);

#endif /* DP_CTL_ABUSE_H */
