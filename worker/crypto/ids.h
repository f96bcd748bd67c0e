/*
 * Ids for new rows.
 *
 * Random ones, unless tests asked for ids that come out the same in every run.
 * Those follow from the id of the request that makes the row, so neither the
 * order in which threads run nor a restart of the worker matters.
 */

#ifndef DP_IDS_H
#define DP_IDS_H

#include <stddef.h>
#include <stdint.h>

#include "dp_principal.h"

/* From now on ids follow from requests; called by main, before any thread. */
void dp_ids_follow_requests(void);

/*
 * `count` UUIDs (version 4), one behind the other: all that the request makes, so
 * an operation calls this once.  A second try gets other ids only when they are
 * random.
 */
void dp_ids_make(uint8_t (*ids)[DP_ID_SIZE], size_t count,
                 const uint8_t *request_id);

#endif /* DP_IDS_H */
