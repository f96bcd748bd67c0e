/*
 * The messages between edge and worker, and their one codec.
 *
 * A message is one ZeroMQ frame: a header of 16 bytes, then fields.
 *
 *     0   'D' 'P'        magic
 *     2   u8             version of the header, 1
 *     3   u8             kind, dp_wire_kind_t
 *     4   u32            reserved, 0
 *     8   u64            correlation, chosen by the asker, echoed by the reply
 *    16   fields         u16 tag, u32 length, value
 *
 * Integers are big-endian.  A field that is zero or empty is left out.  Unknown
 * tags are skipped, so that edge and worker can be upgraded one after the
 * other; a tag that comes twice, a value of a wrong length, a required field
 * that is missing and leftover bytes are errors.  Every message is a struct
 * and a table of its fields; the encoder and the decoder walk that table.
 *
 * Nothing here allocates or logs; decoded slices borrow from the frame.
 */

#ifndef DP_WIRE_H
#define DP_WIRE_H

#include "dp_abuse_event.h"
#include "dp_bytes.h"
#include "dp_principal.h"

#define DP_WIRE_VERSION 1
#define DP_WIRE_HEADER_SIZE 16
#define DP_WIRE_FIELD_OVERHEAD 6
#define DP_WIRE_PARAMS 4
#define DP_WIRE_USER_AGENT 256

/* No time in microseconds since 1970 that is meant goes beyond the year 9999. */
#define DP_WIRE_TIME_MAX_US UINT64_C(253402300799000000)

typedef enum {
    DP_WIRE_REQUEST = 1,      /* edge: run an operation */
    DP_WIRE_REPLY = 2,        /* worker: its outcome */
    DP_WIRE_AUTHENTICATE = 3, /* edge: whose credential is this? */
    DP_WIRE_PRINCIPAL = 4,    /* worker: the principal, or none */
    DP_WIRE_MEASURE = 5,      /* edge: your metrics and state */
    DP_WIRE_MEASURES = 6,     /* worker: text, and the database */
    DP_WIRE_CONTROL = 7,      /* worker, unasked: the control state */
    DP_WIRE_REPORT = 8,       /* edge: where it stands; subscribes to that */
    DP_WIRE_COMMAND = 9,      /* devpilotctl, see dp_command.h */
    DP_WIRE_OUTCOME = 10,     /* worker: what became of it */
    DP_WIRE_EVENTS = 11,      /* edge: what is to be in the audit trail */
    DP_WIRE_EVENTS_STORED = 12, /* worker: it is there */
    DP_WIRE_EVENT = 13,       /* one of these events, on its own */
} dp_wire_kind_t;

/* Messages that nobody asked for and nobody replies to. */
#define DP_WIRE_UNASKED 0 /* their correlation */

typedef struct {
    uint8_t  version;
    uint8_t  kind;
    uint64_t correlation;
} dp_wire_header_t;

/* Flags of a request. */
#define DP_WIRE_SECURE (1u << 0) /* it came over TLS */

/* DP_WIRE_REQUEST */
typedef struct {
    dp_slice_t     operation; /* operationId; required */
    uint8_t        request_id[DP_ID_SIZE];
    uint8_t        trace_id[16];
    uint8_t        span_id[8]; /* the edge's span: the worker's parent */
    uint16_t       trace_flags;
    uint64_t       deadline_us; /* microseconds since 1970, absolute */
    uint32_t       switches;    /* kill switches on at the edge, DP_KILL_* */
    dp_principal_t principal;
    dp_slice_t     params[DP_WIRE_PARAMS]; /* of the path, decoded, in order */
    dp_slice_t     query;                  /* raw, without '?' */
    dp_slice_t     idempotency_key;
    dp_slice_t     if_match;
    dp_slice_t     client_address; /* text, after realip */
    uint16_t       flags;          /* DP_WIRE_SECURE */
    dp_slice_t     device;         /* the device's cookie */
    dp_slice_t     user_agent;     /* its first DP_WIRE_USER_AGENT bytes */
    dp_slice_t     authorization; /* the header, where the body is a form */
    dp_slice_t     body;
} dp_wire_request_t;

/* DP_WIRE_REPLY.  An error has `code`; the edge renders its envelope. */
typedef struct {
    uint16_t   status;       /* HTTP */
    uint16_t   replayed;     /* 1: a stored response */
    uint32_t   retry_after_s; /* instead of the row's; 0: the row's */
    dp_slice_t code;         /* name of a row of dp_errors.def */
    dp_slice_t causes;       /* names, separated by commas, outermost first */
    dp_slice_t message;      /* instead of the row's; may be empty */
    dp_slice_t hint;         /* likewise */
    dp_slice_t details;      /* a JSON object, or empty */
    dp_slice_t context;      /* a JSON object, or empty */
    dp_slice_t content_type; /* empty: application/json */
    dp_slice_t location;
    dp_slice_t etag;
    dp_slice_t link;
    dp_slice_t cookies; /* values of Set-Cookie, a line feed between them */
    dp_slice_t body;
} dp_wire_reply_t;

typedef enum {
    DP_WIRE_ASK_API_KEY,  /* by prefix and digest */
    DP_WIRE_ASK_COOKIE,   /* a session's, by its digest */
    DP_WIRE_ASK_TOKEN,    /* of ours and verified: does `principal` still hold? */
    DP_WIRE_ASK_EXTERNAL, /* a foreign issuer's, verified: by issuer and subject */
} dp_wire_ask_t;

