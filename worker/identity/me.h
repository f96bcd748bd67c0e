/*
 * The caller, as getMe and updateMe show him.
 */

#ifndef DP_ME_H
#define DP_ME_H

#include "db/transaction.h"

/* The columns of a profile, of app.actor_profile() and its like. */
#define DP_ME_COLUMNS "id, email, display_name, row_version"

enum {
    DP_ME_ID,
    DP_ME_EMAIL,
    DP_ME_DISPLAY_NAME,
    DP_ME_VERSION,
};

/* Fills the reply: 200, with a name and version that may be other than the row's. */
void dp_me_reply(dp_op_t *op, dp_row_t row, dp_slice_t display_name,
                 int64_t version);

#endif /* DP_ME_H */
