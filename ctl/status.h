/*
 * nginx's own account of itself: the document of devpilot_status, fetched and
 * checked.
 */

#ifndef DP_CTL_STATUS_H
#define DP_CTL_STATUS_H

#include "dp_json_check.h"

#define DP_STATUS_SIZE (1024 * 1024) /* the largest document */
#define DP_STATUS_LIMIT_MS 3000

typedef struct {
    dp_json_t json;
    uint8_t  *text;
    size_t    len;
    char      fault[256]; /* why there is none */
} dp_status_t;

/*
 * Asks the unix socket, or the http: or https: URL, `where`.  False with
 * status->fault.  dp_status_free() releases it in either case.
 */
bool dp_status_load(dp_status_t *status, const char *where)
    __attribute__((warn_unused_result));

void dp_status_free(dp_status_t *status);

#endif /* DP_CTL_STATUS_H */
