/*
 * The hook for a CAPTCHA: what the client's gave is shown to whoever made it.
 */

#ifndef DP_CAPTCHA_H
#define DP_CAPTCHA_H

#include "runtime/operation.h"
#include "settings.h"

/*
 * Takes over the settings and reads captcha_secret_file; called once, by main,
 * before any thread.  NULL, or a sentence that says what is wrong.
 */
const char *dp_captcha_open(const dp_settings_t *settings)
    __attribute__((warn_unused_result));

/*
 * True when it was solved, or none is configured.  False after dp_op_fail():
 * AUTH_CAPTCHA_INVALID, or its maker cannot be asked.  Before any transaction.
 */
bool dp_captcha_check(dp_op_t *op, dp_slice_t token)
    __attribute__((warn_unused_result));

#endif /* DP_CAPTCHA_H */
