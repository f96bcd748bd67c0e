/*
 * Refusals by the contract, for the stages that judge a part of a request.
 */

#ifndef NGX_HTTP_DEVPILOT_VALIDATE_H
#define NGX_HTTP_DEVPILOT_VALIDATE_H

#include "dp_contract.h"
#include "ngx_http_devpilot.h"

/*
 * Refuses with what the verdict says, which is not DP_OK.  Returns what a stage
 * returns.
 */
ngx_int_t ngx_http_devpilot_refuse_verdict(ngx_http_request_t *r,
                                           const dp_verdict_t *verdict);

#endif /* NGX_HTTP_DEVPILOT_VALIDATE_H */
