/*
 * One look at the kill switches: what each source says, what every nginx
 * process reported, and what became of each switch.
 *
 * Reports are copied before the database is asked: a lock that is free
 * afterwards proves what it is taken for.  Without the database all that can
 * be known is there, and `database` is false.
 */

#ifndef DP_SURVEY_H
#define DP_SURVEY_H

#include "db/db.h"
#include "control/peers.h"

#define DP_ACTOR_SIZE 65
#define DP_SEEN_MAX 256
#define DP_INSTANCE_SIZE 128 /* also for a worker's address */

/*
 * A switch is engaged while an nginx process has not heard of it, draining
 * while a write of its class is under way, then effective.  One that only some
 * instances have on by themselves is partial.
 */
typedef enum {
    DP_SWITCH_OFF,
    DP_SWITCH_PARTIAL,
    DP_SWITCH_ENGAGED,
    DP_SWITCH_DRAINING,
    DP_SWITCH_EFFECTIVE,
} dp_switch_state_t;

/* A row of dp.kill_switch; times in microseconds since 1970, 0: none. */
typedef struct {
    bool     enabled;
    bool     drained; /* no transaction is left behind its gate */
    int64_t  epoch;
    uint64_t set_us;
    uint64_t expires_us;
    char     actor[DP_ACTOR_SIZE];
    char     reason[DP_KILL_REASON_MAX + 1];
} dp_switch_row_t;

/* Since when an instance has a switch on, as the database has it. */
typedef struct {
    char             instance[DP_INSTANCE_SIZE];
    dp_kill_source_t source;
    unsigned         bit;
    uint64_t         since_us;
} dp_seen_t;

typedef struct {
    bool            database;   /* it answered */
    uint64_t        generation; /* its; 0 when it did not answer */
    uint64_t        now_us;     /* CLOCK_MONOTONIC, when peers were copied */
    dp_switch_row_t rows[DP_KILL_SWITCH_COUNT]; /* by bit */
    uint32_t        own;        /* of this worker's setting */
    uint64_t        writes[DP_KILL_SWITCH_COUNT]; /* with this worker, by bit */
    const char     *address;    /* of this worker, its name as an instance */
    size_t          seen_count;
    dp_seen_t       seen[DP_SEEN_MAX];
    size_t          peer_count;
    dp_peer_t     peers[DP_PEERS_MAX];
} dp_survey_t;

/* Looks, for at most `timeout_us`. */
void dp_survey_make(dp_survey_t *survey, dp_peers_t *peers, dp_db_t *db,
                    uint64_t timeout_us);

/* The state of a switch, with regard to all sources. */
dp_switch_state_t dp_survey_state(const dp_survey_t *survey, unsigned bit);

/* "off", "partial", "engaged", "draining", "effective" */
const char *dp_switch_state_name(dp_switch_state_t state);

/*
 * Writes of the class that are with workers: over all nginx processes, or those
 * of this worker where more of them are left, from a process that was killed.
 */
uint64_t dp_survey_pending(const dp_survey_t *survey, unsigned bit);

/* Whether every nginx process has applied this generation. */
bool dp_survey_reached(const dp_survey_t *survey, uint64_t generation);

/* Whether anything but the database has the switch on. */
bool dp_survey_held(const dp_survey_t *survey, unsigned bit);

/* Since when a source of an instance has a switch on; 0: not known. */
uint64_t dp_survey_since_us(const dp_survey_t *survey, const char *instance,
                            dp_kill_source_t source, unsigned bit);

/* Whether it is the first process of its instance; the others follow it. */
bool dp_survey_first(const dp_survey_t *survey, size_t peer);

/* Where a survey is written: text for a terminal, or one JSON document. */
void dp_survey_text(const dp_survey_t *survey, bool color, dp_writer_t *out);
void dp_survey_json(const dp_survey_t *survey, dp_writer_t *out);

/* The reason that a process's source gives for a switch; empty: none. */
dp_slice_t dp_peer_reason(const dp_peer_t *peer, dp_kill_source_t source,
                            unsigned bit);

#endif /* DP_SURVEY_H */
