/*
 * A second factor for who makes an account by hand.
 */

#ifndef DP_FACTOR_NEW_H
#define DP_FACTOR_NEW_H

#include <stdio.h>

/*
 * Prints a line: an id for dp.mfa_factor, a new secret in base32, and the same
 * sealed for that id in hexadecimal.  The master key is loaded by now.
 */
void dp_factor_print_new(FILE *out);

#endif /* DP_FACTOR_NEW_H */
