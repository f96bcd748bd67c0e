/*
 * devpilotctl doctor: looks at nginx, its module and its worker, says what is
 * wrong and how to mend it.
 */

#ifndef DP_CTL_DOCTOR_H
#define DP_CTL_DOCTOR_H

#include "options.h"

/*
 * Prints a row for each check.  Returns 0, 1 when there is a problem, or
 * EX_UNAVAILABLE when neither nginx nor the worker answers.
 */
int dp_doctor(const dp_ctl_options_t *options);

#endif /* DP_CTL_DOCTOR_H */
