/*
 * The Link header of a page (RFC 8288): where the next one is.
 */

#ifndef DP_LINK_H
#define DP_LINK_H

#include "runtime/operation.h"

/*
 * Sets op->reply.link: the path that was asked for, with the page's limit and
 * the cursor behind which the next page begins.
 */
void dp_link_next(dp_op_t *op, unsigned limit, dp_slice_t cursor);

#endif /* DP_LINK_H */
