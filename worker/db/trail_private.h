/*
 * What context.c and trip.c leave of a trail.  Private to this folder.
 */

#ifndef DP_TRAIL_PRIVATE_H
#define DP_TRAIL_PRIVATE_H

#include "context.h"

#define DP_TRAIL_NAME_SIZE 64 /* PostgreSQL's NAMEDATALEN */
#define DP_TRAIL_TEXT_SIZE 384

/*
 * The session's name during the transaction, as pg_stat_activity and %a in
 * log_line_prefix have it: the connection's, the request's id, and of its trace
 * id the last 16 digits, for which PostgreSQL has room.
 */
void dp_trail_name(char name[DP_TRAIL_NAME_SIZE], const dp_db_t *db,
                   const dp_context_t *context);

/*
 * `sql` with a comment as sqlcommenter writes it: action, requestid, traceparent.
 * False when there is to be none.
 */
bool dp_trail_comment(char text[DP_TRAIL_TEXT_SIZE], const char *sql,
                      const dp_context_t *context);

/* Logs the trip that began at the `first` step, if it was a slow one. */
void dp_trail_trip(const dp_db_t *db, unsigned first, uint64_t took_us);

#endif /* DP_TRAIL_PRIVATE_H */
