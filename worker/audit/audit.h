/*
 * The audit trail among the files of this folder: rows of events and seals, and how
 * they are shown.  Writing an event is policy/audit.h.
 */

#ifndef DP_AUDIT_AREA_H
#define DP_AUDIT_AREA_H

#include "db/row.h"
#include "dp_audit_chain.h"
#include "dp_json_out.h"

/* Seals have so many events at most, so that a page of an export can hold one. */
#define DP_AUDIT_SEAL_EVENTS 500

/* --- rows: rows.c ------------------------------------------------------------ */

/* The columns of an event, of dp.audit_event e and dp.audit_detail d, from `first` on. */
#define DP_AUDIT_EVENT_COLUMNS                                               \
    "e.id, e.chain_id, e.org_id, e.at, e.actor_type, e.actor_id,"            \
    " e.credential_id, e.action, e.target_type, e.target_id, e.outcome,"     \
    " e.code, e.request_id, e.trace_id, e.detail_hash, e.leaf_hash,"         \
    " d.salt, d.detail"

enum { DP_AUDIT_EVENT_COLUMN_COUNT = DP_AUDIT_FIELDS + 3 };

/* Those of a seal, of dp.audit_seal s. */
#define DP_AUDIT_SEAL_COLUMNS                                               \
    "s.chain_id, s.no, s.leaf_count, s.at, s.root, s.previous, s.hash,"     \
    " s.mac, s.key_id"

enum { DP_AUDIT_SEAL_COLUMN_COUNT = 9 };

/* An event as its row has it; `at` is where the time's bytes are put. */
dp_audit_event_t dp_audit_event_row(dp_row_t row, int first, uint8_t at[8]);

dp_audit_seal_t dp_audit_seal_row(dp_row_t row, int first);

/* A hash of 32 bytes. */
dp_hash_t dp_audit_hash(dp_row_t row, int column);

/* --- JSON: json.c ------------------------------------------------------------ */

/* Room for dp_audit_event_members(). */
size_t dp_audit_event_size(const dp_audit_event_t *event);

/* Writes the members of an event, without braces: its fields and its leaf hash. */
void dp_audit_event_members(dp_writer_t *writer, const dp_audit_event_t *event);

#define DP_AUDIT_SEAL_JSON_SIZE 640

/* Likewise of a seal. */
void dp_audit_seal_members(dp_writer_t *writer, const dp_audit_seal_t *seal);

/* A quoted hash in hexadecimal. */
void dp_audit_hash_write(dp_writer_t *writer, const dp_hash_t *hash);

/* --- walking a chain: walk.c ------------------------------------------------- */

/*
 * Rows of seals, each with its events in the order of their leaves; a seal whose
 * events are not kept any more has one row, without an event.
 */
#define DP_AUDIT_WALK_SQL(condition)                                          \
    "with floor as materialized (select app.audit_floor() as seq),"           \
    "     page as materialized ("                                             \
    "         select s.*, sum(s.leaf_count) over (order by s.no) as total"    \
    "           from dp.audit_seal s"                                         \
    "          where " condition                                              \
    "            and s.no > $1"                                               \
    "          order by s.no"                                                 \
    "          limit $2)"                                                     \
    " select " DP_AUDIT_SEAL_COLUMNS ", m.seq is not null, m.seq,"            \
    "       " DP_AUDIT_EVENT_COLUMNS                                          \
    "   from page s"                                                          \
    "  cross join floor f"                                                    \
    "   left join lateral unnest(s.seqs) with ordinality m (seq, place)"      \
    "     on s.first_seq >= f.seq"                                            \
    "   left join dp.audit_event e on e.seq = m.seq"                          \
    "   left join dp.audit_detail d on d.seq = m.seq"                         \
    "  where s.total - s.leaf_count < $2"                                     \
    "  order by s.no, m.place"

enum {
    DP_AUDIT_WALK_RETAINED = DP_AUDIT_SEAL_COLUMN_COUNT,
    DP_AUDIT_WALK_SEQ,
    DP_AUDIT_WALK_EVENT,
};

typedef struct {
    dp_audit_check_t check;
    uint64_t         pruned; /* seals whose events are not kept any more */
    dp_audit_fault_t fault;
    uint64_t         fault_seal; /* its number */
    int64_t          fault_seq;  /* of the event; -1: it is the seal's */
    uint8_t          fault_event[DP_ID_SIZE];
} dp_audit_walk_t;

/*
 * Begins behind seal `no` with its hash.  False when OpenSSL refuses; to be closed in
 * either case.
 */
bool dp_audit_walk_open(dp_audit_walk_t *walk, const uint8_t *chain_id,
                        uint64_t no, const dp_hash_t *hash)
    __attribute__((warn_unused_result));
void dp_audit_walk_close(dp_audit_walk_t *walk);

/* Checks the rows of a DP_AUDIT_WALK_SQL; false when it has found a fault. */
bool dp_audit_walk_rows(dp_audit_walk_t *walk, dp_row_t rows);

/* The first fault as JSON, or null: {"seal", "eventId", "fault", "message"}. */
void dp_audit_walk_write(dp_writer_t *writer, const dp_audit_walk_t *walk);

#define DP_AUDIT_WALK_JSON_SIZE 384

#endif /* DP_AUDIT_AREA_H */