/* DP_WIRE_AUTHENTICATE: never the credential itself */
typedef struct {
    uint8_t        request_id[DP_ID_SIZE];
    uint64_t       deadline_us;
    uint16_t       kind;   /* dp_wire_ask_t */
    dp_slice_t     prefix; /* the 8 characters after "dp_" */
    dp_slice_t     digest; /* SHA-256 of the whole credential, 32 bytes */
    dp_principal_t principal;
    dp_slice_t     issuer;
    dp_slice_t     subject;
} dp_wire_authenticate_t;

/* DP_WIRE_PRINCIPAL.  Also a refused credential's, when there is such a one. */
typedef struct {
    dp_slice_t     code;   /* empty: valid */
    dp_slice_t     causes; /* as in a reply */
    dp_principal_t principal;
    uint64_t       expires_us; /* of the credential; 0: never */
    uint64_t       scopes; /* bits of dp_scopes[], all when not confined */
    uint16_t       plan;   /* its rank */
    uint64_t       generation; /* of the control state it was read at */
} dp_wire_principal_t;

typedef enum {
    DP_WIRE_PROMETHEUS, /* text 0.0.4 */
    DP_WIRE_NO_TEXT,
} dp_wire_format_t;

/* DP_WIRE_MEASURE */
typedef struct {
    uint16_t format; /* dp_wire_format_t */
} dp_wire_measure_t;

/* What the worker saw when it last looked. */
typedef enum {
    DP_WIRE_DATABASE_UNKNOWN,
    DP_WIRE_DATABASE_OK,
    DP_WIRE_DATABASE_FOREIGN, /* its schema is not the one we go with */
    DP_WIRE_DATABASE_DOWN,
} dp_wire_database_t;

/* DP_WIRE_MEASURES */
typedef struct {
    dp_slice_t text;        /* in the format that was asked for */
    uint16_t   database;    /* dp_wire_database_t */
    uint64_t   database_us; /* how long it took to answer */
} dp_wire_measures_t;

/*
 * DP_WIRE_CONTROL: state, not news.  What it says of the database is a function
 * of `generation`; a receiver takes nothing from one of an older generation.
 */
typedef struct {
    uint64_t   generation;
    uint64_t   read_us;     /* when it was read: CLOCK_MONOTONIC, which edge and
                               worker share */
    uint64_t   floor;       /* what was read before is to be read again */
    uint32_t   switches;    /* on in the database, DP_KILL_* */
    uint32_t   environment; /* on in this worker's environment */
    dp_slice_t revocations; /* since the generation that the edge reported */
    dp_slice_t plans;
    dp_slice_t blocks;  /* since that generation */
    dp_slice_t keys;    /* that tokens are verified with */
    dp_slice_t issuers; /* whose tokens are taken; all in the form of dp_control.h */
} dp_wire_control_t;

/* DP_WIRE_REPORT */
typedef struct {
    dp_slice_t instance;    /* name of the nginx; required */
    uint32_t   pid;         /* of the nginx process; required */
    uint64_t   generation;  /* applied; 0: none */
    uint32_t   directive;   /* switches on by each source, DP_KILL_* */
    uint32_t   environment; /* nginx's own */
    uint32_t   file;
    dp_slice_t pending;     /* writes under way: a u32 for each switch */
    uint16_t   draining;    /* 1: the process is ending */
    uint32_t   file_owner;  /* user id of the file of switches */
    dp_slice_t file_text;   /* that file while it has switches on */
} dp_wire_report_t;

/* DP_WIRE_EVENTS */
typedef struct {
    dp_slice_t instance;    /* name of the nginx; required */
    uint64_t   deadline_us;
    dp_slice_t events; /* messages of dp_wire_event, each behind its u16 length */
} dp_wire_events_t;

/* DP_WIRE_EVENTS_STORED: each is stored, now or before, unless there is a code. */
typedef struct {
    dp_slice_t code;
} dp_wire_events_stored_t;

typedef struct dp_wire_spec_s dp_wire_spec_t;

extern const dp_wire_spec_t dp_wire_request;
extern const dp_wire_spec_t dp_wire_reply;
extern const dp_wire_spec_t dp_wire_authenticate;
extern const dp_wire_spec_t dp_wire_principal;
extern const dp_wire_spec_t dp_wire_measure;
extern const dp_wire_spec_t dp_wire_measures;
extern const dp_wire_spec_t dp_wire_control;
extern const dp_wire_spec_t dp_wire_report;
extern const dp_wire_spec_t dp_wire_events;
extern const dp_wire_spec_t dp_wire_events_stored;
extern const dp_wire_spec_t dp_wire_event; /* of dp_abuse_event_t */

/* The dp_wire_kind_t of the spec's messages. */
uint8_t dp_wire_kind(const dp_wire_spec_t *spec);

/* Bytes that dp_wire_encode() will write for this message. */
size_t dp_wire_size(const dp_wire_spec_t *spec, const void *message);

/*
 * Writes header and fields to `buffer`.  Returns the bytes written, or 0 when
 * `capacity` does not suffice.
 */
size_t dp_wire_encode(const dp_wire_spec_t *spec, uint64_t correlation,
                      const void *message, void *buffer, size_t capacity);

/*
 * Reads the header; `fields` receives the rest.  False when the frame is too
 * short, or its magic, version or reserved bytes are not ours.
 */
bool dp_wire_open(dp_slice_t frame, dp_wire_header_t *header,
                  dp_slice_t *fields) __attribute__((warn_unused_result));

/* Reads fields into `message`, which is cleared first.  False: malformed. */
bool dp_wire_decode(const dp_wire_spec_t *spec, dp_slice_t fields,
                    void *message) __attribute__((warn_unused_result));

#endif /* DP_WIRE_H */
